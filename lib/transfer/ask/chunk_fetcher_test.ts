import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import {
  NotFoundError,
  ProtocolError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { fromHex } from "../../text/hex.ts";
import { ChunkFetcher, type WantedChunk } from "./chunk_fetcher.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import {
  connect,
  connectTo,
  pattern,
  type Script,
  settle,
} from "../testing/fixture.ts";
import { delivered } from "../testing/session_pair.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";

const VIOLATION = StreamErrorCode.protocolViolation;
const HASH = new Uint8Array(32).fill(1);
const ENDLESS = "ff".repeat(20);

/** Sends each part on its own, so that every cut is seen, and no end. */
function begins(...parts: (Uint8Array | string)[]): Script {
  return async (_request, stream) => {
    for (const part of parts) {
      await stream.write(typeof part === "string" ? fromHex(part) : part);
      await delivered();
    }
  };
}

/** The same with an end. */
function says(...parts: (Uint8Array | string)[]): Script {
  return async (request, stream) => {
    await begins(...parts)(request, stream);
    stream.finish();
  };
}

const endless: Script = async (_request, stream) => {
  await stream.write(encodeResponseHeader(100));
  while (true) await stream.write(new Uint8Array(65536));
};

/** What a holder does, how the request fails, and what the holder is told. */
type HostileCase = [
  what: string,
  script: Script,
  error: new (...args: never[]) => Error,
  code?: StreamErrorCode,
];

