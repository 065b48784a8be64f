import { PostcardWriter } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { CHUNK_SIZE, RPC_ANSWER_MAX } from "../../limits.ts";
import type { BidiStream, Session } from "../../mesh/mod.ts";
import type { ChunkStore } from "../../store/mod.ts";
import { PreparedChunks } from "./prepared_chunks.ts";
import { raceSignal } from "../../async/race_signal.ts";
import type { HolderEvent } from "./holder_event.ts";
import type { GetRangeRequest, Request } from "../protocol/request.ts";
import {
  encodeResponseHeader,
  responseHeaderLength,
  writeResponseHeader,
} from "../protocol/response_header.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import type { AnswerMemory } from "./serve_memory.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";

/** Bytes handed to a stream at once; small chunks are gathered up to this. */
const WRITE_BYTES = 256 * 1024;
/** A chunk up to this long is copied into a gathering buffer; it is also small enough to go ahead of bulk data. */
const SMALL_BYTES = 64 * 1024;
/** Milliseconds that small chunks wait for others to be written with. */
const GATHER_MS = 100;
/** Chunks of one request that are read from the store at once. */
const LOOK_AHEAD = 4;
/** Hashes looked up in the store at once for Have. */
const HAVE_AT_ONCE = 64;

/** What an answer needs of its surroundings. */
export interface AnswerContext {
  readonly session: Session;
  readonly store: ChunkStore;
  /** Bytes of chunks in memory. */
  readonly memory: AnswerMemory;
  readonly rpc: Readonly<Record<string, RpcHandler>>;
  readonly emit: (event: HolderEvent) => void;
  /** Aborts when the session is over or not served any more, or the answer is cancelled or stands still. */
  readonly signal: AbortSignal;
  /** Shows how far the answer is. */
  readonly transfer?: RegisteredTransfer;
}

/** A chunk read from the store, and the part of the budget it holds. */
interface Loaded {
  readonly bytes: Uint8Array | undefined;
  readonly held: number;
}

/** Answers one request on its stream. */
export class Answer {
  /** Bytes taken by the stream. */
  bytes = 0;
  /** Chunks sent. */
  chunks = 0;
  /** Chunks not held. */
  missing = 0;
  /** Bytes of headers before the chunks so far. */
  #headers = 0;
  /** Bytes of the one chunk asked for, or of its part. */
  #total?: number;
  readonly #context: AnswerContext;
  readonly #stream: BidiStream;

  constructor(context: AnswerContext, stream: BidiStream) {
    this.#context = context;
    this.#stream = stream;
  }

  /** Sends the whole answer and ends the stream. */
  async run(request: Request): Promise<void> {
    switch (request.kind) {
      case "get":
        return await this.#get(request.hash, (bytes) => bytes);
      case "get_range":
        return await this.#get(request.hash, (bytes) => cut(bytes, request));
      case "get_many":
        return await this.#getMany(request.hashes);
      case "have":
        return await this.#have(request.hashes);
      case "rpc":
        return await this.#rpc(request.name, request.body);
    }
  }

  async #get(
    hash: Uint8Array,
    part: (bytes: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const { memory, signal } = this.#context;
    const prepared = this.#prepare([hash]);
    await raceSignal(prepared.wait(), signal);
    await memory.acquire(CHUNK_SIZE, signal);
    const { bytes, held } = await this.#load(hash, prepared.take());
    try {
      this.#count(bytes);
      if (!bytes) {
        await this.#write(encodeResponseHeader(undefined), true);
      } else {
        const wanted = part(bytes);
        this.#total = wanted.length;
        await this.#sendChunk(wanted, true);
      }
    } finally {
      memory.release(held);
    }
  }

