import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, toHex } from "../content/mod.ts";
import {
  HandshakeError,
  HashMismatchError,
  PeerClosedError,
  StoreError,
  TimeoutError,
} from "../errors.ts";
import { CHUNK_SIZE, UPSTREAM_SESSION_REQUESTS } from "../limits.ts";
import { nodeIdOf } from "../mesh/node_id.ts";
import type { Session } from "../mesh/session.ts";
import { type ChunkStore, MemoryStore } from "../store/mod.ts";
import { ChunkFetcher } from "./chunk_fetcher.ts";
import { encodeResponseHeader } from "./response_header.ts";
import { ServeMemory } from "./serve_memory.ts";
import {
  connect,
  type Connection,
  connectTo,
  pattern,
  type Script,
  settle,
} from "./testing/fixture.ts";
import { TransferCancelledError } from "./transfer_error.ts";
import { TransferRegistry } from "./transfer_registry.ts";
import type { UpstreamEvent } from "./upstream_event.ts";
import { UpstreamStore, type UpstreamStoreOptions } from "./upstream_store.ts";

const CHUNK = pattern(100_000);
const HASH = blake3(CHUNK);
const PEER = 77n;

async function storeOf(...chunks: Uint8Array[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const bytes of chunks) await store.put(blake3(bytes), bytes);
  return store;
}

/** A store before the given connections, used one after the other. */
class Cache implements AsyncDisposable {
  readonly local: MemoryStore;
  readonly store: UpstreamStore;
  readonly registry = new TransferRegistry();
  readonly events: UpstreamEvent[] = [];
  readonly #connections: Connection[];
  /** Sessions that were asked for. */
  attempts = 0;

  constructor(
    connections: Connection[],
    options: Partial<UpstreamStoreOptions> = {},
    local = new MemoryStore(),
  ) {
    this.local = local;
    this.#connections = connections;
    this.store = new UpstreamStore(this.local, {
      peer: PEER,
      registry: this.registry,
      retryMs: 1,
      waitMs: 5000,
      connect: () => this.#next(),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** How often something happened. */
  count(type: UpstreamEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  #next(): Promise<Session> {
    const connection = this.#connections[this.attempts++];
    return connection === undefined
      ? Promise.reject(new HandshakeError("nobody answers"))
      : Promise.resolve(connection.session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    for (const connection of this.#connections) {
      await connection[Symbol.asyncDispose]();
    }
  }
}

/** Announces a chunk, sends half of it, and the rest when it is told to. */
function halting(): { script: Script; goOn: () => void; asked: () => number } {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  return {
    goOn: gate.resolve,
    asked: () => asked,
    script: async (_request, stream) => {
      asked++;
      await stream.write(encodeResponseHeader(CHUNK.length));
      await stream.write(CHUNK.subarray(0, 50_000));
      await gate.promise;
      await stream.write(CHUNK.subarray(50_000));
      stream.finish();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round === 1000) throw new Error(`never came to be: ${condition}`);
    await settle();
  }
}

Deno.test("a chunk that is missing is fetched once, kept, and served from then on", async () => {
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream]);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assert(await cache.local.has(HASH));
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(upstream.session.opened, 1);
  assertEquals(
    cache.events.map(({ type }) => type).filter((type) => type !== "attached"),
    ["miss", "fetched", "hit"],
  );
  assertEquals(cache.registry.list(), []);
});

Deno.test("everyone who asks meanwhile gets the one fetch", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const answers = [1, 2, 3].map(() => cache.store.get(HASH));
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  answers.push(cache.store.forPeer(new Uint8Array(32)).get(HASH));
  assertEquals(cache.registry.list().length, 1);
  upstream.goOn();
  for (const bytes of await Promise.all(answers)) assertEquals(bytes, CHUNK);
  assertEquals(upstream.asked(), 1);
});

Deno.test("a fetch is a row with the upstream as peer and its bytes so far", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const answer = cache.store.get(HASH);
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  const [row] = cache.registry.list("fetching");
  assertEquals([row.peer, toHex(row.hash), row.totalBytes], [
    PEER,
    toHex(HASH),
    CHUNK.length,
  ]);
  upstream.goOn();
  await answer;
  assertEquals(cache.registry.list(), []);
});

