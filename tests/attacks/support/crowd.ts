/**
 * A crowd of clients that make work for a holder, and an honest one that fetches
 * beside them: over simulated links and in virtual time, so that nothing of it
 * depends on how fast or busy this machine is. The links take no time, so that
 * what passes is what the honest one waits for the crowd.
 */

import { blake3 } from "../../../lib/content/mod.ts";
import { CHUNK_SIZE } from "../../../lib/limits.ts";
import type { BidiStream } from "../../../lib/mesh/mod.ts";
import type { ChunkStore, ReadContext } from "../../../lib/store/mod.ts";
import { ChunkFetcher } from "../../../lib/transfer/ask/chunk_fetcher.ts";
import { encodeRequest } from "../../../lib/transfer/protocol/request.ts";
import { ServeMemory } from "../../../lib/transfer/serve/serve_memory.ts";
import {
  connect,
  type Connection,
} from "../../../lib/transfer/testing/fixture.ts";
import type { SessionPairOptions } from "../../../lib/transfer/testing/session_pair.ts";
import { VirtualTime } from "./virtual_time.ts";

/** The honest client. */
const HONEST = 1;
/** Chunks that it fetches. */
export const WANTED = 8;
/** Chunks that it asks for at once, as a fetch does. */
const AT_ONCE = 4;
/** Virtual milliseconds that the crowd has before the honest one comes. */
const SETTLE_MS = 500;

/** Lets so many virtual milliseconds pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A store in which every hash names the same chunk; counts for whom it is read. */
class CountedStore implements ChunkStore {
  honest = 0;
  others = 0;
  /** Looked at before each chunk of the honest client. */
  onHonest: () => void = () => {};
  readonly chunk = new Uint8Array(CHUNK_SIZE);
  readonly hash = blake3(this.chunk);
  has(): Promise<boolean> {
    return Promise.resolve(true);
  }
  sizeOf(): number {
    return CHUNK_SIZE;
  }
  async get(_hash: Uint8Array, reading?: ReadContext): Promise<Uint8Array> {
    if (reading?.publicKey?.every((byte) => byte === HONEST)) this.honest++;
    else this.others++;
    await Promise.resolve();
    return this.chunk;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What the honest client's fetch took of the holder. */
export interface Crowded {
  /** Chunks read for it, of which it needs {@linkcode WANTED}. */
  readonly honest: number;
  /** Virtual milliseconds that it waited. */
  readonly waitedMs: number;
  /** Chunks read for the crowd before it came, and meanwhile. */
  readonly before: number;
  readonly others: number;
  /** Bytes of chunks in memory at most, in use or sent and not acknowledged. */
  readonly bytes: number;
}

/** One client of the crowd. */
export interface Member extends Connection {
  readonly hash: Uint8Array;
  /** Asks for the chunk. */
  ask(): Promise<BidiStream>;
  /** Goes on with something beside the honest client until it has what it wants. */
  goOn(what: (signal: AbortSignal) => Promise<void>): void;
}

/**
 * Lets a crowd come, then an honest client.
 *
 * @param sessions How many there are.
 * @param keys How many keys they have.
 * @param act What each does; ends when it has done its worst.
 */
export async function crowd(
  sessions: number,
  keys: number,
  act: (member: Member) => Promise<void>,
  options: SessionPairOptions = {},
): Promise<Crowded> {
  using time = new VirtualTime();
  const store = new CountedStore();
  const memory = new ServeMemory();
  const open: Connection[] = [];
  const { hash } = store;
  const stop = new AbortController();
  const going: Promise<void>[] = [];
  const goOn: Member["goOn"] = (what) => void going.push(what(stop.signal));
  let bytes = 0;
  const serve = {
    memory,
    onEvent: () => bytes = Math.max(bytes, memory.used + memory.sentBytes),
  };
  const attach = (client: number, own: SessionPairOptions = {}) => {
    const connection = connect(store, serve, { ...own, client });
    open.push(connection);
    return connection;
  };
  const acting = Array.from({ length: sessions }, async (_, i) => {
    const connection = attach(HONEST + 1 + i % keys, options);
    const ask = async () => {
      const stream = await connection.session.openStream();
      await stream.write(encodeRequest({ kind: "get", hash }));
      stream.finish();
      return stream;
    };
    await act({ ...connection, hash, ask, goOn });
  });
  await time.until(Promise.all(acting));
  await time.until(pause(SETTLE_MS));
  const before = store.others;
  const began = time.now;
  const fetcher = new ChunkFetcher(attach(HONEST).session);
  let left = WANTED;
  const fetching = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await fetcher.fetchChunk(hash);
  });
  await time.until(Promise.all(fetching));
  const waitedMs = time.now - began;
  const result = {
    honest: store.honest,
    waitedMs,
    before,
    others: store.others - before,
    bytes,
  };
  stop.abort();
  // From the holder's end, as nothing more may come from the other one.
  await time.until(Promise.all(open.map(async ({ holder, served }) => {
    await holder.close();
    await served;
  })));
  await time.until(Promise.all(going));
  return result;
}
