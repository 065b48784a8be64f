/**
 * The asking end of the transfer protocol over one session.
 *
 * @module
 */

import { toHex } from "../../content/mod.ts";
import { NotFoundError } from "../../errors.ts";
import { CHUNK_MAX, REQUEST_TIMEOUT_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { Exchange, type ExchangeContext, ReadPace } from "./exchange.ts";
import { StallWatch } from "./stall_watch.ts";
import type {
  ChunkLabel,
  ChunkSource,
  FetchChunkOptions,
  ReceivedChunks,
  WantedChunk,
} from "./chunk_source.ts";
import { encodeRequest, type Request } from "../protocol/request.ts";
import {
  responseHeaderLength,
  ResponseHeaderParser,
} from "../protocol/response_header.ts";
import { ChunkLengthError, ProtocolError } from "../protocol/transfer_error.ts";
import type {
  RegisteredTransfer,
  TransferRegistry,
} from "../protocol/transfer_registry.ts";

/** How a {@linkcode ChunkFetcher} works. */
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

/**
 * Fetches chunks from the peer of a session; any number of requests may run at
 * once, each on a stream of its own.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { ChunkFetcher } from "./chunk_fetcher.ts";
 *
 * async function first(session: Session, hash: Uint8Array) {
 *   return await new ChunkFetcher(session).fetchChunk(hash);
 * }
 * ```
 */
export class ChunkFetcher implements ChunkSource {
  readonly #context: ExchangeContext;
  readonly #registry?: TransferRegistry;

  /** Makes a fetcher; it holds nothing between requests. */
  constructor(session: Session, options: ChunkFetcherOptions = {}) {
    this.#context = {
      session,
      watch: new StallWatch(options.timeoutMs ?? REQUEST_TIMEOUT_MS),
      pace: new ReadPace(),
    };
    this.#registry = options.registry;
  }

  /** Implements {@linkcode ChunkSource.fetchInto}. */
  async fetchInto(
    hash: Uint8Array,
    target: Uint8Array,
    options: FetchChunkOptions = {},
  ): Promise<void> {
    await this.#get(hash, (announced) => {
      if (announced === target.length) return target;
      throw new ChunkLengthError(
        target.length,
        announced,
        labelOf(hash, 0, options).text,
        { fields: labelOf(hash, 0, options).fields },
      );
    }, options);
  }

  /** Implements {@linkcode ChunkSource.fetchChunk}. */
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

  /** Implements {@linkcode ChunkSource.fetchMany}. */
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
    return this.#run(
      request,
      hashes[0],
      options,
      async (exchange, transfer) => {
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
          transfer?.update(content, total);
          options.onBytes?.(added);
        });
        await exchange.expectEnd();
        return { buffer, starts };
      },
    );
  }

  /**
   * Fetches chunks of unknown length with one request, each when it is asked
   * for; who stops asking ends the request.
   *
   * @param hashes At most `GET_MANY_MAX` hashes of 32 bytes.
   * @returns The chunks in order, `undefined` where the holder lacks one.
   */
  async *fetchEach(
    hashes: Uint8Array[],
    options: FetchChunkOptions = {},
  ): AsyncGenerator<Uint8Array | undefined, void, undefined> {
    const request: Request = hashes.length === 1
      ? { kind: "get", hash: hashes[0] }
      : { kind: "get_many", hashes };
    const exchange = new Exchange(this.#context, options.signal);
    let failure: unknown;
    try {
      await exchange.send(encodeRequest(request));
      for (const [i, hash] of hashes.entries()) {
        const header = await exchange.readHeader();
        if (header.kind === "failed") throw answeredAsRpc(request);
        if (header.kind === "not_found") {
          yield undefined;
          continue;
        }
        const { length } = header;
        const target = allocate(length, CHUNK_MAX, hash, i, options);
        await exchange.fill(target, (_, added) => options.onBytes?.(added));
        yield target;
      }
      await exchange.expectEnd();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      exchange.end(failure);
    }
  }

  /**
   * Asks which chunks the peer holds; it may have lied when it comes to
   * fetching them.
   *
   * @param hashes At most `GET_MANY_MAX` hashes of 32 bytes.
   * @returns One answer per hash, in order.
   */
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
    allocate: (announced: number) => Uint8Array,
    options: FetchChunkOptions,
  ): Promise<Uint8Array> {
    const request: Request = { kind: "get", hash };
    return this.#run(request, hash, options, async (exchange, transfer) => {
      const header = await exchange.readHeader();
      if (header.kind === "not_found") throw notFound(hash, 0, options);
      if (header.kind === "failed") throw answeredAsRpc(request);
      const target = allocate(header.length);
      transfer?.update(0, target.length);
      await exchange.fill(target, (filled, added) => {
        transfer?.update(filled);
        options.onBytes?.(added);
      });
      await exchange.expectEnd();
      return target;
    });
  }

  async #run<T>(
    request: Request,
    hash: Uint8Array | undefined,
    options: FetchChunkOptions,
    read: (exchange: Exchange, transfer?: RegisteredTransfer) => Promise<T>,
  ): Promise<T> {
    options.signal?.throwIfAborted();
    const bytes = encodeRequest(request);
    const exchange = new Exchange(this.#context, options.signal);
    const transfer = hash &&
      this.#registry?.begin(
        this.#context.session.remote.nodeId,
        hash,
        (reason) => exchange.fail(reason),
      );
    let failure: unknown;
    try {
      await exchange.send(bytes);
      return await read(exchange, transfer);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      transfer?.end();
      exchange.end(failure);
    }
  }
}

/**
 * Checks the headers among the first `filled` bytes of an answer to GetMany,
 * each of which must announce the length that is wanted there.
 *
 * @param next The first chunk whose header is not checked yet.
 * @returns The same after this call.
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
      const { text, fields } = labelOf(hash, next, options);
      throw new ChunkLengthError(size, header.length, text, { fields });
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

function answeredAsRpc({ kind }: Request): ProtocolError {
  const name = kind === "get" ? "Get" : "GetMany";
  return new ProtocolError(`the holder's answer to ${name} is one to Rpc`);
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
