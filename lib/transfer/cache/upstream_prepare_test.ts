import { assert, assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../../async/semaphore.ts";
import { blake3 } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { CHUNK_SIZE, UPSTREAM_SESSION_REQUESTS } from "../../limits.ts";
import {
  type ChunkStore,
  MemoryStore,
  type ReadContext,
} from "../../store/mod.ts";
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
  context: ReadContext = {},
): Promise<boolean[]> {
  return await Array.fromAsync(store.prepare!(hashes, context));
}

/** What two sessions read with. */
function twoSessions(): Required<Omit<ReadContext, "signal">>[] {
  return [1, 2].map((byte) => ({
    publicKey: new Uint8Array(32).fill(byte),
    requests: new Semaphore(UPSTREAM_SESSION_REQUESTS),
  }));
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

Deno.test("two sessions that prepare the same chunks share one request", async () => {
  const [all, hashes] = chunks(20);
  const upstream = connect(await storeOf(...all));
  await using cache = new Cache([upstream]);
  await Promise.all(
    twoSessions().map((context) => prepareAll(cache.store, hashes, context)),
  );
  assertEquals(cache.count("fetched"), 20);
});

Deno.test("no more is prepared than a bounded number of bytes ahead of the iteration", async () => {
  const [all, hashes] = chunks(6, CHUNK_SIZE);
  const upstream = connect(await storeOf(...all));
  await using cache = new Cache([upstream]);
  const prepared = cache.store.prepare(hashes, {});
  assertEquals((await prepared.next()).value, true);
  await until(() => cache.registry.list().length === 0);
  await settle();
  assertEquals(cache.local.size, 2);
  assertEquals(await Array.fromAsync(prepared), [true, true, true, true, true]);
  assertEquals(cache.local.size, 6);
});

Deno.test("a request is given up when nobody wants its chunks any more, and no sooner", async () => {
  for (const isWanted of [true, false]) {
    const upstream = halting();
    const connection = connectTo(upstream.script);
    await using cache = new Cache([connection]);
    const stops = [1, 2].map(() => new AbortController());
    const preparing = prepareAll(cache.store, [HASH], stops[0]);
    await until(() => cache.registry.list()[0]?.bytesReceived > 0);
    const getting = cache.store.get(HASH, stops[1]);
    await settle();
    const failed = assertRejects(() => preparing, StoreError);
    stops[0].abort(new StoreError("no longer wanted"));
    await failed;
    if (isWanted) {
      upstream.goOn();
      assertEquals(await getting, CHUNK);
    } else {
      const failed = assertRejects(() => getting, StoreError);
      stops[1].abort(new StoreError("no longer wanted"));
      await failed;
      await until(() => connection.session.open === 0);
      assertEquals(cache.registry.list(), []);
      upstream.goOn();
    }
    assertEquals(upstream.asked(), 1);
  }
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
  const [one, two] = twoSessions();
  const results = hashes.slice(1).map((hash) =>
    prepareAll(cache.store, [hash], one)
  );
  await until(() => asked === UPSTREAM_SESSION_REQUESTS);
  await settle();
  assertEquals(asked, UPSTREAM_SESSION_REQUESTS);
  results.push(prepareAll(cache.store, [hashes[0]], two));
  await until(() => asked === UPSTREAM_SESSION_REQUESTS + 1);
  gate.resolve();
  for (const held of await Promise.all(results)) assertEquals(held, [false]);
});

Deno.test("misses that wait for the upstream keep no hit from its response", async () => {
  const [all, hashes] = chunks(200);
  const gate = Promise.withResolvers<void>();
  await using cache = new Cache([connectTo(() => gate.promise)]);
  await cache.local.put(hashes[0], all[0]);
  const memory = new ServeMemory();
  await using misses = connect(cache.store, { memory });
  const waiting = Promise.allSettled(
    hashes.slice(1, 60).map((hash) =>
      new ChunkFetcher(misses.session).fetchChunk(hash)
    ),
  );
  await until(() => cache.registry.list().length > 0);
  assertEquals(memory.used, 0);
  await using hits = connect(cache.store, { memory });
  assertEquals(
    await new ChunkFetcher(hits.session).fetchChunk(hashes[0]),
    all[0],
  );
  await misses.session.close();
  await waiting;
  gate.resolve();
});
