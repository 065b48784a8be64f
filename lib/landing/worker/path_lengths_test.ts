import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { landTree, test, type TreeItems } from "../testing/trees.ts";
import { checkPathLengths } from "./path_lengths.ts";
import { splitTarget } from "./target.ts";

const LINUX = Deno.build.os === "linux";

Deno.test("checkPathLengths refuses what no call takes, with the path", () => {
  if (!LINUX) return;
  const target = splitTarget("/t/tree");
  const room = 4095 - "/t/.tree.fetch_0123456789abcdef/".length;
  checkPathLengths(target, "é".repeat(room / 2 | 0));
  const error = assertThrows(
    () => checkPathLengths(target, "x".repeat(room + 1)),
    IoError,
    "the path has 4096 bytes, and the system takes 4095",
  );
  assertEquals(error.fields.path, "x".repeat(room + 1));
});

/** A path of so many directories, and a file. */
function deepItems(depth: number): TreeItems {
  return [[`${"d/".repeat(depth)}f`, { file: "deep" }]];
}

test("a tree as deep as paths can be is made, replaced and removed", async (dir) => {
  if (!LINUX) return;
  const out = `${dir}/tree`;
  const depth = (4095 - `${out}.fetch_0123456789abcdef/.f`.length) >> 1;
  for (const text of ["first", "second"]) {
    const items = deepItems(depth);
    await landTree(out, [...items, ["top", { file: text }]]);
    const file = Deno.readTextFileSync(`${out}/${items[0][0]}`);
    assertEquals([file, Deno.readTextFileSync(`${out}/top`)], ["deep", text]);
  }
  await landTree(out, [["only", { file: "x" }]]);
  const names = Array.from(Deno.readDirSync(dir), ({ name }) => name);
  assertEquals(names, ["tree"], "nothing of the deep trees is left");
});

test("a tree that is too deep for its target is refused before anything is made", async (dir) => {
  if (!LINUX) return;
  const error = await landTree(`${dir}/new/tree`, deepItems(2040))
    .catch((error) => error);
  assertEquals(error instanceof IoError, true, String(error));
  assertEquals([...Deno.readDirSync(dir)], []);
});

test("a target may have the longest name there is", async (dir) => {
  const name = "n".repeat(255);
  for (const text of ["first", "second"]) {
    await landTree(`${dir}/${name}`, [["f", { file: text }]]);
    assertEquals(Deno.readTextFileSync(`${dir}/${name}/f`), text);
  }
  assertEquals(Array.from(Deno.readDirSync(dir), (e) => e.name), [name]);
});
