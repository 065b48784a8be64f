import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { type BlobRef, encodeDirManifest } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { DiskStore } from "./disk_store.ts";
import { markChunks } from "./mark_chunks.ts";
import { storeBlob } from "./store_blob.ts";
import { storeDir } from "./store_dir.ts";
import {
  makeTempDir,
  patternBytes,
  type TempDir,
  writeTree,
} from "./testing/temp_tree.ts";

const FUTURE = Date.now() + 1e9;

/** A store with some content, and the directory it is in. */
interface Fixture extends Disposable {
  readonly dir: TempDir;
  readonly store: DiskStore;
}

async function fixture(): Promise<Fixture> {
  const dir = makeTempDir();
  const store = await DiskStore.open(`${dir.path}/store`);
  return { dir, store, [Symbol.dispose]: () => dir[Symbol.dispose]() };
}

async function publish(
  { dir, store }: Fixture,
  name: string,
  files: Record<string, string | Uint8Array>,
): Promise<BlobRef> {
  writeTree(`${dir.path}/${name}`, files);
  return (await storeDir(store, `${dir.path}/${name}`)).ref;
}

async function chunksOf(store: DiskStore): Promise<string[]> {
  const hashes: string[] = [];
  for await (const hash of store.hashes()) hashes.push(toHex(hash));
  return hashes.sort();
}

async function marks(store: DiskStore, ref: BlobRef): Promise<string[]> {
  const marked = new Set<string>();
  await markChunks(store, ref, marked);
  return [...marked].sort();
}

Deno.test("a directory needs its manifest and the chunks of all its files", async () => {
  using place = await fixture();
  const large = patternBytes(2 * CHUNK_SIZE + 1, 3);
  const ref = await publish(place, "tree", { "a": "a", "sub/large": large });
  assertEquals(await marks(place.store, ref), await chunksOf(place.store));
  assertEquals((await chunksOf(place.store)).length, 5);
});

Deno.test("a file needs its chunks, whatever its content looks like", async () => {
  using place = await fixture();
  const manifest = encodeDirManifest({
    version: 1,
    entries: [{ path: "a", kind: { type: "dir", mode: 0 } }],
  });
  const cut = manifest.subarray(0, manifest.length - 1);
  for (
    const content of [cut.slice(), new Uint8Array([1]), patternBytes(10, 1)]
  ) {
    const { ref } = await storeBlob(
      place.store,
      ReadableStream.from([content]),
    );
    assertEquals((await marks(place.store, ref)).length, 1);
  }
});

Deno.test("what no kept reference needs is removed, and nothing else", async () => {
  using place = await fixture();
  const { store } = place;
  const old = await publish(place, "old", { same: "same", old: "old" });
  const all = await chunksOf(store);
  const kept = await publish(place, "new", { same: "same", new: "new" });
  const options = { keep: [kept], since: FUTURE };
  const counted = await collectGarbage(store, { ...options, dryRun: true });
  assertEquals(counted.removed.chunks, 2);
  assertEquals((await chunksOf(store)).length, 5, "a dry run removes nothing");
  const collected = await collectGarbage(store, { ...options, dryRun: false });
  assertEquals(collected, counted);
  assertEquals(await chunksOf(store), await marks(store, kept));
  assertEquals(collected.kept.chunks, 3);
  assertEquals(collected.missing, 0);
  assert(all.length === 3);
  await assertRejects(() => marks(store, old), StoreError, "lacks chunk");
});

Deno.test("what was stored, or stored again, a moment ago stays", async () => {
  using place = await fixture();
  const { store } = place;
  const kept = await publish(place, "kept", { kept: "kept" });
  const forgotten = await publish(place, "other", { other: "other" });
  const since = Date.now() - 60_000;
  const first = await collectGarbage(store, {
    keep: [kept],
    since,
    dryRun: false,
  });
  assertEquals([first.recent.chunks, first.removed.chunks], [2, 0]);

  const past = new Date(since - 60_000);
  for (const hex of await marks(store, forgotten)) {
    await Deno.utime(`${store.path}/dataforts/blob/${hex}`, past, past);
  }
  await storeDir(store, `${place.dir.path}/other`);
  const again = await collectGarbage(store, {
    keep: [kept],
    since,
    dryRun: false,
  });
  assertEquals([again.recent.chunks, again.removed.chunks], [2, 0]);
});

Deno.test("places without a chunk that other programs leave are removed", async () => {
  using place = await fixture();
  const { store } = place;
  const kept = await publish(place, "kept", { kept: "kept" });
  const empty = `${store.path}/dataforts/blob/${"ab".repeat(32)}`;
  await Deno.mkdir(`${empty}/v0000000001`, { recursive: true });
  for (const name of ["idx", "dat", "ts"]) {
    await Deno.writeFile(`${empty}/v0000000001/${name}`, new Uint8Array());
  }
  const { removed } = await collectGarbage(store, {
    keep: [kept],
    since: FUTURE,
    dryRun: false,
  });
  assertEquals(removed, { chunks: 1, bytes: 0 });
  assertEquals((await chunksOf(store)).length, 2);
});

Deno.test("missing chunks of what is kept are counted", async () => {
  using place = await fixture();
  const { store } = place;
  const large = patternBytes(CHUNK_SIZE + 1, 5);
  const { ref } = await storeBlob(store, ReadableStream.from([large]));
  if (ref.kind !== "manifest") throw new TypeError(ref.kind);
  await store.delete(ref.chunks[1].hash);
  const { kept, missing } = await collectGarbage(store, {
    keep: [ref],
    since: FUTURE,
    dryRun: false,
  });
  assertEquals([kept.chunks, missing], [1, 1]);
});

Deno.test("a kept reference whose manifest is gone ends it before anything is removed", async () => {
  using place = await fixture();
  const { store } = place;
  const ref = await publish(place, "tree", { a: "a" });
  await publish(place, "other", { b: "b" });
  if (ref.kind !== "small") throw new TypeError(ref.kind);
  await store.delete(ref.hash);
  const before = await chunksOf(store);
  const error = await assertRejects(() =>
    collectGarbage(store, { keep: [ref], since: FUTURE, dryRun: false })
  );
  assertInstanceOf(error, StoreError);
  assertEquals(await chunksOf(store), before);
});
