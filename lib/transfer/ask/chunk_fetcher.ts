/** The client of the transfer protocol over one session. */

import { isZeroChunk } from "../../content/mod.ts";
import { CHUNK_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { Request } from "../protocol/request.ts";
import { ProtocolError } from "../../errors.ts";
import type {
  RegisteredTransfer,
  TransferRegistry,
} from "../protocol/transfer_registry.ts";
import {
  type ChunkLabels,
  notFound,
  tooLong,
  type WantedChunk,
  wrongLength,
} from "./chunk_failure.ts";
import { Exchange, Exchanges } from "./exchange.ts";
import { ManyResponse } from "./many_response.ts";

export type { ChunkLabel, WantedChunk } from "./chunk_failure.ts";

/** How the requests of a fetch work. */
export interface ChunkFetcherOptions {
  /**
   * Longest time without progress of one request, in milliseconds.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  timeoutMs?: number;
  /** Shows every request while it runs. */
  registry?: TransferRegistry;
}

/** How chunks are fetched. */
export interface FetchChunkOptions extends ChunkLabels {
  signal?: AbortSignal;
  /** Told how many bytes of content a read has brought. */
  onBytes?: (count: number) => void;
  /** Told how many bytes were known without a read: zeros. */
  onZeros?: (count: number) => void;
  /** Gives the buffer a response is received into; a new one if not given. */
  allocate?: (length: number) => Uint8Array;
}

/** Chunks received behind each other in one buffer. */
export interface ReceivedChunks {
  /** The responses as they came, headers included. */
  readonly buffer: Uint8Array;
  /** Where in `buffer` each wanted chunk begins, in the order of the request. */
  readonly starts: number[];
}

/**
 * Fetches chunks from the peer of a session; any number of requests may run at
 * once, each on a stream of its own.
 *
 * The bytes are as the peer sent them: their BLAKE3 is checked by the caller
 * that writes or uses them.
 */
export class ChunkFetcher {
  readonly #exchanges: Exchanges;
  readonly #registry?: TransferRegistry;

  constructor(session: Session, options: ChunkFetcherOptions = {}) {
    this.#exchanges = new Exchanges(session, options.timeoutMs);
    this.#registry = options.registry;
  }

  /**
   * Fetches one chunk of known length into `target`, which it fills exactly;
   * zeros need no request.
   */
  async fetchInto(
    hash: Uint8Array,
    target: Uint8Array,
    options: FetchChunkOptions = {},
  ): Promise<void> {
    if (isZeroChunk(hash, target.length)) {
      target.fill(0);
      options.onZeros?.(target.length);
      return;
    }
    await this.#get(hash, (announced) => {
      if (announced === target.length) return target;
      throw wrongLength({ hash, size: target.length }, announced, 0, options);
    }, options);
  }

  /** Fetches one chunk of unknown length, up to `maxSize`. */
  fetchChunk(
    hash: Uint8Array,
    maxSize: number = CHUNK_MAX,
    options: FetchChunkOptions = {},
  ): Promise<Uint8Array> {
    return this.#get(
      hash,
      (announced) => allocate(announced, maxSize, hash, 0, options),
      options,
    );
  }

  /** Fetches many small chunks with one request. */
  fetchMany(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions = {},
  ): Promise<ReceivedChunks> {
    const response = new ManyResponse(wanted, options);
    const { starts, length, total } = response;
    let buffer: Uint8Array | undefined;
    return this.#run(wanted[0].hash, options, async (exchange, row) => {
      const whole = buffer ??= options.allocate?.(length) ??
        new Uint8Array(length);
      const { hashes, offset } = response.resume();
      if (hashes.length > 0) {
        await exchange.send({ kind: "get_many", hashes });
        await exchange.fill(whole.subarray(offset), (filled) => {
          const added = response.take(whole, offset + filled);
          row?.update(response.content, total);
          options.onBytes?.(added);
        });
        await exchange.expectEnd();
      }
      return { buffer: whole, starts };
    });
  }

  /**
   * Fetches up to `GET_MANY_MAX` chunks with one request, `undefined` for each
   * the peer lacks; a caller that stops ends it.
   */
  async *fetchEach(
    hashes: Uint8Array[],
    options: FetchChunkOptions = {},
  ): AsyncGenerator<Uint8Array | undefined, void, undefined> {
    const exchanges = this.#exchanges;
    const { signal } = options;
    let next = 0;
    let target: Uint8Array | undefined;
    let filled = 0;
    let lastProgress: number | undefined;
    for (let retries = 0; next < hashes.length; retries++) {
      // One that a lost connection has left incomplete comes again as a whole,
      // unless it is the only one.
      const isOne = next === hashes.length - 1;
      if (!isOne) filled = 0;
      using exchange = new Exchange(exchanges, signal, lastProgress);
      try {
        const request: Request = isOne
          ? requestFor(hashes[next], filled, target)
          : { kind: "get_many", hashes: hashes.slice(next) };
        await exchange.send(request);
        for (; next < hashes.length; next++) {
          const length = await readLength(exchange, request);
          if (length === undefined) {
            yield undefined;
            continue;
          }
          const hash = hashes[next];
          if (target === undefined || filled === 0) {
            target = allocate(length, CHUNK_MAX, hash, next, options);
          }
          const offset = filled;
          checkRest(hash, target, offset, length, next, options);
          await exchange.fill(target.subarray(offset), (more, added) => {
            filled = offset + more;
            options.onBytes?.(added);
          });
          const whole = target;
          target = undefined;
          filled = 0;
          yield whole;
        }
        await exchange.expectEnd();
      } catch (error) {
        exchange.fail(error);
        await exchanges.beforeAgain(exchange, error, retries, signal);
        lastProgress = exchange.lastProgress;
      }
    }
  }

  /** Asks which of up to `GET_MANY_MAX` chunks the peer holds; it may lie. */
  have(
    hashes: Uint8Array[],
    options: FetchChunkOptions = {},
  ): Promise<boolean[]> {
    return this.#run(undefined, options, async (exchange) => {
      await exchange.send({ kind: "have", hashes });
      const bitmap = new Uint8Array(Math.ceil(hashes.length / 8));
      const header = await exchange.readHeader();
      if (header.kind !== "found" || header.length !== bitmap.length) {
        throw new ProtocolError("the holder's answer to Have is no bitmap");
      }
      await exchange.fill(bitmap);
      await exchange.expectEnd();
      return hashes.map((_, i) => (bitmap[i >> 3] >> (i & 7) & 1) === 1);
    });
  }

  /**
   * Fetches a chunk; what has come when a connection is lost is kept, and the
   * rest of it asked for.
   */
  #get(
    hash: Uint8Array,
    targetFor: (announced: number) => Uint8Array,
    options: FetchChunkOptions,
  ): Promise<Uint8Array> {
    let target: Uint8Array | undefined;
    let filled = 0;
    return this.#run(hash, options, async (exchange, row) => {
      if (target !== undefined && filled === target.length) return target;
      const request = requestFor(hash, filled, target);
      await exchange.send(request);
      const length = await readLength(exchange, request);
      if (length === undefined) throw notFound(hash, 0, options);
      const whole = target ??= targetFor(length);
      const offset = filled;
      checkRest(hash, whole, offset, length, 0, options);
      row?.update(offset, whole.length);
      await exchange.fill(whole.subarray(offset), (more, added) => {
        filled = offset + more;
        row?.update(filled);
        options.onBytes?.(added);
      });
      await exchange.expectEnd();
      return whole;
    });
  }

  /** @param hash What the registry shows; nothing is registered without. */
  async #run<T>(
    hash: Uint8Array | undefined,
    { signal }: FetchChunkOptions,
    read: (exchange: Exchange, row?: RegisteredTransfer) => Promise<T>,
  ): Promise<T> {
    let current: Exchange | undefined;
    const cancel = (why: unknown) => current?.fail(why);
    const { remote } = this.#exchanges.session;
    const row = hash && this.#registry?.begin(remote.nodeId, hash, cancel);
    try {
      return await this.#exchanges.run((exchange) => {
        current = exchange;
        return read(exchange, row);
      }, signal);
    } finally {
      row?.end();
    }
  }
}