  /**
   * Reads ahead as far as the budget gives at once, so that a request which
   * holds memory never waits for more of it: many such would wait for ever.
   * None is taken for a chunk that the store has yet to get from elsewhere.
   */
  async #getMany(hashes: Uint8Array[]): Promise<void> {
    const { memory, signal } = this.#context;
    this.#stream.setPriority("bulk");
    const prepared = this.#prepare(hashes);
    const gathered = new Gathered();
    const loading: Promise<Loaded>[] = [];
    let next = 0;
    const writeGathered = async () => {
      const held = gathered.held;
      const bytes = gathered.take();
      try {
        if (bytes.length > 0) await this.#write(bytes, false);
      } finally {
        memory.release(held);
      }
    };
    // One write at a time; after a failure all that follow fail.
    let written = Promise.resolve();
    const flush = () => written = written.then(writeGathered);
    // The store may take its time for the next one.
    const timer = setInterval(() => {
      flush().catch(() => {});
    }, GATHER_MS);
    try {
      while (next < hashes.length || loading.length > 0) {
        while (
          next < hashes.length && loading.length < LOOK_AHEAD &&
          prepared.ready && memory.tryAcquire(CHUNK_SIZE)
        ) loading.push(this.#load(hashes[next++], prepared.take()));
        if (loading.length === 0) {
          if (!prepared.ready) {
            await raceSignal(prepared.wait(), signal);
            continue;
          }
          await flush();
          await memory.acquire(CHUNK_SIZE, signal);
          loading.push(this.#load(hashes[next++], prepared.take()));
        }
        const { bytes, held } = await loading[0];
        loading.shift();
        let unclaimed = held;
        try {
          this.#count(bytes);
          if (!gathered.fits(bytes)) await flush();
          if (bytes === undefined || bytes.length <= SMALL_BYTES) {
            gathered.add(bytes, held);
            unclaimed = 0;
          } else {
            await flush();
            await this.#sendChunk(bytes, false);
          }
        } finally {
          memory.release(unclaimed);
        }
      }
      await flush();
      this.#stream.finish();
    } finally {
      clearInterval(timer);
      memory.release(gathered.held);
      for (const { held } of await Promise.all(loading)) memory.release(held);
    }
  }

  /** The bitmap has one bit per hash, the first in the lowest bit of byte 0. */
  async #have(hashes: Uint8Array[]): Promise<void> {
    const bitmap = new Uint8Array(Math.ceil(hashes.length / 8));
    const { store, signal, emit } = this.#context;
    const look = async (hash: Uint8Array, i: number) => {
      try {
        if (await store.has(hash)) bitmap[i >> 3] |= 1 << (i & 7);
      } catch (error) {
        emit({ type: "store_error", hash, error });
      }
    };
    for (let i = 0; i < hashes.length; i += HAVE_AT_ONCE) {
      signal.throwIfAborted();
      const some = hashes.slice(i, i + HAVE_AT_ONCE);
      await Promise.all(some.map((hash, j) => look(hash, i + j)));
    }
    await this.#writeBody(bitmap);
  }

