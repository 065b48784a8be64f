import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import {
  NotFoundError,
  PermissionError,
  StoreError,
  StreamResetError,
  TransferError,
} from "../../errors.ts";
import {
  CHUNK_SIZE,
  GET_MANY_MAX,
  REQUEST_MAX,
  REQUEST_MEMORY,
  RPC_ANSWER_MAX,
  SERVE_UNPROVEN_REQUESTS,
} from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import { type ChunkStore, MemoryStore } from "../../store/mod.ts";
import { fromHex } from "../../text/hex.ts";
import { callRpc } from "../ask/call_rpc.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { HolderEvent } from "./holder_event.ts";
import { encodeRequest, type Request } from "../protocol/request.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import { readAll, resetCode, SameStore, send } from "../testing/requests.ts";
import { connect, pattern, settle } from "../testing/fixture.ts";
import { ServeMemory } from "./serve_memory.ts";

const HASH = new Uint8Array(32).fill(1);
const GET: Request = { kind: "get", hash: HASH };

Deno.test("serveSession responds to Get and GetRange as documented", async () => {
  await using store = new MemoryStore();
  const bytes = pattern(300);
  const hash = blake3(bytes);
  await store.put(hash, bytes);
  await using connection = connect(store);
  const { session } = connection;
  const whole = await readAll(
    await send(session, { kind: "get", hash }),
  );
  assertEquals(whole, new Uint8Array([0, 0xac, 2, ...bytes]));
  const missing = await send(session, GET);
  assertEquals(await readAll(missing), Uint8Array.of(1));
  const ranges: [bigint, bigint, Uint8Array][] = [
    [0n, 300n, bytes],
    [10n, 5n, bytes.subarray(10, 15)],
    [290n, 100n, bytes.subarray(290)],
    [299n, 2n ** 64n - 1n, bytes.subarray(299)],
    [300n, 1n, new Uint8Array()],
    [2n ** 64n - 1n, 2n ** 64n - 1n, new Uint8Array()],
    [5n, 0n, new Uint8Array()],
  ];
  for (const [offset, length, part] of ranges) {
    const request: Request = { kind: "get_range", hash, offset, length };
    const response = await readAll(await send(session, request));
    assertEquals(response.subarray(response.length - part.length), part);
    assertEquals(response.length - part.length <= 3, true);
  }
  const none: Request = {
    kind: "get_range",
    hash: HASH,
    offset: 0n,
    length: 1n,
  };
  assertEquals(
    await readAll(await send(session, none)),
    Uint8Array.of(1),
  );
});

Deno.test("serveSession responds to GetMany in order, with what is missing in its place", async () => {
  await using store = new MemoryStore();
  const payloads = [10, 100_000, 300_000, 5].map((size) => pattern(size, size));
  const hashes: Uint8Array[] = [];
  for (const bytes of payloads) {
    hashes.push(blake3(bytes));
    await store.put(blake3(bytes), bytes);
  }
  hashes.splice(2, 0, HASH);
  await using connection = connect(store);
  const { session, holder } = connection;
  const response = await readAll(
    await send(session, { kind: "get_many", hashes }),
  );
  const expected = [
    ...[0, 10, ...payloads[0]],
    ...[0, 0xa0, 0x8d, 6, ...payloads[1]],
    1,
    ...[0, 0xe0, 0xa7, 0x12, ...payloads[2]],
    ...[0, 5, ...payloads[3]],
  ];
  assertEquals(blake3(response), blake3(new Uint8Array(expected)));
  assertEquals(holder.accepted[0].schedulingClass, "bulk");
  const empty = await send(session, { kind: "get_many", hashes: [] });
  assertEquals((await readAll(empty)).length, 0);
});

