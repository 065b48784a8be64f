import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, toHex } from "../content/mod.ts";
import {
  HandshakeError,
  HashMismatchError,
  PeerClosedError,
  StoreError,
  TimeoutError,
} from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import type { Session } from "../mesh/session.ts";
import { MemoryStore } from "../store/mod.ts";
import { encodeResponseHeader } from "./response_header.ts";
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

Deno.test("when the upstream is gone what is kept is served, and what is not waits for it to be back", async () => {
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
  const waiting = cache.store.get(blake3(other));
  await settle();
  assertEquals(cache.registry.list().length, 1);
  connections[cache.attempts] = second;
  assertEquals(await waiting, other);
  connections.splice(1, connections.length, second);
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

Deno.test("a miss gives up when the upstream stays away", async () => {
  await using cache = new Cache([], { waitMs: 5 });
  await assertRejects(() => cache.store.get(HASH), TimeoutError);
  assertEquals(cache.registry.list(), []);
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
  await until(() => cache.registry.list().length === 5 && asked >= 2);
  await settle();
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

Deno.test("a local store that cannot be written is gone around", async () => {
  const full = new MemoryStore();
  full.put = () => Promise.reject(new StoreError("no space left"));
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream], {}, full);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(cache.count("local_failed"), 1);
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
