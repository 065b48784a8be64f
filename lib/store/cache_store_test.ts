import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { CACHE_CHUNK_OVERHEAD } from "../limits.ts";
import { CacheStore } from "./cache_store.ts";
import { rankOf } from "./cache_rank.ts";
import { DiskStore } from "./disk_store.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

const SIZE = 1000;
const COST = SIZE + CACHE_CHUNK_OVERHEAD;
const ONE = { publicKey: new Uint8Array(32).fill(1) };
const TWO = { publicKey: new Uint8Array(32).fill(2) };

interface Chunk {
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

function chunk(seed: number): Chunk {
  const bytes = new Uint8Array(SIZE);
  new DataView(bytes.buffer).setUint32(0, seed);
  return { hash: blake3(bytes), bytes };
}

/** A cache with room for so many chunks. */
async function cacheFor(path: string, count: number): Promise<CacheStore> {
  return new CacheStore(await DiskStore.open(path), { maxBytes: count * COST });
}

async function put(store: CacheStore, ...seeds: number[]): Promise<void> {
  for (const seed of seeds) {
    const { hash, bytes } = chunk(seed);
    await store.put(hash, bytes);
  }
}

async function use(
  store: CacheStore,
  who: typeof ONE,
  ...seeds: number[]
): Promise<void> {
  for (const seed of seeds) await store.get(chunk(seed).hash, who);
}

/** Which of the first chunks are there. */
async function held(store: CacheStore, count = 20): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < count; seed++) {
    if (await store.has(chunk(seed).hash)) found.push(seed);
  }
  return found;
}

Deno.test("a cache holds what it may, and what was used longest ago goes first", async () => {
  using dir = makeTempDir();
  await using store = await cacheFor(dir.path, 3);
  await put(store, 0, 1, 2);
  await use(store, ONE, 0);
  await put(store, 3);
  assertEquals(await held(store), [0, 2, 3]);
  await put(store, 4, 5, 6);
  assertEquals(await held(store), [4, 5, 6]);
});

Deno.test("what is used within a millisecond keeps its order, also when the store is looked at anew", async () => {
  const { now } = Date;
  const later = now() + 3_600_000;
  Date.now = () => later;
  try {
    using dir = makeTempDir();
    await using store = await cacheFor(dir.path, 5);
    await put(store, 0, 1, 2, 3, 4);
    await use(store, ONE, 3, 1, 0);
    await put(store, 5, 6, 7);
    assertEquals(await held(store), [0, 1, 5, 6, 7]);
  } finally {
    Date.now = now;
  }
});

Deno.test("a flood of one peer leaves what others have asked for", async () => {
  using dir = makeTempDir();
  await using store = await cacheFor(dir.path, 10);
  await put(store, 0, 1, 2, 3);
  await use(store, ONE, 0, 1, 2, 3);
  await use(store, TWO, 0, 1, 2, 3);
  for (let seed = 100; seed < 200; seed++) {
    await put(store, seed);
    await use(store, ONE, seed, seed, seed);
  }
  assertEquals(await held(store), [0, 1, 2, 3]);
});

Deno.test("what a cache knows outlives it, without an index", async () => {
  using dir = makeTempDir();
  {
    await using store = await cacheFor(dir.path, 3);
    await put(store, 0, 1, 2);
    await use(store, ONE, 0);
    await use(store, TWO, 0);
  }
  await using store = await cacheFor(dir.path, 3);
  await put(store, 3, 4, 5);
  const left = await held(store);
  assert(left.includes(0), String(left));
  assertEquals(left.length, 3);
});

Deno.test("content that was stored otherwise counts and is never removed", async () => {
  using dir = makeTempDir();
  await using other = await DiskStore.open(dir.path);
  await using store = await cacheFor(dir.path, 3);
  await put(store, 1, 2);
  await other.put(chunk(0).hash, chunk(0).bytes);
  // One that the cache has fetched, too.
  await other.put(chunk(1).hash, chunk(1).bytes);
  await put(store, 3, 4, 5, 6);
  const left = await held(store);
  assert(left.includes(0) && left.includes(1), String(left));
  assertEquals(left.at(-1), 6);
  for (const seed of [2, 3, 4, 5, 6, 7]) {
    await other.put(chunk(seed).hash, chunk(seed).bytes);
  }
  await using full = await cacheFor(dir.path, 3);
  await assertRejects(
    () => put(full, 8),
    StoreError,
    "were not fetched by it",
  );
  assertEquals(
    await held(full, 8),
    [0, 1, 2, 3, 4, 5, 6, 7].filter((seed) => left.includes(seed) || seed > 1),
  );
});

Deno.test("a chunk that is being read stays", async () => {
  using dir = makeTempDir();
  const disk = await DiskStore.open(dir.path);
  const gate = Promise.withResolvers<void>();
  const get = disk.get.bind(disk);
  disk.get = async (hash) => {
    await gate.promise;
    return await get(hash);
  };
  await using store = new CacheStore(disk, { maxBytes: 2 * COST });
  await put(store, 0);
  const reading = store.get(chunk(0).hash, ONE);
  await put(store, 1, 2, 3);
  gate.resolve();
  assertEquals(await reading, chunk(0).bytes);
});

Deno.test("two caches in one directory hold together what one may, and no more for long", async () => {
  using dir = makeTempDir();
  await using one = await cacheFor(dir.path, 16);
  await using two = await cacheFor(dir.path, 16);
  for (let seed = 0; seed < 200; seed += 2) {
    await put(one, seed);
    await put(two, seed + 1);
    await use(two, TWO, seed, seed + 1);
  }
  const count = (await held(one, 200)).length;
  // Each may have written an eighth since it looked.
  assert(count <= 16 + 4, `${count}`);
  assert(count >= 12, `${count}`);
});

Deno.test("many chunks of a byte are bounded by what they take on the disk", async () => {
  using dir = makeTempDir();
  const disk = await DiskStore.open(dir.path);
  await using store = new CacheStore(disk, {
    maxBytes: 100 * CACHE_CHUNK_OVERHEAD,
    maxChunks: 20,
  });
  for (let i = 0; i < 60; i += 6) {
    await Promise.all(Array.from({ length: 6 }, async (_, j) => {
      const bytes = Uint8Array.of(i + j);
      await store.put(blake3(bytes), bytes);
    }));
  }
  const left = await Array.fromAsync(disk.hashes());
  assert(left.length <= 20, `${left.length}`);
  assert(left.length > 10, `${left.length}`);
});

Deno.test("a cache without a bound marks what it has fetched for one that has", async () => {
  using dir = makeTempDir();
  const disk = await DiskStore.open(dir.path);
  await using store = new CacheStore(disk);
  await put(store, 0);
  assertEquals(rankOf(disk.directoryOf(chunk(0).hash)), "once");
  await disk.put(chunk(0).hash, chunk(0).bytes);
  assertEquals(rankOf(disk.directoryOf(chunk(0).hash)), undefined);
});
