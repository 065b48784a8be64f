import { assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import type { ChunkStore } from "./chunk_store.ts";
import { CombinedStore } from "./combined_store.ts";
import { MemoryStore } from "./memory_store.ts";

const bytes = new Uint8Array([1, 2, 3]);
const hash = blake3(bytes);

function failing(disposed: string[]): ChunkStore {
  return {
    has: () => Promise.resolve(true),
    get: () => Promise.reject(new StoreError("disk on fire")),
    [Symbol.asyncDispose]() {
      disposed.push("failing");
      return Promise.reject(new StoreError("still on fire"));
    },
  };
}

Deno.test("CombinedStore goes on to the next store when one has damaged bytes or fails", async () => {
  const damaged = new MemoryStore();
  await damaged.put(hash, new Uint8Array([9]));
  const good = new MemoryStore();
  await good.put(hash, bytes);
  const store = new CombinedStore([failing([]), damaged, good]);
  assertEquals(await store.has(hash), true);
  assertEquals(await store.get(hash), bytes);
});

Deno.test("CombinedStore throws only when no store has the chunk and one failed", async () => {
  const store = new CombinedStore([failing([]), new MemoryStore()]);
  await assertRejects(() => store.get(hash), StoreError, "disk on fire");
  const empty = new CombinedStore([new MemoryStore()]);
  assertEquals(await empty.get(hash), undefined);
  assertEquals(await empty.has(hash), false);
});

Deno.test("CombinedStore lets its last store prepare what the others do not hold", async () => {
  const first = new MemoryStore();
  await first.put(hash, bytes);
  const [there, nowhere] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const asked: Uint8Array[] = [];
  const last: ChunkStore = new MemoryStore();
  last.prepare = async function* (hashes) {
    asked.push(...hashes);
    for (const one of hashes) yield await Promise.resolve(one === there);
  };
  const store = new CombinedStore([first, last]);
  const hashes = [there, hash, nowhere];
  const held = await Array.fromAsync(store.prepare(hashes, {}));
  assertEquals(held, [true, true, false]);
  assertEquals(asked, [there, nowhere]);
  const plain = new CombinedStore([first]);
  const all = await Array.fromAsync(plain.prepare(hashes, {}));
  assertEquals(all, [true, true, true]);
});

Deno.test("CombinedStore ends what a store prepares with the iteration", async () => {
  let ended = 0;
  const last: ChunkStore = {
    ...failing([]),
    has: () => Promise.resolve(false),
    async *prepare(hashes) {
      try {
        yield* hashes.map(() => true);
      } finally {
        ended++;
      }
    },
  };
  const store = new CombinedStore([new MemoryStore(), last]);
  await Array.fromAsync(store.prepare([hash], {}));
  for await (const _isHeld of store.prepare([hash, hash], {})) break;
  assertEquals(ended, 2);
});

Deno.test("CombinedStore disposes of every store", async () => {
  const disposed: string[] = [];
  const memory = new MemoryStore();
  await memory.put(hash, bytes);
  const store = new CombinedStore([memory, failing(disposed)]);
  await assertRejects(() => store[Symbol.asyncDispose](), StoreError);
  assertEquals([disposed, memory.size], [["failing"], 0]);
});

Deno.test("CombinedStore knows a size as soon as one store does, and that there is none when all do", async () => {
  const held = new MemoryStore();
  await held.put(hash, bytes);
  const empty = new MemoryStore();
  const sizeIn = (...stores: ChunkStore[]) =>
    new CombinedStore(stores).sizeOf(hash);
  assertEquals(sizeIn(empty, failing([]), held), 3);
  assertEquals(sizeIn(failing([]), empty), undefined);
  assertEquals(sizeIn(empty, empty), 0);
});
