import { assert, assertEquals, assertRejects } from "@std/assert";
import { equals } from "@std/bytes/equals";
import { blake3 } from "../../content/mod.ts";
import {
  NotFoundError,
  PeerClosedError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { Request } from "../protocol/request.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";
import {
  connect,
  type Connection,
  connectTo,
  pattern,
  respond,
  settle,
} from "../testing/fixture.ts";
import { keptOver } from "../testing/kept.ts";
import { ChunkFetcher, type WantedChunk } from "./chunk_fetcher.ts";

const CHUNK = pattern(100_000);
const HASH = blake3(CHUNK);
const LOST = "so it is";

/** Serves chunks and remembers what it was asked for. */
function noting(chunks: readonly Uint8Array[]) {
  const asked: Request[] = [];
  const held = new Map(chunks.map((bytes) => [toHex(blake3(bytes)), bytes]));
  const connection = connectTo(async (request, stream) => {
    asked.push(request);
    if (request.kind === "get_many") {
      for (const hash of request.hashes) {
        const bytes = held.get(toHex(hash))!;
        await stream.write(encodeResponseHeader(bytes.length));
        await stream.write(bytes);
      }
      stream.finish();
    } else if (request.kind === "get_range") {
      const start = Number(request.offset);
      const end = start + Number(request.length);
      const bytes = held.get(toHex(request.hash))!;
      await respond(stream, bytes.subarray(start, end));
    } else if (request.kind === "get") {
      await respond(stream, held.get(toHex(request.hash)));
    }
  });
  return { asked, connection };
}

/** A holder whose connection ends when it has sent so much of the chunk. */
function cutAfter(length: number): Connection {
  const cut = connectTo(async (_request, stream) => {
    await stream.write(encodeResponseHeader(CHUNK.length));
    await stream.write(CHUNK.subarray(0, length));
    await settle();
    await cut.holder.close(0, LOST);
  });
  return cut;
}

Deno.test("a chunk goes on where its connection was lost", async () => {
  const cut = cutAfter(60_000);
  const { asked, connection } = noting([CHUNK]);
  await using kept = keptOver([cut, connection]);
  const registry = new TransferRegistry();
  const fetcher = new ChunkFetcher(kept.session, { registry });
  let told = 0;
  const target = new Uint8Array(CHUNK.length);
  const ids = new Set<bigint>();
  await fetcher.fetchInto(HASH, target, {
    onBytes: (count) => {
      told += count;
      for (const { transferId } of registry.list()) ids.add(transferId);
    },
  });
  assertEquals(target, CHUNK);
  assertEquals(told, CHUNK.length);
  assertEquals(asked, [
    { kind: "get_range", hash: HASH, offset: 60_000n, length: 40_000n },
  ]);
  assertEquals(ids.size, 1, "it is one transfer");
  assertEquals(kept.events.map(({ type }) => type), ["lost", "attached"]);
});

Deno.test("a chunk of unknown length goes on, too, and one that was whole is not asked for again", async () => {
  for (const length of [60_000, CHUNK.length]) {
    const cut = cutAfter(length);
    const { asked, connection } = noting([CHUNK]);
    await using kept = keptOver([cut, connection]);
    const bytes = await new ChunkFetcher(kept.session).fetchChunk(HASH);
    assertEquals(bytes, CHUNK);
    assertEquals(asked.length, length < CHUNK.length ? 1 : 0);
  }
});

Deno.test("of many chunks those that are not whole are asked for again, and no byte is told of twice", async () => {
  const chunks = [1, 127, 128, 70_000, 3, 50_000].map((n) => pattern(n, n));
  const wanted: WantedChunk[] = chunks.map((bytes) => ({
    hash: blake3(bytes),
    size: bytes.length,
  }));
  // Lost before the first byte, within a header, within a chunk, after one, at the end.
  const whole = new Uint8Array(
    chunks.flatMap((bytes) => [
      ...encodeResponseHeader(bytes.length),
      ...bytes,
    ]),
  );
  const afterThree = [1, 127, 128].reduce((sum, size) => sum + size, 0) +
    2 + 2 + 3;
  for (
    const [length, left] of [
      [0, 6],
      [2, 6],
      [3, 5],
      [afterThree + 1, 3],
      [afterThree + 50_000, 3],
      [whole.length, 0],
    ]
  ) {
    const cut = connectTo(async (_request, stream) => {
      await stream.write(whole.subarray(0, length));
      await settle();
      await cut.holder.close(0, LOST);
    });
    const { asked, connection } = noting(chunks);
    await using kept = keptOver([cut, connection]);
    let told = 0;
    const { buffer, starts } = await new ChunkFetcher(kept.session)
      .fetchMany(wanted, {
        onBytes: (count) => {
          assert(count >= 0);
          told += count;
        },
      });
    for (const [i, bytes] of chunks.entries()) {
      const found = buffer.subarray(starts[i], starts[i] + bytes.length);
      assert(equals(found, bytes), `chunk ${i} after ${length} bytes`);
    }
    assertEquals(told, chunks.reduce((sum, { length }) => sum + length, 0));
    const again = asked.flatMap((request) =>
      request.kind === "get_many" ? request.hashes : []
    );
    assertEquals(again, wanted.slice(6 - left).map(({ hash }) => hash));
  }
});

Deno.test("a holder that has lost the chunk meanwhile is not asked a third time", async () => {
  const cut = connectTo(() => cut.holder.close(0, LOST));
  const empty = connect(new MemoryStore());
  const third = noting([CHUNK]);
  await using kept = keptOver([cut, empty, third.connection]);
  const fetcher = new ChunkFetcher(kept.session);
  await assertRejects(() => fetcher.fetchChunk(HASH), NotFoundError);
  assertEquals(third.asked, []);
});

Deno.test("a holder that shuts down is asked again when it is back", async () => {
  const leaving = connectTo((_request, stream) => {
    stream.reset(StreamErrorCode.shuttingDown);
    setTimeout(() => leaving.holder.close(0, "the node is shutting down"), 5);
  });
  const { connection } = noting([CHUNK]);
  await using kept = keptOver([leaving, connection]);
  assertEquals(await new ChunkFetcher(kept.session).fetchChunk(HASH), CHUNK);
});

Deno.test("what a holder gives up for another reason is not asked for again", async () => {
  let asked = 0;
  const failing = connectTo((_request, stream) => {
    asked++;
    stream.reset(StreamErrorCode.internal);
  });
  await using kept = keptOver([failing]);
  const fetcher = new ChunkFetcher(kept.session);
  await assertRejects(() => fetcher.fetchChunk(HASH), StreamResetError);
  assertEquals(asked, 1);
});

Deno.test("a request waits for a lost holder as long as it may make no progress, and says what happened", async () => {
  const cut = connectTo(() => cut.holder.close(0, LOST));
  await using kept = keptOver([cut]);
  const fetcher = new ChunkFetcher(kept.session, { timeoutMs: 60 });
  const error = await assertRejects(
    () => fetcher.fetchChunk(HASH),
    TimeoutError,
    `${LOST}) and could not be attached to again`,
  );
  assert(error.message.endsWith("nobody is there"), error.message);
});

Deno.test("connections that bring nothing are no progress", async () => {
  const cut = Array.from({ length: 20 }, () => {
    const connection = connectTo(() => connection.holder.close(0, LOST));
    return connection;
  });
  await using kept = keptOver(cut);
  const fetcher = new ChunkFetcher(kept.session, { timeoutMs: 60 });
  await assertRejects(() => fetcher.fetchChunk(HASH), TimeoutError);
});

Deno.test("a session that is not kept fails its requests when it is lost", async () => {
  const cut = connectTo(() => cut.holder.close(0, LOST));
  await using _cut = cut;
  const fetcher = new ChunkFetcher(cut.session);
  await assertRejects(() => fetcher.fetchChunk(HASH), PeerClosedError, LOST);
});