Deno.test("wrong bytes of the upstream are neither kept nor served", async () => {
  const liar = connectTo(async (_request, stream) => {
    await stream.write(encodeResponseHeader(4));
    await stream.write(Uint8Array.of(1, 2, 3, 4));
    stream.finish();
  });
  await using cache = new Cache([liar]);
  await assertRejects(() => cache.store.get(HASH), HashMismatchError);
  assertEquals(cache.local.size, 0);
  assertEquals(cache.count("fetch_failed"), 1);
});

Deno.test("that the upstream lacks a chunk is not remembered", async () => {
  const origin = new MemoryStore();
  await using cache = new Cache([connect(origin)]);
  assertEquals(await cache.store.get(HASH), undefined);
  assertEquals(await cache.store.has(HASH), false);
  await origin.put(HASH, CHUNK);
  assertEquals(await cache.store.has(HASH), true);
  assertEquals(await cache.store.get(HASH), CHUNK);
});

Deno.test("when the upstream is gone what is kept is served, and what is not fails at once until it is back", async () => {
  const other = pattern(5000, 2);
  const first = connect(await storeOf(CHUNK, other));
  const second = connect(await storeOf(CHUNK, other));
  const connections = [first];
  await using cache = new Cache(connections);
  await cache.store.get(HASH);
  await first.session.close();
  await until(() => cache.count("attach_failed") > 0);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(await cache.store.has(blake3(other)), false);
  await assertRejects(() => cache.store.get(blake3(other)), PeerClosedError);
  assertEquals(cache.registry.list(), []);
  connections[cache.attempts] = second;
  await until(() => cache.count("attached") === 2);
  assertEquals(await cache.store.get(blake3(other)), other);
  connections.splice(1, connections.length, second);
});

Deno.test("a miss waits for the first attempt to attach, and no longer", async () => {
  const attempt = Promise.withResolvers<Session>();
  const connect = () => attempt.promise;
  await using cache = new Cache([], { connect, retryMs: 60_000 });
  const waiting = cache.store.get(HASH);
  await until(() => cache.registry.list().length === 1);
  attempt.reject(new HandshakeError("nobody answers"));
  await assertRejects(() => waiting, PeerClosedError);
  await assertRejects(() => cache.store.get(HASH), PeerClosedError);
});

Deno.test("a fetch that its session leaves goes on over the next one", async () => {
  const upstream = halting();
  const first = connectTo(upstream.script);
  const second = connect(await storeOf(CHUNK));
  await using cache = new Cache([first, second]);
  const answer = cache.store.get(HASH);
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  await first.session.close();
  upstream.goOn();
  assertEquals(await answer, CHUNK);
  assertEquals(cache.attempts, 2);
});

Deno.test("an answer that ends too early in a living session is a failure, not a new attempt", async () => {
  const upstream = connectTo(async (_request, stream) => {
    await stream.write(encodeResponseHeader(CHUNK.length));
    stream.finish();
  });
  await using cache = new Cache([upstream]);
  await assertRejects(() => cache.store.get(HASH), PeerClosedError);
  assertEquals(upstream.session.opened, 1);
});

Deno.test("a miss gives up when attaching takes too long", async () => {
  const attempt = Promise.withResolvers<Session>();
  const connect = () => attempt.promise;
  await using cache = new Cache([], { connect, waitMs: 5 });
  await assertRejects(() => cache.store.get(HASH), TimeoutError);
  assertEquals(cache.registry.list(), []);
  attempt.reject(new HandshakeError("nobody answers"));
});

Deno.test("the pauses between attempts grow", async () => {
  await using cache = new Cache([]);
  await until(() => cache.count("attach_failed") >= 4);
  const pauses = cache.events.flatMap((event) =>
    event.type === "attach_failed" ? [event.retryMs] : []
  );
  assertEquals(pauses.slice(0, 4), [1, 2, 4, 8]);
});

