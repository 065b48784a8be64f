import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  blake3,
  decodeBlobRef,
  decodeDirManifest,
  encodeBlobRef,
} from "../content/mod.ts";
import { UsageError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { rawPaths } from "./raw_paths.ts";
import { DiskStore } from "./disk_store.ts";
import { MemoryStore } from "./memory_store.ts";
import type { PublishProgress } from "./publish_progress.ts";
import { storeDir } from "./store_dir.ts";
import {
  chunkHashes,
  makeTempDir,
  patternBytes,
  runScript,
  writeTree,
} from "./testing/temp_tree.ts";

const WORKED_REF =
  "b0b1b2b30160c07d545018e148665721e63e1e82f5dae9f0a422f40108c3420cda877c88b9a0000000000000006d6573683a2f2f" +
  "36306330376435343530313865313438363635373231653633653165383266356461653966306134323266343031303863333432306364613837376338386239";

Deno.test("storeDir makes the reference and stores the chunks of the worked tree", async () => {
  using temp = makeTempDir();
  const tree = `${temp.path}/tree`;
  writeTree(tree, {
    "docs/a.txt": "hello\n",
    "link": { link: "docs/a.txt" },
  });
  await using store = await DiskStore.open(`${temp.path}/store`);
  const { ref, manifestSize, stats } = await storeDir(store, tree);
  assertEquals(toHex(encodeBlobRef(ref)), WORKED_REF);
  assertEquals(manifestSize, 160n);
  assertEquals(stats, {
    ...{ files: 1, dirs: 1, symlinks: 1, totalBytes: 6n },
    ...{ changed: 0, vanished: 0, unreadable: 0, skipped: 0 },
    ...{ collisions: [], lossyNames: [], lossyTargets: [] },
    notCarried: { hardLinks: 0, sparse: 0, owners: 0 },
  });
  const blobs = new URL(
    "../../tests/vectors/store/dataforts/blob/",
    import.meta.url,
  );
  const expected = [...Deno.readDirSync(blobs)].map((entry) => entry.name);
  const made = (await Array.fromAsync(store.hashes())).map(toHex);
  assertEquals(made.sort(), expected.sort());
});

Deno.test("storeDir makes a two byte manifest of an empty directory", async () => {
  using temp = makeTempDir();
  const { ref, manifestSize } = await storeDir(undefined, temp.path);
  assertEquals(manifestSize, 2n);
  assertEquals(
    ref.uri,
    "mesh://687376c930d7020a32f04c396fc2e5eab49cd09a738fa03d573033416a6a47ce",
  );
});

Deno.test("storeDir names every leaf by the hash of the whole file", async () => {
  using temp = makeTempDir();
  const sizes = [0, 256 * 1024, CHUNK_SIZE, 2 * CHUNK_SIZE]
    .flatMap((size) => [size, size + 1]);
  for (const size of sizes) {
    Deno.writeFileSync(`${temp.path}/${size}`, patternBytes(size, 1));
  }
  await using store = new MemoryStore();
  const { ref, stats } = await storeDir(store, temp.path);
  if (ref.kind !== "small") throw new Error(`a ${ref.kind} manifest`);
  const manifest = await store.get(ref.hash);
  const { entries } = decodeDirManifest(manifest ?? new Uint8Array());
  assertEquals(entries.length, sizes.length);
  for (const { path, kind } of entries) {
    if (kind.type !== "file") throw new Error(`${path} is not a file`);
    const bytes = patternBytes(Number(path), 1);
    const leaf = decodeBlobRef(kind.blob);
    assertEquals(leaf?.uri, `mesh://${toHex(blake3(bytes))}`);
    const chunks = await Promise.all(
      chunkHashes(kind.blob).map((hash) => store.get(hash)),
    );
    const parts = chunks.map((chunk) => new Uint8Array(chunk ?? []));
    assertEquals(blake3(await new Blob(parts).bytes()), blake3(bytes));
  }
  assertEquals(stats.totalBytes, BigInt(sizes.reduce((a, b) => a + b)));
});

Deno.test("storeDir refuses to write a store into the tree that is published", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "tree/a": "",
    "tree/store/dataforts/blob/x": "",
    "alias": { link: "tree" },
  });
  const cases = [
    ["tree/store", "tree"],
    ["tree/new/store", "tree"],
    ["tree", "tree"],
    ["alias/new", "tree"],
    ["tree", "tree/store/../../alias"],
    ["tree/store", "tree/store/dataforts/blob"],
  ];
  for (const [at, dir] of cases) {
    await using store = await DiskStore.open(`${temp.path}/${at}`);
    const storing = storeDir(store, `${temp.path}/${dir}`);
    const said = "inside the tree being published";
    await assertRejects(() => storing, UsageError, said, `${at} in ${dir}`);
  }
  assertEquals([...Deno.readDirSync(`${temp.path}/tree`)].length, 2);
  await using beside = await DiskStore.open(`${temp.path}/tree2`);
  await storeDir(beside, `${temp.path}/tree`);
});

Deno.test("storeDir reports progress by path, files and bytes, and stops when told", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "a": "12", "b/c": "345" });
  const seen: PublishProgress[] = [];
  const onProgress = (progress: PublishProgress) => void seen.push(progress);
  await storeDir(undefined, temp.path, { onProgress });
  const totals = { totalFiles: 2, totalBytes: 5 };
  assertEquals(seen.at(-1), { path: "b/c", files: 2, bytes: 5, ...totals });
  assert(seen.some(({ path, bytes }) => path === "a" && bytes === 2));
  const signal = AbortSignal.abort(new Error("enough"));
  const stopped = storeDir(undefined, temp.path, { signal });
  await assertRejects(() => stopped, Error, "enough");
});

Deno.test("storeDir publishes what the filter keeps", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "a": "", "b": "" });
  const filter = (path: string) => path === "a";
  const { stats } = await storeDir(undefined, temp.path, { filter });
  assertEquals(stats.files, 1);
});

Deno.test({
  name: "storeDir reads files whose names are not UTF-8",
  ignore: rawPaths === undefined,
  fn: async () => {
    using temp = makeTempDir();
    runScript(
      temp.path,
      'mkdir "$(printf "d\\377")"; printf hello > "$(printf "d\\377/f\\376")"',
    );
    await using store = new MemoryStore();
    const { stats } = await storeDir(store, temp.path);
    assertEquals([stats.files, stats.totalBytes], [1, 5n]);
    assertEquals(stats.lossyNames, ["d\ufffd", "d\ufffd/f\ufffd"]);
    const hello = new TextEncoder().encode("hello");
    assertEquals(await store.get(blake3(hello)), hello);
  },
});
