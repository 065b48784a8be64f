/** The client of the transfer protocol over one session. */

import { type ErrorField, NotFoundError } from "../../errors.ts";
import { CHUNK_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { Request } from "../protocol/request.ts";
import {
  responseHeaderLength,
  ResponseHeaderParser,
} from "../protocol/response_header.ts";
import { ChunkLengthError, ProtocolError } from "../protocol/transfer_error.ts";
import type {
  RegisteredTransfer,
  TransferRegistry,
} from "../protocol/transfer_registry.ts";
import { Exchange, Exchanges } from "./exchange.ts";

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

/** One chunk wanted, with its declared length. */
export interface WantedChunk {
  readonly hash: Uint8Array;
  readonly size: number;
}

/** How a chunk is called in errors. */
export interface ChunkLabel {
  /** For people, for example `chunk 3 of docs/a.txt`. */
  readonly text: string;
  /** For machine-readable output. */
  readonly fields: Readonly<Record<string, ErrorField>>;
}

/** How chunks are fetched. */
export interface FetchChunkOptions {
  signal?: AbortSignal;
  /** Names the chunk in errors; `index` counts in the list requested. */
  label?: (index: number) => ChunkLabel;
  /** Told how many bytes of content a read has brought. */
  onBytes?: (count: number) => void;
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

  /** Fetches one chunk of known length into `target`, which it fills exactly. */
  async fetchInto(
    hash: Uint8Array,
    target: Uint8Array,
    options: FetchChunkOptions = {},
  ): Promise<void> {
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
    const hashes = wanted.map((chunk) => chunk.hash);
    let length = 0;
    let total = 0;
    const starts: number[] = [];
    for (const { size } of wanted) {
      length += responseHeaderLength(size);
      starts.push(length);
      length += size;
      total += size;
    }
    const request: Request = { kind: "get_many", hashes };
    return this.#run(request, hashes[0], options, async (exchange, row) => {
      const buffer = options.allocate?.(length) ?? new Uint8Array(length);
      let next = 0;
      let headers = 0;
      let content = 0;
      await exchange.fill(buffer, (filled) => {
        const checked = next;
        next = checkHeaders(buffer, filled, next, wanted, starts, options);
        for (const { size } of wanted.slice(checked, next)) {
          headers += responseHeaderLength(size);
        }
        const added = filled - headers - content;
        content += added;
        row?.update(content, total);
        options.onBytes?.(added);
      });
      await exchange.expectEnd();
      return { buffer, starts };
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
    const request: Request = hashes.length === 1
      ? { kind: "get", hash: hashes[0] }
      : { kind: "get_many", hashes };
    using exchange = new Exchange(this.#exchanges, options.signal);
    try {
      await exchange.send(request);
      for (const [i, hash] of hashes.entries()) {
        const length = await readLength(exchange, request);
        if (length === undefined) {
          yield undefined;
          continue;
        }
        const target = allocate(length, CHUNK_MAX, hash, i, options);
        await exchange.fill(target, (_, added) => options.onBytes?.(added));
        yield target;
      }
      await exchange.expectEnd();
    } catch (error) {
      exchange.fail(error);
      throw error;
    }
  }

  /** Asks which of up to `GET_MANY_MAX` chunks the peer holds; it may lie. */
  have(
    hashes: Uint8Array[],
    options: FetchChunkOptions = {},
  ): Promise<boolean[]> {
    const request: Request = { kind: "have", hashes };
    return this.#run(request, undefined, options, async (exchange) => {
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

  #get(
    hash: Uint8Array,
    targetFor: (announced: number) => Uint8Array,
    options: FetchChunkOptions,
  ): Promise<Uint8Array> {
    const request: Request = { kind: "get", hash };
    return this.#run(request, hash, options, async (exchange, row) => {
      const length = await readLength(exchange, request);
      if (length === undefined) throw notFound(hash, 0, options);
      const target = targetFor(length);
      row?.update(0, length);
      await exchange.fill(target, (filled, added) => {
        row?.update(filled);
        options.onBytes?.(added);
      });
      await exchange.expectEnd();
      return target;
    });
  }

  /** @param hash What the registry shows; nothing is registered without. */
  #run<T>(
    request: Request,
    hash: Uint8Array | undefined,
    { signal }: FetchChunkOptions,
    read: (exchange: Exchange, row?: RegisteredTransfer) => Promise<T>,
  ): Promise<T> {
    return this.#exchanges.run(async (exchange) => {
      const { nodeId } = this.#exchanges.session.remote;
      const row = hash &&
        this.#registry?.begin(nodeId, hash, (why) => exchange.fail(why));
      try {
        await exchange.send(request);
        return await read(exchange, row);
      } finally {
        row?.end();
      }
    }, signal);
  }
}

