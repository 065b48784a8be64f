import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { FilePool } from "./file_pool.ts";
import { modeToKeep, PrivateDir } from "./ownership.ts";
import { fileSystemOf, modeAt, namesIn, test } from "../testing/trees.ts";

/** A file that is made new. */
const NEW = { isPrivate: true, isThere: false };

test("PrivateDir refuses a name that is taken, by a link too, and follows none", (dir) => {
  const fs = fileSystemOf(dir);
  Deno.mkdirSync(`${dir}/victim`);
  Deno.symlinkSync("victim", `${dir}/link`);
  Deno.symlinkSync("nothing", `${dir}/dangling`);
  Deno.writeTextFileSync(`${dir}/file`, "");
  for (const name of ["link", "dangling", "file", "victim"]) {
    const path = `${dir}/${name}`;
    const error = assertThrows(
      () => PrivateDir.create(path, fs),
      IoError,
      "was not made by an earlier run",
    );
    assertEquals(error.fields.path, path);
  }
  const root = PrivateDir.create(`${dir}/free`, fs);
  assertEquals(modeAt(root.path), 0o700);
  assertEquals(namesIn(`${dir}/victim`), []);
});

test("PrivateDir notices that another directory or a link was put in its place", (dir) => {
  const root = PrivateDir.create(`${dir}/root`, fileSystemOf(dir));
  root.verify();
  Deno.renameSync(`${dir}/root`, `${dir}/moved`);
  const refused = (said = "not the directory that was") =>
    assertThrows(() => root.verify(), IoError, said);
  refused("is no longer there");
  Deno.symlinkSync("moved", `${dir}/root`);
  refused();
  Deno.removeSync(`${dir}/root`);
  Deno.mkdirSync(`${dir}/root`);
  refused();
});

Deno.test("modeToKeep gives another group what everybody has, and set-id bits to none", () => {
  assertEquals(modeToKeep(0o2775, true), 0o2775);
  assertEquals(modeToKeep(0o640, false), 0o600);
  assertEquals(modeToKeep(0o664, false), 0o644);
  assertEquals(modeToKeep(0o6755, false), 0o755);
  assertEquals(modeToKeep(0o1777, false), 0o1777);
  assertEquals(modeToKeep(0o705, false), 0o705);
});

test("FilePool notices that a file it opens again is another", (dir) => {
  const pool = new FilePool(1, true);
  pool.get(0, `${dir}/a`, NEW);
  pool.get(1, `${dir}/b`, NEW);
  Deno.renameSync(`${dir}/a`, `${dir}/moved`);
  Deno.symlinkSync("b", `${dir}/a`);
  assertThrows(
    () => pool.get(0, `${dir}/a`, NEW),
    IoError,
    "not the file that was made",
  );
  pool.closeAll();
});