  async #rpc(name: string, body: Uint8Array): Promise<void> {
    const { rpc, session, signal } = this.#context;
    const handler = Object.hasOwn(rpc, name) ? rpc[name] : undefined;
    if (!handler) {
      await this.#write(encodeResponseHeader(undefined), true);
      return;
    }
    let answer: Uint8Array;
    try {
      answer = await raceSignal(handler(name, body, session), signal);
      if (answer.length > RPC_ANSWER_MAX) {
        throw new TransferError("internal", "the answer is too long");
      }
    } catch (error) {
      signal.throwIfAborted();
      await this.#write(encodeFailure(error), true);
      return;
    }
    await this.#writeBody(answer);
  }

  #prepare(hashes: readonly Uint8Array[]): PreparedChunks {
    const { store, signal } = this.#context;
    return new PreparedChunks(store, hashes, LOOK_AHEAD, signal);
  }

  /**
   * Reads a chunk for which {@linkcode CHUNK_SIZE} of the budget is taken.
   *
   * @param isHeld Whether it is worth looking.
   */
  async #load(hash: Uint8Array, isHeld: boolean): Promise<Loaded> {
    const { store, memory, emit, signal } = this.#context;
    let bytes: Uint8Array | undefined;
    try {
      // A store that has to ask for the chunk elsewhere may take its time.
      if (isHeld) bytes = await raceSignal(store.get(hash), signal);
    } catch (error) {
      // The next write ends an answer that is given up.
      if (!signal.aborted) emit({ type: "store_error", hash, error });
    }
    const held = bytes?.length ?? 0;
    memory.adjust(CHUNK_SIZE, held);
    return { bytes, held };
  }

  #count(bytes: Uint8Array | undefined): void {
    this.#headers += responseHeaderLength(bytes?.length);
    if (bytes) this.chunks++;
    else this.missing++;
  }

  async #sendChunk(bytes: Uint8Array, last: boolean): Promise<void> {
    if (bytes.length <= SMALL_BYTES) {
      const gathered = new Gathered();
      gathered.add(bytes, 0);
      return await this.#write(gathered.take(), last);
    }
    this.#stream.setPriority("bulk");
    const header = encodeResponseHeader(bytes.length);
    // A failure shows in the writes that follow.
    this.#stream.write(header).catch(() => {});
    this.#sent(header.length);
    for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
      const piece = bytes.subarray(start, start + WRITE_BYTES);
      if (start + WRITE_BYTES < bytes.length) await this.#write(piece, false);
      // What a slow reader leaves queued at the end is a copy: as a view it
      // would keep the whole chunk in memory, outside of the budget.
      else await this.#write(piece.slice(), last);
    }
  }

  async #writeBody(body: Uint8Array): Promise<void> {
    const header = encodeResponseHeader(body.length);
    const answer = new Uint8Array(header.length + body.length);
    answer.set(header);
    answer.set(body, header.length);
    await this.#write(answer, true);
  }

  async #write(bytes: Uint8Array, last: boolean): Promise<void> {
    const { signal } = this.#context;
    signal.throwIfAborted();
    const written = this.#stream.write(bytes);
    if (last) this.#stream.finish();
    await raceSignal(written, signal);
    this.#sent(bytes.length);
  }

  #sent(bytes: number): void {
    this.bytes += bytes;
    this.#context.memory.onProgress();
    const content = Math.max(0, this.bytes - this.#headers);
    this.#context.transfer?.update(content, this.#total);
    this.#context.emit({ type: "sent", stream: this.#stream.id, bytes });
  }
}

/** Answers for small chunks behind each other, to be written at once. */
class Gathered {
  /** Part of the budget that the gathered chunks hold. */
  held = 0;
  #parts: (Uint8Array | undefined)[] = [];
  #length = 0;

  /** Whether one more chunk stays within {@linkcode WRITE_BYTES}. */
  fits(bytes: Uint8Array | undefined): boolean {
    return this.#length + answerLength(bytes) <= WRITE_BYTES;
  }

  add(bytes: Uint8Array | undefined, held: number): void {
    this.#parts.push(bytes);
    this.#length += answerLength(bytes);
    this.held += held;
  }

  take(): Uint8Array {
    const buffer = new Uint8Array(this.#length);
    let offset = 0;
    for (const bytes of this.#parts) {
      if (bytes === undefined) buffer[offset++] = 1;
      else {
        offset = writeResponseHeader(buffer, offset, bytes.length);
        buffer.set(bytes, offset);
        offset += bytes.length;
      }
    }
    this.#parts = [];
    this.#length = 0;
    this.held = 0;
    return buffer;
  }
}

function answerLength(bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return 1;
  return responseHeaderLength(bytes.length) + bytes.length;
}

function cut(bytes: Uint8Array, range: GetRangeRequest): Uint8Array {
  const size = BigInt(bytes.length);
  const start = range.offset < size ? range.offset : size;
  const end = range.length < size - start ? start + range.length : size;
  return bytes.subarray(Number(start), Number(end));
}

function encodeFailure(error: unknown): Uint8Array {
  const known = error instanceof TransferError;
  const writer = new PostcardWriter();
  writer.u8(2);
  writer.string(known ? error.kind : "internal");
  // What broke inside the holder is for its own log.
  writer.string(known ? error.message.slice(0, 1000) : "the procedure failed");
  return writer.finish();
}
