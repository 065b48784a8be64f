import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { FilePool } from "./file_pool.ts";
import { ownUid, PrivateDir } from "./ownership.ts";
import { modeAt, namesIn, test } from "../testing/trees.ts";

test("PrivateDir passes over names that are taken, links too, and ends in the end", (dir) => {
  const uid = ownUid(dir);
  Deno.mkdirSync(`${dir}/victim`);
  Deno.symlinkSync("victim", `${dir}/link`);
  Deno.writeTextFileSync(`${dir}/file`, "");
  const names = ["link", "file", "victim", "free"].map((name) =>
    `${dir}/${name}`
  );
  const root = PrivateDir.create(() => names.shift() ?? "", uid);
  assertEquals(root.path, `${dir}/free`);
  assertEquals(modeAt(root.path), 0o700);
  assertThrows(
    () => PrivateDir.create(() => `${dir}/link`, uid),
    IoError,
    "no free name",
  );
  assertEquals(namesIn(`${dir}/victim`), []);
});

test("PrivateDir notices that another directory or a link was put in its place", (dir) => {
  const root = PrivateDir.create(() => `${dir}/root`, ownUid(dir));
  root.verify();
  Deno.renameSync(`${dir}/root`, `${dir}/moved`);
  const refused = () =>
    assertThrows(() => root.verify(), IoError, "not the directory that was");
  refused();
  Deno.symlinkSync("moved", `${dir}/root`);
  refused();
  Deno.removeSync(`${dir}/root`);
  Deno.mkdirSync(`${dir}/root`);
  refused();
});

test("ownUid leaves nothing behind", (dir) => {
  ownUid(dir);
  assertEquals(namesIn(dir), []);
  assertThrows(
    () => ownUid(`${dir}/none`),
    IoError,
    "create a file in",
  );
});

test("FilePool notices that a file it opens again is another", (dir) => {
  const pool = new FilePool(1);
  pool.get(0, `${dir}/a`);
  pool.get(1, `${dir}/b`);
  Deno.renameSync(`${dir}/a`, `${dir}/moved`);
  Deno.symlinkSync("b", `${dir}/a`);
  assertThrows(
    () => pool.get(0, `${dir}/a`),
    IoError,
    "not the file that was made",
  );
  pool.closeAll();
});
