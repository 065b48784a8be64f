import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import {
  HandshakeError,
  HashMismatchError,
  PeerClosedError,
  ProtocolError,
  StoreError,
  StreamResetError,
} from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { nodeIdOf } from "../../mesh/node_id.ts";
import type { Session } from "../../mesh/session.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import {
  Cache,
  CHUNK,
  halting,
  HASH,
  PEER,
  storeOf,
  until,
} from "../testing/cache.ts";
import {
  connect,
  type Connection,
  connectTo,
  pattern,
  respond,
  settle,
} from "../testing/fixture.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { Request } from "../protocol/request.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import {
  ChunkUnavailableError,
  TransferCancelledError,
} from "../protocol/transfer_error.ts";
import { keptOver } from "../testing/kept.ts";

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

Deno.test("all who wait for a chunk share one fetch, a row with the upstream as peer and its bytes so far", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const results = [1, 2, 3].map(() => cache.store.get(HASH));
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  results.push(cache.store.get(HASH, { publicKey: new Uint8Array(32) }));
  const rows = cache.registry.list("fetching");
  assertEquals(
    rows.map(({ peer, hash, totalBytes }) => [peer, toHex(hash), totalBytes]),
    [[PEER, toHex(HASH), CHUNK.length]],
  );
  upstream.goOn();
  for (const bytes of await Promise.all(results)) assertEquals(bytes, CHUNK);
  assertEquals(upstream.asked(), 1);
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
  await using cache = new Cache([connect(origin)], { absentMs: 0 });
  assertEquals(await cache.store.get(HASH), undefined);
  assertEquals(await cache.store.has(HASH), false);
  await origin.put(HASH, CHUNK);
  assertEquals(await cache.store.has(HASH), true);
  assertEquals(await cache.store.get(HASH), CHUNK);
});

Deno.test("when the upstream is gone for long what is kept is served, and what is not fails at once until it is back", async () => {
  const other = pattern(5000, 2);
  const first = connect(await storeOf(CHUNK, other));
  const second = connect(await storeOf(CHUNK, other));
  const connections = [first];
  await using cache = new Cache(connections, { waitMs: 0 });
  await cache.store.get(HASH);
  await first.session.close();
  await until(() => cache.count("attach_failed") > 0);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(await cache.store.has(blake3(other)), false);
  await assertRejects(
    () => cache.store.get(blake3(other)),
    ChunkUnavailableError,
  );
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
  const result = cache.store.get(HASH);
  await until(() => cache.registry.list()[0]?.bytesReceived > 0);
  await first.session.close();
  upstream.goOn();
  assertEquals(await result, CHUNK);
  assertEquals(cache.attempts, 2);
});

Deno.test("a miss waits for an upstream that was there just now", async () => {
  const first = connect(new MemoryStore());
  const second = connect(await storeOf(CHUNK));
  const connections = [first];
  await using cache = new Cache(connections);
  await until(() => cache.count("attached") === 1);
  await first.holder.close();
  await until(() => cache.count("attach_failed") > 0);
  const waiting = cache.store.get(HASH);
  await until(() => cache.registry.list().length === 1);
  connections[cache.attempts] = second;
  assertEquals(await waiting, CHUNK);
  connections.splice(1, connections.length, second);
});

Deno.test("of a large chunk an upstream is asked for what it has not sent before", async () => {
  const cut = connectTo(async (_request, stream) => {
    await stream.write(encodeResponseHeader(CHUNK.length));
    await stream.write(CHUNK.subarray(0, 60_000));
    await settle();
    await cut.holder.close();
  });
  const asked: Request[] = [];
  const second = connectTo(async (request, stream) => {
    asked.push(request);
    await respond(stream, CHUNK.subarray(60_000));
  });
  await using cache = new Cache([cut, second]);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(asked, [
    { kind: "get_range", hash: HASH, offset: 60_000n, length: 40_000n },
  ]);
});

Deno.test("who asks a cache that cannot ask its upstream is told so, and asks again", async () => {
  const [here, there] = [pattern(10, 1), pattern(10, 2)];
  const connections = [connect(await storeOf(here))];
  await using cache = new Cache(connections, { waitMs: 0 });
  await cache.store.get(blake3(here));
  await connections[0].holder.close();
  await until(() => cache.count("attach_failed") > 0);
  await using kept = keptOver([connect(cache.store)]);
  // Who has had nothing so far is not kept waiting.
  const other = new ChunkFetcher(kept.session);
  const error: StreamResetError = await assertRejects(
    () => other.fetchChunk(blake3(there)),
    StreamResetError,
  );
  assertEquals(error.code, StreamErrorCode.unavailable);
  const fetcher = new ChunkFetcher(kept.session);
  await fetcher.fetchChunk(blake3(here));
  const waiting = fetcher.fetchChunk(blake3(there));
  await until(() => cache.count("fetch_failed") > 1);
  const back = connect(await storeOf(there));
  connections[cache.attempts] = back;
  assertEquals(await waiting, there);
  connections.splice(1, connections.length, back);
});