function zeros(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** What a holder may do to a Get of 100 bytes. */
const HOSTILE_GETS: HostileCase[] = [
  ["does not hold it", says("01"), NotFoundError],
  ["answers nothing", says(), ProtocolError],
  ["stops in its header", says("0080"), ProtocolError],
  ["sends no header", begins("7f"), ProtocolError, VIOLATION],
  ["sends an endless length", begins("00", ENDLESS), ProtocolError, VIOLATION],
  ["answers as to Rpc", says("020000"), ProtocolError],
  ["announces 2^60 bytes", says("00808080808080808010"), ProtocolError],
  ["announces 2^40 bytes", says("00808080808020"), ChunkLengthError],
  ["announces one byte less", says("0063", zeros(99)), ChunkLengthError],
  ["announces one byte more", says("0065", zeros(101)), ChunkLengthError],
  ["ends in the middle", says("0064", zeros(50)), ProtocolError],
  [
    "sends bytes after the chunk",
    begins("0064", zeros(100), "00"),
    ProtocolError,
    VIOLATION,
  ],
  ["sends a second answer at once", says("00010700"), ChunkLengthError],
  ["sends without end", endless, ProtocolError, VIOLATION],
  ["never answers", () => {}, TimeoutError, StreamErrorCode.timeout],
  [
    "stalls in the middle of the chunk",
    begins("006401020304"),
    TimeoutError,
    StreamErrorCode.timeout,
  ],
  ["withholds the end", begins("0064", zeros(100)), TimeoutError],
  [
    "resets the stream",
    (_request, stream) => stream.reset(StreamErrorCode.shuttingDown),
    StreamResetError,
  ],
];

const THREE: WantedChunk[] = [2, 200, 2].map((size) => ({ hash: HASH, size }));
/** A chunk of 2 bytes, and one of 200, in an answer. */
const SHORT = "00020102";
const LONG = `00c801${"00".repeat(200)}`;

/** What a holder may do to a GetMany of 2, 200 and 2 bytes. */
const HOSTILE_BATCHES: HostileCase[] = [
  ["lacks the one in the middle", says(SHORT, "01", SHORT), NotFoundError],
  ["lacks the last one", says(SHORT, LONG, "01"), NotFoundError],
  [
    "announces another length in the middle",
    says(SHORT, "00c701", zeros(200)),
    ChunkLengthError,
  ],
  [
    "announces 2^60 bytes in the middle",
    says(SHORT, "00808080808080808010"),
    ProtocolError,
  ],
  [
    "writes a length in more bytes than it needs",
    says("0082000102", LONG, SHORT),
    ProtocolError,
  ],
  ["sends garbage between", says(SHORT, "ff".repeat(300)), ProtocolError],
  ["answers as to Rpc", says(SHORT, "02"), ProtocolError],
  ["ends too early", says(SHORT, LONG), ProtocolError],
  ["sends bytes after the last", says(SHORT, LONG, SHORT, "00"), ProtocolError],
  ["stalls between chunks", begins(SHORT), TimeoutError],
];

for (
  const [name, cases] of [
    ["fetchInto", HOSTILE_GETS],
    ["fetchMany", HOSTILE_BATCHES],
  ] as const
) {
  for (const [what, script, error, code] of cases) {
    Deno.test(`${name} gives up a holder that ${what}`, async () => {
      await using connection = connectTo(script);
      const { session, holder } = connection;
      // A short timeout only where it is waited for: others must not run into it.
      const timeoutMs = error === TimeoutError ? 40 : 60_000;
      const fetcher = new ChunkFetcher(session, { timeoutMs });
      const asked: number[] = [];
      const label = (index: number) => {
        asked.push(index);
        return { text: "the file", fields: { path: "p" } };
      };
      await assertRejects(
        () =>
          name === "fetchInto"
            ? fetcher.fetchInto(HASH, zeros(100), { label })
            : fetcher.fetchMany(THREE, { label }),
        error,
      );
      await settle();
      assertEquals(session.open, 0, "the stream is over on both sides");
      if (code !== undefined) {
        assertEquals(holder.accepted[0].send.stopCode, code);
      }
      if (asked.length > 0 && name === "fetchMany" && /middle/.test(what)) {
        assertEquals(asked, [1]);
      }
    });
  }
}

Deno.test("fetchChunk accepts any length up to its limit and no more", async () => {
  await using connection = connectTo(says("0064", new Uint8Array(100)));
  const fetcher = new ChunkFetcher(connection.session);
  assertEquals((await fetcher.fetchChunk(HASH, 100)).length, 100);
  await assertRejects(() => fetcher.fetchChunk(HASH, 99), ProtocolError);
  await settle();
  assertEquals(connection.session.open, 0);
});

Deno.test("fetchInto asks nobody for a chunk of zeros", async () => {
  await using store = new MemoryStore();
  await using connection = connect(store);
  const target = new Uint8Array(CHUNK_SIZE).fill(1);
  const hash = blake3(new Uint8Array(CHUNK_SIZE));
  // The store has nothing.
  await new ChunkFetcher(connection.session).fetchInto(hash, target);
  assertEquals(blake3(target), hash);
});

Deno.test("fetchMany gives all chunks and where they lie, however the answer is cut", async () => {
  await using store = new MemoryStore();
  const sizes = [1, 127, 128, 70_000, 3, 16_383, 16_384, 400_000];
  const payloads = sizes.map((size) => pattern(size, size));
  const wanted: WantedChunk[] = [];
  for (const bytes of payloads) {
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    wanted.push({ hash, size: bytes.length });
  }
  // Byte by byte only the first three, whose headers are of several bytes.
  for (const [window, count] of [[1, 3], [1000, 8], [1 << 20, 8]]) {
    await using connection = connect(store, {}, { window });
    let told = 0;
    const { buffer, starts } = await new ChunkFetcher(connection.session)
      .fetchMany(wanted.slice(0, count), { onBytes: (bytes) => told += bytes });
    const expected = payloads.slice(0, count);
    for (const [i, payload] of expected.entries()) {
      const found = buffer.subarray(starts[i], starts[i] + payload.length);
      assert(found.every((byte, j) => byte === payload[j]), `chunk ${i}`);
    }
    assertEquals(told, expected.reduce((sum, { length }) => sum + length, 0));
  }
});

Deno.test("a request that waits for its turn is not late while others move", async () => {
  const part = new Uint8Array(4096);
  const parts = 35;
  const turn = Promise.withResolvers<void>();
  await using connection = connectTo(async (request, stream) => {
    if (request.kind === "get" && request.hash[0] === 1) {
      await stream.write(encodeResponseHeader(part.length * parts));
      for (let i = 0; i < parts; i++) {
        await stream.write(part);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      turn.resolve();
    } else {
      await turn.promise;
      await stream.write(fromHex("000109"));
    }
    stream.finish();
  });
  const fetcher = new ChunkFetcher(connection.session, { timeoutMs: 3000 });
  const [, waited] = await Promise.all([
    fetcher.fetchInto(HASH, new Uint8Array(part.length * parts)),
    fetcher.fetchChunk(new Uint8Array(32).fill(2), 10),
  ]);
  assertEquals(waited, Uint8Array.of(9));
});

Deno.test("a request that little comes for is not late, however long a read takes", async () => {
  const parts = 60;
  await using connection = connectTo(async (_, stream) => {
    await stream.write(encodeResponseHeader(100 * parts));
    for (let i = 0; i < parts; i++) {
      await stream.write(new Uint8Array(100));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    stream.finish();
  });
  const fetcher = new ChunkFetcher(connection.session, { timeoutMs: 3000 });
  const target = new Uint8Array(100 * parts).fill(1);
  await fetcher.fetchInto(HASH, target);
  assertEquals(target, new Uint8Array(100 * parts));
});

Deno.test("have returns one answer per hash", async () => {
  await using store = new MemoryStore();
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < 21; i++) {
    const bytes = Uint8Array.of(i);
    if (i % 3 === 0) await store.put(blake3(bytes), bytes);
    hashes.push(blake3(bytes));
  }
  await using connection = connect(store);
  const fetcher = new ChunkFetcher(connection.session);
  const held = hashes.map((_, i) => i % 3 === 0);
  assertEquals(await fetcher.have(hashes), held);
  assertEquals(await fetcher.have([]), []);
});

Deno.test("have refuses a bitmap of another length", async () => {
  await using connection = connectTo(says("00020000"));
  const fetcher = new ChunkFetcher(connection.session);
  await assertRejects(() => fetcher.have([HASH]), ProtocolError);
  await settle();
  assertEquals(connection.session.open, 0);
});

Deno.test("an abort gives the stream up at once, also while no stream can be opened", async () => {
  await using connection = connectTo(() => {}, { streamsMax: 1 });
  const { session, holder } = connection;
  const fetcher = new ChunkFetcher(session);
  const controller = new AbortController();
  const { signal } = controller;
  const first = fetcher.fetchChunk(HASH, 10, { signal });
  const second = fetcher.fetchChunk(HASH, 10, { signal });
  await settle();
  assertEquals(session.open, 1);
  controller.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  await assertRejects(() => second, Error, "enough");
  await settle();
  assertEquals(session.open, 0);
  assertEquals(holder.accepted[0].send.stopCode, StreamErrorCode.cancelled);
});
