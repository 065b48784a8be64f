import { assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";
import { MemoryStore } from "./memory_store.ts";

Deno.test("MemoryStore holds copies, each chunk once", async () => {
  await using store = new MemoryStore();
  const bytes = new Uint8Array([1, 2, 3]);
  const hash = blake3(bytes);
  assertEquals(await store.has(hash), false);
  assertEquals(await store.get(hash), undefined);
  await store.put(hash, bytes);
  await store.put(hash, bytes);
  bytes[0] = 9;
  assertEquals(await store.has(hash), true);
  assertEquals(await store.get(hash), new Uint8Array([1, 2, 3]));
  assertEquals([store.size, store.bytes], [1, 3]);
});

Deno.test("MemoryStore never gives bytes that are not the chunk", async () => {
  await using store = new MemoryStore();
  const hash = blake3(new Uint8Array([1]));
  await store.put(hash, new Uint8Array([2]));
  assertEquals(await store.get(hash), undefined);
});

Deno.test("MemoryStore refuses a chunk no receiver would take", async () => {
  await using store = new MemoryStore();
  const long = store.put(new Uint8Array(32), new Uint8Array(CHUNK_MAX + 1));
  await assertRejects(() => long, StoreError, "the limit is 16777216");
  const noHash = store.put(new Uint8Array(31), new Uint8Array(1));
  await assertRejects(() => noHash, StoreError, "31 bytes");
});