Deno.test("a response that ends too early in a living session is a failure, not a new attempt", async () => {
  const upstream = connectTo(async (_request, stream) => {
    await stream.write(encodeResponseHeader(CHUNK.length));
    stream.finish();
  });
  await using cache = new Cache([upstream]);
  await assertRejects(() => cache.store.get(HASH), ProtocolError);
  assertEquals(upstream.session.opened, 1);
});

Deno.test("a miss gives up when attaching takes too long", async () => {
  const attempt = Promise.withResolvers<Session>();
  const connect = () => attempt.promise;
  await using cache = new Cache([], { connect, waitMs: 5 });
  await assertRejects(() => cache.store.get(HASH), ChunkUnavailableError);
  assertEquals(cache.registry.list(), []);
  attempt.reject(new HandshakeError("nobody answers"));
});

Deno.test("the pauses between attempts grow", async () => {
  await using cache = new Cache([]);
  await until(() => cache.count("attach_failed") >= 4);
  const pauses = cache.events.flatMap((event) =>
    event.type === "attach_failed" ? [event.retryMs] : []
  );
  for (const [i, longest] of [1, 2, 4, 8].entries()) {
    assert(pauses[i] >= longest / 2 && pauses[i] <= longest, `${pauses}`);
  }
});

Deno.test("a cancelled fetch fails for all who wait, and the next one begins anew", async () => {
  const upstream = halting();
  await using cache = new Cache([connectTo(upstream.script)]);
  const results = [cache.store.get(HASH), cache.store.get(HASH)];
  const failures = Promise.all(
    results.map((result) =>
      assertRejects(() => result, TransferCancelledError)
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
  const first = cache.store.get(HASH, { publicKey: mine });
  await until(() => cache.registry.list().length > 0);
  const [{ transferId }] = cache.registry.list();
  assert(cache.registry.isOwnedBy(transferId, mine));
  assert(!cache.registry.isOwnedBy(transferId, other));
  const second = cache.store.get(HASH, { publicKey: other });
  await settle();
  assert(!cache.registry.isOwnedBy(transferId, mine));
  upstream.goOn();
  assertEquals(await first, await second);
});

/** Asks for five chunks at once, with room for two whole ones. */
function askForFive(
  connection: Connection,
): Cache & { results: Promise<void> } {
  const cache = new Cache([connection], { maxBytes: 2 * CHUNK_SIZE });
  const hashes = Array.from({ length: 5 }, (_, i) => blake3(Uint8Array.of(i)));
  const results = Promise.allSettled(
    hashes.map((hash) => cache.store.get(hash)),
  )
    .then(() => {});
  return Object.assign(cache, { results });
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
  await cache.results;
  assertEquals([asked, connection.session.peakOpen], [5, 2]);
});

Deno.test("a chunk that turns out to be small makes room for others", async () => {
  const upstream = halting();
  const connection = connectTo(upstream.script);
  await using cache = askForFive(connection);
  await until(() => upstream.asked() === 5);
  assertEquals(connection.session.open, 5);
  upstream.goOn();
  await cache.results;
  assertEquals(cache.local.size, 0);
});

Deno.test("what the upstream itself asks for is not asked of it", async () => {
  const key = new Uint8Array(32).fill(9);
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream], { peer: nodeIdOf(key) });
  const other = pattern(10, 3);
  await cache.local.put(blake3(other), other);
  const context = { publicKey: key };
  assertEquals(await cache.store.has(HASH, context), false);
  assertEquals(await cache.store.get(HASH, context), undefined);
  assertEquals(await cache.store.get(blake3(other), context), other);
  const prepared = cache.store.prepare([HASH], context);
  assertEquals(await Array.fromAsync(prepared), [true]);
  assertEquals(upstream.session.opened, 0);
});

Deno.test("a local store that cannot be written is bypassed", async () => {
  const full = new MemoryStore();
  full.put = () => Promise.reject(new StoreError("no space left"));
  const upstream = connect(await storeOf(CHUNK));
  await using cache = new Cache([upstream], {}, full);
  assertEquals(await cache.store.get(HASH), CHUNK);
  assertEquals(cache.count("local_failed"), 1);
  // Nothing is fetched only to be lost.
  const prepared = cache.store.prepare([HASH], {});
  assertEquals(await Array.fromAsync(prepared), [true]);
  assertEquals(upstream.session.opened, 2);
  // Nor is asked for one after the other what is not there.
  const absent = [1, 2, 3].map((seed) => blake3(pattern(9, seed)));
  assertEquals(
    await Array.fromAsync(cache.store.prepare([...absent, HASH], {})),
    [false, false, false, true],
  );
  assertEquals(upstream.session.opened, 3);
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
