import { assertEquals } from "@std/assert";
import {
  decodeDirManifest,
  type DirEntry,
  type DirEntryKind,
  encodeDirManifest,
} from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { MemoryStore } from "../memory_store.ts";
import { storeDir } from "../store_dir.ts";
import { makeTempDir, patternBytes, writeTree } from "../testing/temp_tree.ts";
import { readManifestIn } from "./manifest_at_hand.ts";
import { type EntryDifference, verifyDir } from "./verify_dir.ts";

const modesOf = (kind: DirEntryKind) =>
  kind.type === "symlink" ? [] : [kind.mode & 0o7777];

/** The manifest of a tree. */
async function manifestOf(root: string): Promise<Uint8Array> {
  await using store = new MemoryStore();
  const { ref } = await storeDir(store, root);
  const manifest = await readManifestIn(store, ref);
  if (manifest === undefined) throw new Error("the store lacks it");
  return manifest;
}

/** The differences in short: path and kind. */
function kinds(differences: readonly EntryDifference[]): string[] {
  return differences.map(({ path, differs }) => `${path} ${differs}`);
}

const LARGE = patternBytes(2 * CHUNK_SIZE + 1, 3);

function makeTree(root: string): void {
  writeTree(root, {
    "a/file": "content\n",
    "a/b/deep": "deep\n",
    "a-b": "sorts between a and a/file",
    "large": LARGE,
    "link": { link: "a/file" },
    "empty": { dir: true },
  });
}

Deno.test("a tree that is as its manifest says has no differences", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  makeTree(root);
  const manifest = await manifestOf(root);
  for (const jobs of [1, 2]) {
    const verdict = await verifyDir(root, manifest, { modesOf, jobs });
    assertEquals(verdict, {
      isRight: true,
      ...{ files: 4, dirs: 3, symlinks: 1, unchecked: 0 },
      bytes: LARGE.length + 8 + 5 + 26,
      differences: [],
    });
  }
});

Deno.test("each way in which an entry can differ is told by its path", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  makeTree(root);
  const manifest = await manifestOf(root);
  Deno.writeTextFileSync(`${root}/a/file`, "CONTENT\n");
  Deno.removeSync(`${root}/a/b`, { recursive: true });
  Deno.writeTextFileSync(`${root}/a/b`, "a file now");
  Deno.writeTextFileSync(`${root}/a-b`, "shorter");
  const bytes = LARGE.slice();
  bytes[CHUNK_SIZE] ^= 1;
  Deno.writeFileSync(`${root}/large`, bytes);
  Deno.removeSync(`${root}/link`);
  Deno.symlinkSync("elsewhere", `${root}/link`);
  Deno.chmodSync(`${root}/empty`, 0o700);
  Deno.mkdirSync(`${root}/more`);
  Deno.writeTextFileSync(`${root}/more/file`, "");
  const { isRight, differences } = await verifyDir(root, manifest, { modesOf });
  assertEquals(isRight, false);
  assertEquals(differences, [
    { path: "a-b", differs: "size", expected: 26n, found: 7n },
    { path: "a/b", differs: "type", expected: "dir", found: "file" },
    { path: "a/b/deep", differs: "missing", expected: "file" },
    { path: "a/file", differs: "content" },
    { path: "empty", differs: "mode", expected: "0755", found: "0700" },
    {
      path: "large",
      differs: "content",
      ranges: [{ offset: CHUNK_SIZE, length: CHUNK_SIZE }],
    },
    {
      path: "link",
      differs: "target",
      expected: "a/file",
      found: "elsewhere",
    },
    { path: "more", differs: "extra", found: "dir" },
    { path: "more/file", differs: "extra", found: "file" },
  ]);
});

Deno.test("a manifest in another order, or without the directories, names the same tree", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  makeTree(root);
  const { version, entries } = decodeDirManifest(await manifestOf(root));
  const verify = (entries: DirEntry[]) =>
    verifyDir(root, encodeDirManifest({ version, entries }), { modesOf });
  assertEquals(kinds((await verify(entries.toReversed())).differences), []);
  const implied = entries.filter(({ kind }) => kind.type !== "dir");
  // Nothing implies an empty directory.
  assertEquals(kinds((await verify(implied)).differences), ["empty extra"]);
});

Deno.test("links are compared and never followed, and left out where they need not be there", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  makeTree(root);
  const manifest = await manifestOf(root);
  Deno.removeSync(`${root}/link`);
  const skipsLinks = true;
  const without = await verifyDir(root, manifest, { modesOf, skipsLinks });
  assertEquals(without.isRight, true);
  // A directory that became a link to the same content elsewhere is no directory.
  Deno.renameSync(`${root}/a`, `${temp.path}/elsewhere`);
  Deno.symlinkSync("../elsewhere", `${root}/a`);
  const linked = await verifyDir(root, manifest, { modesOf, skipsLinks });
  assertEquals(kinds(linked.differences), [
    "a type",
    "a/b missing",
    "a/b/deep missing",
    "a/file missing",
  ]);
});

Deno.test({
  ...unless(
    onWindows,
    "what is neither a file, a directory nor a link is another type, or more",
  ),
  async fn() {
    using temp = makeTempDir();
    const root = `${temp.path}/tree`;
    makeTree(root);
    const manifest = await manifestOf(root);
    Deno.removeSync(`${root}/a-b`);
    for (const name of ["a-b", "pipe"]) {
      await new Deno.Command("mkfifo", { args: [`${root}/${name}`] }).output();
    }
    const { differences } = await verifyDir(root, manifest, { modesOf });
    assertEquals(differences, [
      { path: "a-b", differs: "type", expected: "file", found: "other" },
      { path: "pipe", differs: "extra", found: "other" },
    ]);
  },
});

Deno.test("modes are compared only where some are expected", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  makeTree(root);
  const manifest = await manifestOf(root);
  Deno.chmodSync(`${root}/a`, 0o700);
  Deno.chmodSync(`${root}/a/file`, 0o640);
  const all = await verifyDir(root, manifest, { modesOf: () => [] });
  assertEquals(all.isRight, true);
  const some = await verifyDir(root, manifest, {
    modesOf: ({ type }) => type === "dir" ? [0o755, 0o700] : [0o644],
  });
  assertEquals(kinds(some.differences), ["a/file mode"]);
});