/** Fails when what is announced is not what is missing of a chunk. */
function checkRest(
  hash: Uint8Array,
  target: Uint8Array,
  offset: number,
  announced: number,
  index: number,
  options: FetchChunkOptions,
): void {
  if (offset + announced === target.length) return;
  const wanted = { hash, size: target.length };
  throw wrongLength(wanted, offset + announced, index, options);
}

/** The request for a chunk, or for what is missing of it. */
function requestFor(
  hash: Uint8Array,
  filled: number,
  target: Uint8Array | undefined,
): Request {
  if (target === undefined || filled === 0) return { kind: "get", hash };
  return {
    kind: "get_range",
    hash,
    offset: BigInt(filled),
    length: BigInt(target.length - filled),
  };
}

/** The length of the chunk that follows; `undefined` when it is not held. */
async function readLength(
  exchange: Exchange,
  { kind }: Request,
): Promise<number | undefined> {
  const header = await exchange.readHeader();
  if (header.kind === "failed") {
    const name = kind === "get_many" ? "GetMany" : "Get";
    throw new ProtocolError(`the holder's answer to ${name} is one to Rpc`);
  }
  return header.kind === "found" ? header.length : undefined;
}

/** The buffer for a chunk of unknown length. */
function allocate(
  announced: number,
  maxSize: number,
  hash: Uint8Array,
  index: number,
  options: FetchChunkOptions,
): Uint8Array {
  if (announced > maxSize) {
    throw tooLong(hash, announced, maxSize, index, options);
  }
  return options.allocate?.(announced) ?? new Uint8Array(announced);
}
