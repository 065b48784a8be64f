import { assertEquals, assertStringIncludes } from "@std/assert";
import { words } from "../../scripts/program.ts";
import { runCli, test } from "../support/cli.ts";

async function json(line: string[]) {
  const { code, stdout, stderr } = await runCli(line);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

test("store ls lists what is stored, store gc removes what nothing kept needs", async (dir) => {
  const store = dir.at("store");
  const old = await dir.tree("old", { same: "same", old: "old" });
  const next = await dir.tree("next", { same: "same", next: "next" });
  await json(words`send-dir ${old} --store ${store}`);
  const { remote_ref } = await json(words`send-dir ${next} --store ${store}`);
  const ref = await dir.write("next.ref", remote_ref);

  const listed = await json(words`store ls ${store}`);
  assertEquals(listed.chunk_count, 5);
  assertEquals(listed.chunks.length, 5);

  const young = await json(words`store gc ${store} --keep @${ref}`);
  assertEquals(young.dry_run, true);
  assertEquals([young.chunks_kept, young.chunks_recent], [3, 2]);

  const all = words`store gc ${store} --keep @${ref} --keep-newer 0`;
  assertEquals((await json(all)).chunks_removed, 2);
  assertEquals((await json(words`store ls ${store}`)).chunk_count, 5);
  const removed = await json([...all, "--delete"]);
  assertEquals([removed.dry_run, removed.chunks_removed], [false, 2]);
  assertEquals((await json(words`store ls ${store}`)).chunk_count, 3);
  assertEquals((await json([...all, "--delete"])).chunks_removed, 0);
});

test("store gc wants to know what is needed, and a store that is there", async (dir) => {
  const store = dir.at("store");
  const tree = await dir.tree("tree", { a: "a" });
  await json(words`send-dir ${tree} --store ${store}`);
  const nothing = await runCli(words`store gc ${store} --delete`);
  assertEquals(nothing.code, 2);
  assertStringIncludes(nothing.stderr, "--keep");
  assertEquals((await json(words`store ls ${store}`)).chunk_count, 2);

  const absent = await runCli(words`store ls ${dir.at("none")}`);
  assertEquals(absent.code, 1);
  assertStringIncludes(absent.stderr, "No such file");

  const { blob_ref } = await json(
    words`send-blob ${await dir.write("b", "b")}`,
  );
  const unknown = await runCli(words`store gc ${store} --keep ${blob_ref}`);
  assertEquals(unknown.code, 3);
  assertStringIncludes(unknown.stderr, "lacks chunk");
});
