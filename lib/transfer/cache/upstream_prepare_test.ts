import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { CHUNK_SIZE, UPSTREAM_SESSION_REQUESTS } from "../../limits.ts";
import { type ChunkStore, MemoryStore } from "../../store/mod.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { ServeMemory } from "../serve/serve_memory.ts";
import {
  Cache,
  CHUNK,
  halting,
  HASH,
  storeOf,
  until,
} from "../testing/cache.ts";
import { connect, connectTo, pattern, settle } from "../testing/fixture.ts";

/** Chunks that differ from each other, and their hashes. */
function chunks(count: number, length = 100): [Uint8Array[], Uint8Array[]] {
  const all = Array.from({ length: count }, (_, i) => pattern(length, i + 1));
  return [all, all.map(blake3)];
}

async function prepareAll(
  store: ChunkStore,
  hashes: Uint8Array[],
  signal = new AbortController().signal,
): Promise<boolean[]> {
  return await Array.fromAsync(store.prepare!(hashes, signal));
}

Deno.test("small chunks are prepared with one request, those that the upstream lacks among them", async () => {
  const [all, hashes] = chunks(200);
  const upstream = connect(await storeOf(...all.slice(1)));
  await using cache = new Cache([upstream]);
  await cache.local.put(hashes[7], all[7]);
  const asked = [...hashes, hashes[3]];
  assertEquals(
    await prepareAll(cache.store, asked),
    asked.map((_, i) => i > 0),
  );
  assertEquals(upstream.session.opened, 1);
  assertEquals(cache.count("fetched"), 198);
  assertEquals(cache.registry.list(), []);
  assertEquals(await cache.local.get(hashes[199]), all[199]);
});

Deno.test("two who prepare the same chunks get the one request", async () => {
  const [all, hashes] = chunks(20);
  const upstream = connect(await storeOf(...all));
  await using cache = new Cache([upstream]);
  const [one, two] = [1, 2].map((byte) =>
    cache.store.forPeer(new Uint8Array(32).fill(byte))
  );
  await Promise.all([prepareAll(one, hashes), prepareAll(two, hashes)]);
  assertEquals(cache.count("fetched"), 20);
});

Deno.test("no more is prepared than a bounded number of bytes ahead of who iterates", async () => {
  const [all, hashes] = chunks(6, CHUNK_SIZE);
  const upstream = connect(await storeOf(...all));
  await using cache = new Cache([upstream]);
  const { signal } = new AbortController();
  const prepared = cache.store.prepare(hashes, signal);
  assertEquals((await prepared.next()).value, true);
  await until(() => cache.registry.list().length === 0);
  await settle();
  assertEquals(cache.local.size, 2);
  assertEquals(await Array.fromAsync(prepared), [true, true, true, true, true]);
  assertEquals(cache.local.size, 6);
});

Deno.test("who stops to prepare ends its request, and who wants the same goes on", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const stop = new AbortController();
  const alone = prepareAll(cache.store, [HASH], stop.signal);
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  const other = cache.store.get(HASH);
  await settle();
  const failed = assertRejects(() => alone, StoreError);
  stop.abort(new StoreError("no longer wanted"));
  await failed;
  await until(() => upstream.asked() === 2);
  upstream.goOn();
  assertEquals(await other, CHUNK);
});

Deno.test("one chunk of a request is cancelled, the others come", async () => {
  const [all, hashes] = chunks(3);
  const gate = Promise.withResolvers<void>();
  let requests = 0;
  const upstream = connectTo(async (request, stream) => {
    if (requests++ === 0) {
      await stream.write(encodeResponseHeader(all[0].length));
      await stream.write(all[0]);
      await gate.promise;
    }
    assert(request.kind === "get");
    await stream.write(encodeResponseHeader(all[2].length));
    await stream.write(all[2]);
    stream.finish();
  });
  await using cache = new Cache([upstream]);
  const prepared = prepareAll(cache.store, hashes);
  await until(() => cache.registry.list().length === 2);
  const [{ transferId, hash }] = cache.registry.list();
  assertEquals(hash, hashes[1]);
  assert(cache.registry.cancel(transferId));
  assertEquals(await prepared, [true, false, true]);
  gate.resolve();
});

Deno.test("wrong bytes in a request spoil no other chunk of it", async () => {
  const [all, hashes] = chunks(3);
  const origin = await storeOf(all[0], all[2]);
  await origin.put(hashes[1], Uint8Array.of(1));
  origin.get = async (hash) =>
    hash[0] === hashes[1][0]
      ? all[0]
      : await MemoryStore.prototype.get.call(origin, hash);
  await using cache = new Cache([connect(origin)]);
  assertEquals(await prepareAll(cache.store, hashes), [true, false, true]);
  assertEquals(cache.local.size, 2);
});

Deno.test("a session has a bounded number of requests with the upstream, and another its own", async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const upstream = connectTo(async (_request, stream) => {
    asked++;
    await stream.write(encodeResponseHeader(1));
    await gate.promise;
    stream.finish();
  });
  await using cache = new Cache([upstream]);
  const [, hashes] = chunks(20);
  const [one, two] = [1, 2].map((byte) =>
    cache.store.forPeer(new Uint8Array(32).fill(byte))
  );
  const answers = hashes.slice(1).map((hash) => prepareAll(one, [hash]));
  await until(() => asked === UPSTREAM_SESSION_REQUESTS);
  await settle();
  assertEquals(asked, UPSTREAM_SESSION_REQUESTS);
  answers.push(prepareAll(two, [hashes[0]]));
  await until(() => asked === UPSTREAM_SESSION_REQUESTS + 1);
  gate.resolve();
  for (const held of await Promise.all(answers)) assertEquals(held, [false]);
});

Deno.test("misses that wait for the upstream keep no hit from its answer", async () => {
  const [all, hashes] = chunks(200);
  const gate = Promise.withResolvers<void>();
  await using cache = new Cache([connectTo(() => gate.promise)]);
  await cache.local.put(hashes[0], all[0]);
  const memory = new ServeMemory();
  const [view, other] = [1, 2].map((byte) =>
    cache.store.forPeer(new Uint8Array(32).fill(byte))
  );
  await using misses = connect(view, { memory });
  const waiting = Promise.allSettled(
    hashes.slice(1, 60).map((hash) =>
      new ChunkFetcher(misses.session).fetchChunk(hash)
    ),
  );
  await until(() => cache.registry.list().length > 0);
  assertEquals(memory.used, 0);
  await using hits = connect(other, { memory });
  assertEquals(
    await new ChunkFetcher(hits.session).fetchChunk(hashes[0]),
    all[0],
  );
  await misses.session.close();
  await waiting;
  gate.resolve();
});
