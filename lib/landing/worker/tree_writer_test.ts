import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ExistsError, IoError } from "../../errors.ts";
import { manifestOf, namesIn, test, type TreeItems } from "../testing/trees.ts";
import { splitTarget } from "./target.ts";
import { TreeWriter } from "./tree_writer.ts";
import type { TreeRequest } from "./worker_protocol.ts";

const ITEMS: TreeItems = [["d", { dir: true }], ["d/l", { link: "x" }]];

/** A tree about to be landed as `t` in a directory. */
function create(
  parent: string,
  options: Partial<TreeRequest> = {},
): Promise<TreeWriter> {
  return TreeWriter.create({
    install: "rename",
    isVolume: false,
    target: splitTarget(`${parent}/t`),
    manifest: manifestOf(ITEMS),
    fsync: false,
    preserveSetid: false,
    replace: true,
    links: "keep",
    canLink: true,
    perms: true,
    sparse: true,
    resume: true,
    clean: false,
    volume: "local",
    machine: "",
    ...options,
  });
}

test("the tree is ready once its links are made, and nothing else stays", async (dir) => {
  const writer = await create(dir, { fsync: true });
  const { root, links } = writer.seal();
  assertEquals(links, [{ path: "d/l", target: "x" }]);
  Deno.symlinkSync("x", `${root}/d/l`);
  writer.prepare();
  assertEquals(writer.install(), { warnings: [] });
  assertEquals(writer.hasRemovals, false);
  writer.end();
  assertEquals(namesIn(dir), ["t"]);
  assertEquals(Deno.readLinkSync(`${dir}/t/d/l`), "x");
  writer.abort(false);
  assertEquals(namesIn(`${dir}/t/d`), ["l"]);
});

test("a tree whose links are others, or missing, is not installed", async (dir) => {
  Deno.mkdirSync(`${dir}/t`);
  for (const planted of ["/etc/passwd", "xx", undefined]) {
    const writer = await create(dir);
    const { root } = writer.seal();
    if (planted !== undefined) Deno.symlinkSync(planted, `${root}/d/l`);
    assertThrows(() => writer.prepare(), IoError, "d/l");
    writer.abort(false);
    assertEquals(namesIn(dir), ["t"]);
    assertEquals(namesIn(`${dir}/t`), []);
  }
});

test("what appears at the target meanwhile is not replaced when nothing may be", async (dir) => {
  const writer = await create(dir, { replace: false });
  const { root } = writer.seal();
  Deno.symlinkSync("x", `${root}/d/l`);
  Deno.writeTextFileSync(`${dir}/t`, "precious");
  writer.prepare();
  assertThrows(() => writer.install(), ExistsError, "may not be replaced");
  writer.abort(false);
  assertEquals(namesIn(dir), ["t"]);
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "precious");
});

test("what somebody puts in the place of the temp tree is not installed", async (dir) => {
  const writer = await create(dir);
  const { root } = writer.seal();
  Deno.renameSync(root, `${dir}/moved`);
  Deno.mkdirSync(`${root}/d`, { recursive: true });
  Deno.symlinkSync("x", `${root}/d/l`);
  assertThrows(() => writer.seal(), IoError, "not the directory");
  assertThrows(
    () => writer.writeChunks([], new Uint8Array(0)),
    IoError,
    "not the directory",
  );
  assertThrows(() => writer.prepare(), IoError, "not the directory");
  assertThrows(() => writer.install(), IoError, "not the directory");
  assertEquals(namesIn(dir).includes("t"), false);
  writer.abort(false);
});

test("a tree that was given up takes nothing more and leaves nothing", async (dir) => {
  const writer = await create(dir);
  await assertRejects(() => create(dir), IoError, "already writing");
  writer.abort(false);
  assertEquals(namesIn(dir), []);
  const next = await create(dir);
  writer.abort(false);
  assertThrows(() => writer.seal(), IoError, "no longer open");
  assertThrows(() => writer.prepare(), IoError, "no longer open");
  assertThrows(() => writer.install(), IoError, "no longer open");
  await assertRejects(() => create(dir), IoError, "already writing");
  next.abort(false);
  assertEquals(namesIn(dir), []);
});
