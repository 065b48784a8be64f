import { assert, assertEquals } from "@std/assert";
import { Semaphore } from "../../async/semaphore.ts";
import { blake3 } from "../../content/mod.ts";
import {
  GET_MANY_MAX,
  UPSTREAM_BATCH_MAX,
  UPSTREAM_LOOKUPS_MAX,
  UPSTREAM_SESSION_REQUESTS,
} from "../../limits.ts";
import { CombinedStore, MemoryStore } from "../../store/mod.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { Request } from "../protocol/request.ts";
import { Cache, CHUNK, HASH, storeOf, until } from "../testing/cache.ts";
import { connect, connectTo, settle } from "../testing/fixture.ts";

/** Hashes of nothing, different ones for each seed. */
function absentHashes(count: number, seed = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    return blake3(new Uint8Array([seed, i & 255, i >> 8]));
  });
}

Deno.test("one Have for a cache is at most one Have for its upstream", async () => {
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream]);
  await until(() => cache.count("attached") === 1);
  const store = new CombinedStore([new MemoryStore(), cache.store]);
  await using client = connect(store);
  const fetcher = new ChunkFetcher(client.session);
  const hashes = [HASH, ...absentHashes(GET_MANY_MAX - 1)];
  const held = await fetcher.have(hashes);
  assertEquals(held.indexOf(true), 0);
  assertEquals(held.lastIndexOf(true), 0);
  assertEquals(upstream.session.opened, 1);
  // What was found absent a moment ago is not asked about again.
  await fetcher.have(hashes.slice(1));
  assertEquals(upstream.session.opened, 1);
  // What is here is not asked about at all.
  await cache.local.put(HASH, CHUNK);
  assertEquals(await fetcher.have([HASH]), [true]);
  assertEquals(upstream.session.opened, 1);
});

Deno.test("one GetMany for a cache is a request to its upstream for each batch", async () => {
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream]);
  await until(() => cache.count("attached") === 1);
  const prepared = cache.store.prepare(absentHashes(GET_MANY_MAX), {});
  assert((await Array.fromAsync(prepared)).every((isHeld) => !isHeld));
  assertEquals(upstream.session.opened, GET_MANY_MAX / UPSTREAM_BATCH_MAX);
});

Deno.test("lookups are bounded for a session, and for all", async () => {
  const gate = Promise.withResolvers<void>();
  const asked: Request[] = [];
  const upstream = connectTo(async (request, stream) => {
    asked.push(request);
    await gate.promise;
    stream.reset(1);
  });
  await using cache = new Cache([upstream]);
  await until(() => cache.count("attached") === 1);
  const lookUp = (seed: number, requests: Semaphore) =>
    cache.store.hasEach(absentHashes(3, seed), { requests });
  const one = new Semaphore(UPSTREAM_SESSION_REQUESTS);
  const results = Array.from({ length: 20 }, (_, i) => lookUp(i, one));
  await until(() => asked.length === UPSTREAM_SESSION_REQUESTS);
  await settle();
  assertEquals(asked.length, UPSTREAM_SESSION_REQUESTS);
  for (let seed = 20; seed < 60; seed++) {
    results.push(lookUp(seed, new Semaphore(UPSTREAM_SESSION_REQUESTS)));
  }
  await until(() => asked.length === UPSTREAM_LOOKUPS_MAX);
  await settle();
  assertEquals(asked.length, UPSTREAM_LOOKUPS_MAX);
  gate.resolve();
  for (const held of await Promise.all(results)) {
    assertEquals(held, [false, false, false]);
  }
});