/** The length of the chunk that follows; `undefined` when it is not held. */
async function readLength(
  exchange: Exchange,
  { kind }: Request,
): Promise<number | undefined> {
  const header = await exchange.readHeader();
  if (header.kind === "failed") {
    const name = kind === "get" ? "Get" : "GetMany";
    throw new ProtocolError(`the holder's answer to ${name} is one to Rpc`);
  }
  return header.kind === "found" ? header.length : undefined;
}

/**
 * Checks the headers among the first `filled` bytes of a response to GetMany,
 * each of which must announce the length that is wanted there, from that of
 * chunk `next` on; gives the first chunk whose header is not there yet.
 */
function checkHeaders(
  buffer: Uint8Array,
  filled: number,
  next: number,
  wanted: readonly WantedChunk[],
  starts: number[],
  options: FetchChunkOptions,
): number {
  const parser = new ResponseHeaderParser();
  for (; next < wanted.length; next++) {
    const { hash, size } = wanted[next];
    const start = starts[next] - responseHeaderLength(size);
    if (start >= filled) break;
    parser.reset();
    const length = parser.push(buffer.subarray(start, filled));
    const header = parser.header;
    if (header === undefined) break;
    if (header.kind === "not_found") throw notFound(hash, next, options);
    if (header.kind === "failed") {
      throw new ProtocolError("the holder's answer to GetMany is one to Rpc");
    }
    if (header.length !== size) {
      throw wrongLength(wanted[next], header.length, next, options);
    }
    if (start + length !== starts[next]) {
      throw new ProtocolError("a length in an answer is not in shortest form");
    }
  }
  return next;
}

/** The buffer for a chunk of unknown length. */
function allocate(
  announced: number,
  maxSize: number,
  hash: Uint8Array,
  index: number,
  options: FetchChunkOptions,
): Uint8Array {
  if (announced <= maxSize) {
    return options.allocate?.(announced) ?? new Uint8Array(announced);
  }
  const { text, fields } = labelOf(hash, index, options);
  throw new ProtocolError(
    `the holder announces ${announced} bytes for ${text}: the limit is ${maxSize}`,
    { fields: { ...fields, announced } },
  );
}

function wrongLength(
  { hash, size }: WantedChunk,
  announced: number,
  index: number,
  options: FetchChunkOptions,
): ChunkLengthError {
  const { text, fields } = labelOf(hash, index, options);
  return new ChunkLengthError(size, announced, text, { fields });
}

function notFound(
  hash: Uint8Array,
  index: number,
  options: FetchChunkOptions,
): NotFoundError {
  const { text, fields } = labelOf(hash, index, options);
  return new NotFoundError(`the holder does not have ${text}`, { fields });
}

function labelOf(
  hash: Uint8Array,
  index: number,
  options: FetchChunkOptions,
): ChunkLabel {
  const hex = toHex(hash);
  const label = options.label?.(index);
  return {
    text: label?.text ?? `chunk ${hex}`,
    fields: { ...label?.fields, hash: hex },
  };
}