Deno.test("a cancelled fetch fails for all who wait, and the next one begins anew", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const answers = [cache.store.get(HASH), cache.store.get(HASH)];
  const failures = Promise.all(
    answers.map((answer) =>
      assertRejects(() => answer, TransferCancelledError)
    ),
  );
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  const [{ transferId }] = cache.registry.list();
  assert(cache.registry.cancel(transferId));
  await failures;
  assertEquals(cache.local.size, 0);
  upstream.goOn();
  assertEquals(await cache.store.get(HASH), CHUNK);
});

Deno.test("a fetch is a peer's own as long as nobody else asks for it", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const [mine, other] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const first = cache.store.forPeer(mine).get(HASH);
  await until(() => cache.registry.list().length > 0);
  const [{ transferId }] = cache.registry.list();
  assert(cache.registry.isOwnedBy(transferId, mine));
  assert(!cache.registry.isOwnedBy(transferId, other));
  const second = cache.store.forPeer(other).get(HASH);
  await settle();
  assert(!cache.registry.isOwnedBy(transferId, mine));
  upstream.goOn();
  assertEquals(await first, await second);
});

/** Asks for five chunks at once, with room for two whole ones. */
function askForFive(
  connection: Connection,
): Cache & { answers: Promise<void> } {
  const cache = new Cache([connection], { maxBytes: 2 * CHUNK_SIZE });
  const hashes = Array.from({ length: 5 }, (_, i) => blake3(Uint8Array.of(i)));
  const answers = Promise.allSettled(
    hashes.map((hash) => cache.store.get(hash)),
  )
    .then(() => {});
  return Object.assign(cache, { answers });
}

Deno.test("as long as no length is known, as many chunks are asked for as fit whole", async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const connection = connectTo(async (_request, stream) => {
    asked++;
    await gate.promise;
    await stream.write(encodeResponseHeader(undefined));
    stream.finish();
  });
  await using cache = askForFive(connection);
  await until(() => asked >= 2);
  await settle();
  assertEquals(cache.registry.list().length, 2);
  assertEquals([asked, connection.session.open], [2, 2]);
  gate.resolve();
  await cache.answers;
  assertEquals([asked, connection.session.peakOpen], [5, 2]);
});

Deno.test("a chunk that turns out to be small makes room for others", async () => {
  const upstream = halting();
  const connection = connectTo(upstream.script);
  await using cache = askForFive(connection);
  await until(() => upstream.asked() === 5);
  assertEquals(connection.session.open, 5);
  upstream.goOn();
  await cache.answers;
  assertEquals(cache.local.size, 0);
});

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

Deno.test("what the upstream itself asks for is not asked of it", async () => {
  const key = new Uint8Array(32).fill(9);
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream], { peer: nodeIdOf(key) });
  const other = pattern(10, 3);
  await cache.local.put(blake3(other), other);
  const view = cache.store.forPeer(key);
  assertEquals(await view.has(HASH), false);
  assertEquals(await view.get(HASH), undefined);
  assertEquals(await view.get(blake3(other)), other);
  assertEquals(upstream.session.opened, 0);
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

Deno.test("a local store that cannot be written is gone around", async () => {
  const full = new MemoryStore();
  full.put = () => Promise.reject(new StoreError("no space left"));
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream], {}, full);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(cache.count("local_failed"), 1);
  // Nothing is fetched only to be lost.
  assertEquals(await prepareAll(cache.store, [HASH]), [true]);
  assertEquals(upstream.session.opened, 1);
});

Deno.test("closing the cache ends what is being fetched", async () => {
  const upstream = halting();
  const cache = new Cache([connectTo(upstream.script)]);
  const failed = assertRejects(() => cache.store.get(HASH), PeerClosedError);
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  const closed = cache[Symbol.asyncDispose]();
  await failed;
  upstream.goOn();
  await closed;
  await assertRejects(() => cache.store.get(HASH), StoreError);
});