Deno.test("serveSession responds to Have with the first hash in the lowest bit", async () => {
  await using store = new MemoryStore();
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < 10; i++) {
    hashes.push(blake3(Uint8Array.of(i)));
    if ([0, 3, 9].includes(i)) await store.put(hashes[i], Uint8Array.of(i));
  }
  await using connection = connect(store);
  const { session, holder } = connection;
  const response = await readAll(
    await send(session, { kind: "have", hashes }),
  );
  assertEquals(response, Uint8Array.of(0, 2, 0b1001, 0b10));
  assertEquals(holder.accepted[0].schedulingClass, "interactive");
});

Deno.test("serveSession sends small chunks ahead of bulk data and large ones with it", async () => {
  await using small = connect(new SameStore(new Uint8Array(65536)));
  await send(small.session, GET);
  await using large = connect(new SameStore(new Uint8Array(65537)));
  await send(large.session, GET);
  await settle();
  assertEquals(small.holder.accepted[0].schedulingClass, "interactive");
  assertEquals(large.holder.accepted[0].schedulingClass, "bulk");
});

Deno.test("serveSession treats a store that fails as one that does not hold the chunk", async () => {
  const store: ChunkStore = {
    has: () => Promise.reject(new StoreError("no disk")),
    get: () => Promise.reject(new StoreError("no disk")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const events: HolderEvent[] = [];
  await using connection = connect(store, { onEvent: (e) => events.push(e) });
  const fetcher = new ChunkFetcher(connection.session);
  await assertRejects(() => fetcher.fetchChunk(HASH, 10), NotFoundError);
  assertEquals(await fetcher.have([HASH]), [false]);
  const failures = events.filter(({ type }) => type === "store_error");
  assertEquals(failures.length, 2);
});

Deno.test("serveSession calls procedures and carries their failures", async () => {
  const options = {
    rpc: {
      echo: (_name: string, body: Uint8Array) => Promise.resolve(body),
      denied: () => Promise.reject(new PermissionError("not for you")),
      broken: () => Promise.reject(new Error("a secret path")),
      long: () => Promise.resolve(new Uint8Array(RPC_ANSWER_MAX + 1)),
    },
  };
  await using connection = connect(new MemoryStore(), options);
  const { session } = connection;
  const call = (name: string) => callRpc(session, name, Uint8Array.of(1, 2));
  assertEquals(await call("echo"), Uint8Array.of(1, 2));
  await assertRejects(() => call("nothing"), NotFoundError, "nothing");
  await assertRejects(() => call("toString"), NotFoundError);
  const failures: [string, string, string][] = [
    ["denied", "permission", "denied: not for you"],
    ["broken", "internal", "broken: the procedure failed"],
    ["long", "internal", "long: the answer is too long"],
  ];
  for (const [name, kind, message] of failures) {
    const error = await assertRejects(() => call(name), TransferError);
    assertEquals((error as TransferError).kind, kind);
    assertEquals((error as TransferError).message, message);
  }
  assertEquals(session.open, 0);
});

Deno.test("serveSession keeps a bounded amount of answers that nobody takes, and ends the oldest", async () => {
  const memory = new ServeMemory();
  const rpc = { long: () => Promise.resolve(new Uint8Array(RPC_ANSWER_MAX)) };
  await using stack = new AsyncDisposableStack();
  const streams: BidiStream[] = [];
  for (let i = 0; i < 12; i += SERVE_UNPROVEN_REQUESTS) {
    const { session } = stack.use(
      connect(new MemoryStore(), { memory, rpc }, { window: 1000 }),
    );
    const body = new Uint8Array();
    for (let j = 0; j < SERVE_UNPROVEN_REQUESTS; j++) {
      streams.push(await send(session, { kind: "rpc", name: "long", body }));
    }
  }
  await settle();
  assert(memory.requestBytes <= REQUEST_MEMORY, `${memory.requestBytes} bytes`);
  assertEquals(await resetCode(streams[0]), StreamErrorCode.timeout);
});

Deno.test("of a session that has taken nothing few requests are worked on, and all in the end", async () => {
  let asked = 0;
  const answers = Promise.withResolvers<void>();
  await using connection = connect(new MemoryStore(), {
    rpc: {
      wait: async () => {
        asked++;
        await answers.promise;
        return new Uint8Array(1);
      },
    },
  });
  const calls = Array.from(
    { length: 3 * SERVE_UNPROVEN_REQUESTS },
    () => callRpc(connection.session, "wait", new Uint8Array()),
  );
  await settle();
  assertEquals(asked, SERVE_UNPROVEN_REQUESTS);
  answers.resolve();
  assertEquals((await Promise.all(calls)).length, calls.length);
});

const { malformedRequest, requestTooLarge } = StreamErrorCode;
const tooMany = [2, 0x81, 8, ...new Uint8Array(32 * (GET_MANY_MAX + 1))];
const HOSTILE_REQUESTS: [string, Uint8Array, number?][] = [
  ["nothing", new Uint8Array()],
  ["an unknown kind", fromHex("09")],
  ["half a hash", fromHex("00abab")],
  ["bytes after the request", new Uint8Array(34)],
  ["noise", pattern(5000)],
  ["a count without hashes", fromHex("02ffff03")],
  ["a name that is no text", fromHex("0402fffe00")],
  ["one hash too many", new Uint8Array(tooMany)],
  ["one byte too many", new Uint8Array(REQUEST_MAX + 1), requestTooLarge],
];

for (const [what, bytes, code = malformedRequest] of HOSTILE_REQUESTS) {
  Deno.test(`serveSession resets a stream that brings ${what}`, async () => {
    await using connection = connect(new MemoryStore());
    const { session } = connection;
    const stream = await send(session, bytes);
    assertEquals(await resetCode(stream), code);
    assertEquals(session.open, 0);
  });
}

Deno.test("serveSession gives a client that never ends its request its time and no more", async () => {
  await using connection = connect(new MemoryStore(), { requestTimeoutMs: 20 });
  const { session } = connection;
  const request = encodeRequest(GET);
  const [unfinished, unended] = [request.subarray(1), request];
  for (const bytes of [unfinished, unended]) {
    const stream = await session.openStream();
    await stream.write(bytes);
    assertEquals(await resetCode(stream), StreamErrorCode.timeout);
  }
  await settle();
  assertEquals(session.open, 0);
});

Deno.test("serveSession reads an endless request no further than its limit", async () => {
  await using connection = connect(new MemoryStore());
  const stream = await connection.session.openStream();
  let sent = 0;
  await assertRejects(async () => {
    while (true) {
      await stream.write(new Uint8Array(16384));
      sent += 16384;
    }
  }, StreamResetError);
  assert(sent < REQUEST_MAX + 2 * 262_144, `${sent} bytes were taken`);
});

Deno.test("serveSession works through 10 000 streams, some at a time", async () => {
  const store = new SameStore(new Uint8Array(10));
  let running = 0;
  let peak = 0;
  await using connection = connect(store, {
    maxConcurrentRequests: 20,
    onEvent: ({ type }) => {
      if (type === "request") peak = Math.max(peak, ++running);
      else if (type === "answered") running--;
    },
  }, { streamsMax: 10_000 });
  const { session } = connection;
  const streams: BidiStream[] = [];
  for (let i = 0; i < 10_000; i++) streams.push(await send(session, GET));
  const target = new Uint8Array(20);
  for (const stream of streams) assertEquals(await stream.read(target, 20), 12);
  assertEquals(session.open, 0);
  assert(peak <= 20, `${peak} at once`);
});

Deno.test("serveSession holds a bounded number of chunks for clients that do not read", async () => {
  const store = new SameStore(new Uint8Array(CHUNK_SIZE));
  const memory = new ServeMemory();
  await using connection = connect(store, {
    maxConcurrentRequests: 256,
    memory,
  }, { window: 65536 });
  const { session, holder } = connection;
  const streams: BidiStream[] = [];
  for (let i = 0; i < 128; i++) {
    streams.push(await send(session, GET));
    const hashes = new Array<Uint8Array>(8).fill(HASH);
    streams.push(await send(session, { kind: "get_many", hashes }));
  }
  await settle();
  assert(memory.used <= 2 * CHUNK_SIZE, `${memory.used} bytes are held`);
  const queued = holder.accepted.reduce(
    (sum, { send }) => sum + send.retained,
    0,
  );
  assert(queued <= 4 * (262_144 + 16), `${queued} bytes are queued`);
  // Those that go make room, those that stay are served.
  for (const stream of streams.slice(0, 255)) stream.stopSending(1);
  const target = new Uint8Array(1 << 22);
  const last = streams[255];
  let read = 0;
  for (let n = 1; n > 0; read += n) n = await last.read(target, target.length);
  assertEquals(read, 8 * (CHUNK_SIZE + 5));
  await settle();
  assertEquals(session.open, 0);
  assertEquals(memory.used, 0, "nothing of it is lost");
});

Deno.test("serveSession responds to Have and Rpc while readers of chunks stand still", async () => {
  const store = new SameStore(new Uint8Array(CHUNK_SIZE));
  await using connection = connect(store, {
    rpc: { ping: (_name, body) => Promise.resolve(body) },
  });
  const { session } = connection;
  for (let i = 0; i < 20; i++) await send(session, GET);
  assertEquals(await new ChunkFetcher(session).have([HASH]), [true]);
  assertEquals((await callRpc(session, "ping", HASH)).length, 32);
});

Deno.test("serveSession stops at once on its signal and resets what runs", async () => {
  const controller = new AbortController();
  await using connection = connect(
    new SameStore(new Uint8Array(CHUNK_SIZE)),
    { signal: controller.signal },
  );
  const { session, served } = connection;
  const stream = await send(session, GET);
  await settle();
  controller.abort();
  await served;
  assertEquals(await resetCode(stream), StreamErrorCode.shuttingDown);
  assertEquals(session.open, 0);
});

Deno.test("serveSession drains: running responses are completed, new requests refused", async () => {
  const drain = new AbortController();
  await using connection = connect(
    new SameStore(new Uint8Array(CHUNK_SIZE)),
    { drain: drain.signal },
  );
  const { session, served } = connection;
  const running = await send(session, GET);
  await settle();
  drain.abort();
  const late = await send(session, GET);
  assertEquals(await resetCode(late), StreamErrorCode.shuttingDown);
  const target = new Uint8Array(CHUNK_SIZE + 100);
  assertEquals(await running.read(target, target.length), CHUNK_SIZE + 5);
  await served;
  assertEquals(session.open, 0);
});

Deno.test("serveSession ends with its session, whatever is running", async () => {
  const events: HolderEvent[] = [];
  const connection = connect(new SameStore(new Uint8Array(CHUNK_SIZE)), {
    onEvent: (event) => events.push(event),
  });
  const { session, served } = connection;
  await send(session, GET);
  const unfinished = await session.openStream();
  await unfinished.write(Uint8Array.of(0));
  await settle();
  await session.close();
  await served;
  const failed = events.filter(({ type }) => type === "failed");
  assertEquals(failed.length, 2);
});

Deno.test("serveSession tells how each request goes", async () => {
  const events: HolderEvent[] = [];
  await using connection = connect(new SameStore(new Uint8Array(300_000)), {
    onEvent: (event) => events.push(event),
  });
  const fetcher = new ChunkFetcher(connection.session);
  await fetcher.fetchChunk(HASH);
  await settle();
  assertEquals(events[0].type, "request");
  const sent = events.reduce(
    (sum, event) => sum + (event.type === "sent" ? event.bytes : 0),
    0,
  );
  assertEquals(events.at(-1), {
    type: "answered",
    stream: 0,
    bytes: 300_004,
    chunks: 1,
    missing: 0,
  });
  assertEquals(sent, 300_004);
});
