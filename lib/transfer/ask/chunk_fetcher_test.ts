import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import {
  NotFoundError,
  PeerClosedError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
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
import { ChunkLengthError, ProtocolError } from "../protocol/transfer_error.ts";

const VIOLATION = StreamErrorCode.protocolViolation;
const HASH = new Uint8Array(32).fill(1);

/** A short timeout only where it is waited for: others must not run into it. */
function timeoutFor(error: unknown): { timeoutMs: number } {
  return { timeoutMs: error === TimeoutError ? 40 : 60_000 };
}

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

/** What a holder may do to a Get of 100 bytes. */
const HOSTILE_GETS: HostileCase[] = [
  ["does not hold it", says("01"), NotFoundError],
  ["answers nothing", says(), PeerClosedError],
  ["stops in its header", says("0080"), PeerClosedError],
  ["sends no header", begins("7f"), ProtocolError, VIOLATION],
  [
    "sends a length without end",
    begins("00", "ff".repeat(20)),
    ProtocolError,
    VIOLATION,
  ],
  ["answers as to Rpc", says("020000"), ProtocolError],
  ["announces 2^60 bytes", says("00808080808080808010"), ProtocolError],
  ["announces 2^40 bytes", says("00808080808020"), ChunkLengthError],
  [
    "announces one byte less",
    says("0063", new Uint8Array(99)),
    ChunkLengthError,
  ],
  [
    "announces one byte more",
    says("0065", new Uint8Array(101)),
    ChunkLengthError,
  ],
  [
    "ends in the middle of the chunk",
    says("0064", new Uint8Array(50)),
    PeerClosedError,
  ],
  [
    "sends bytes after the chunk",
    begins("0064", new Uint8Array(100), "00"),
    ProtocolError,
    VIOLATION,
  ],
  [
    "sends a second answer in the same packet",
    says(new Uint8Array([0, 1, 7, 0])),
    ChunkLengthError,
  ],
  ["sends without end", endless, ProtocolError, VIOLATION],
  ["never answers", () => {}, TimeoutError, StreamErrorCode.timeout],
  [
    "stalls in the middle of the chunk",
    (_request, stream) => stream.write(fromHex("006401020304")),
    TimeoutError,
    StreamErrorCode.timeout,
  ],
  ["withholds the end of the stream", (_request, stream) => {
    stream.write(encodeResponseHeader(100));
    return stream.write(new Uint8Array(100));
  }, TimeoutError],
  [
    "resets the stream",
    (_request, stream) => stream.reset(StreamErrorCode.shuttingDown),
    StreamResetError,
  ],
];

for (const [what, script, error, code] of HOSTILE_GETS) {
  Deno.test(`fetchInto gives up a holder that ${what}`, async () => {
    await using connection = connectTo(script);
    const { session, holder } = connection;
    const fetcher = new ChunkFetcher(session, timeoutFor(error));
    await assertRejects(
      () => fetcher.fetchInto(HASH, new Uint8Array(100)),
      error,
    );
    await settle();
    assertEquals(session.open, 0, "the stream is over on both sides");
    if (code !== undefined) {
      assertEquals(holder.accepted[0].send.stopCode, code);
    }
  });
}

Deno.test("fetchChunk accepts any length up to its limit and no more", async () => {
  await using connection = connectTo(says("0064", new Uint8Array(100)));
  const fetcher = new ChunkFetcher(connection.session);
  assertEquals((await fetcher.fetchChunk(HASH, 100)).length, 100);
  await assertRejects(() => fetcher.fetchChunk(HASH, 99), ProtocolError);
  await settle();
  assertEquals(connection.session.open, 0);
});

Deno.test("fetchMany gives all chunks and where they lie, however the answer is cut", async () => {
  await using store = new MemoryStore();
  const wanted: WantedChunk[] = [];
  const payloads: Uint8Array[] = [];
  for (const size of [1, 127, 128, 70_000, 3, 16_383, 16_384, 400_000]) {
    const bytes = pattern(size, size);
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    payloads.push(bytes);
    wanted.push({ hash, size });
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

const THREE: WantedChunk[] = [
  { hash: HASH, size: 2 },
  { hash: HASH, size: 200 },
  { hash: HASH, size: 2 },
];
const TWO_HUNDRED = new Uint8Array(200);

/** What a holder may do to a GetMany of 2, 200 and 2 bytes. */
const HOSTILE_BATCHES: HostileCase[] = [
  [
    "lacks the one in the middle",
    says("00020102", "01", "00020102"),
    NotFoundError,
  ],
  [
    "lacks the last one",
    says("00020102", "00c801", TWO_HUNDRED, "01"),
    NotFoundError,
  ],
  [
    "announces another length in the middle",
    says("00020102", "00c701", TWO_HUNDRED),
    ChunkLengthError,
  ],
  [
    "announces 2^60 bytes in the middle",
    says("00020102", "00808080808080808010"),
    ProtocolError,
  ],
  [
    "writes a length in more bytes than it needs",
    says("0082000102", "00c801", TWO_HUNDRED, "00020102"),
    ProtocolError,
  ],
  [
    "sends garbage between chunks",
    says("00020102", "ff".repeat(300)),
    ProtocolError,
  ],
  ["answers as to Rpc", says("00020102", "02"), ProtocolError],
  ["ends too early", says("00020102", "00c801", TWO_HUNDRED), PeerClosedError],
  [
    "sends bytes after the last one",
    says("00020102", "00c801", TWO_HUNDRED, "00020102", "00"),
    ProtocolError,
  ],
  [
    "stalls between chunks",
    (_request, stream) => stream.write(fromHex("00020102")),
    TimeoutError,
  ],
];

for (const [what, script, error] of HOSTILE_BATCHES) {
  Deno.test(`fetchMany gives up a holder that ${what}`, async () => {
    await using connection = connectTo(script);
    const fetcher = new ChunkFetcher(connection.session, timeoutFor(error));
    const asked: number[] = [];
    const label = (index: number) => {
      asked.push(index);
      return { text: "the file", fields: { path: "p" } };
    };
    await assertRejects(() => fetcher.fetchMany(THREE, { label }), error);
    await settle();
    assertEquals(connection.session.open, 0);
    if (what.includes("middle") && asked.length > 0) {
      assertEquals(asked, [1]);
    }
  });
}

Deno.test("a request that waits for its turn is not late while others move", async () => {
  const part = new Uint8Array(4096);
  const parts = 12;
  let busyIsDone = () => {};
  const turn = new Promise<void>((resolve) => busyIsDone = resolve);
  await using connection = connectTo(async (request, stream) => {
    if (request.kind === "get" && request.hash[0] === 1) {
      await stream.write(encodeResponseHeader(part.length * parts));
      for (let i = 0; i < parts; i++) {
        await stream.write(part);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      busyIsDone();
    } else {
      await turn;
      await stream.write(fromHex("000109"));
    }
    stream.finish();
  });
  const fetcher = new ChunkFetcher(connection.session, { timeoutMs: 1000 });
  const [, waited] = await Promise.all([
    fetcher.fetchInto(HASH, new Uint8Array(part.length * parts)),
    fetcher.fetchChunk(new Uint8Array(32).fill(2), 10),
  ]);
  assertEquals(waited, Uint8Array.of(9));
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
  assertEquals(
    await fetcher.have(hashes),
    hashes.map((_, i) => i % 3 === 0),
  );
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
