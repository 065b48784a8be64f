import { encodeBase64 } from "@std/encoding/base64";
import { hasHash, verifyHash } from "../content/mod.ts";
import { PermissionError, ProtocolError } from "../errors.ts";
import { CHUNK_MAX, STORE_RECORDS_MAX } from "../limits.ts";
import {
  decodeRecords,
  type HeapRecord,
  IDX_RECORD_LENGTH,
  type ReadContext,
} from "../store/mod.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkReader, ReadChunkOptions } from "./chunk_reader.ts";
import type { HttpRequest } from "./http_request.ts";
import {
  type Asking,
  type HttpAnswer,
  HttpRequests,
  type HttpRequestsOptions,
} from "./http_requests.ts";
import { isPage, pageInstead } from "./not_a_chunk.ts";
import type { MirrorLocation } from "./objects_url.ts";
import { shownUrl } from "./shown_url.ts";

/** How the chunks of a mirror are laid out. */
type Layout = "objects" | "store";

/** Repairs of one chunk that are looked through. */
const REPAIRS_MAX = 4;

const LAYOUTS: readonly Layout[] = ["objects", "store"];

/**
 * Chunks that any web server has, read over HTTP.
 *
 * Either as `blob/<hash>`, the bytes alone, or as the files of a store
 * directory, `dataforts/blob/<hash>/v0000000001/dat`: which of the two it is
 * the first chunk that is found tells.
 *
 * @example
 * ```ts
 * import { HttpMirror } from "./http_mirror.ts";
 * import { parseObjectsUrl } from "./objects_url.ts";
 *
 * async function hasChunk(url: string, hash: Uint8Array): Promise<boolean> {
 *   const location = parseObjectsUrl(url);
 *   if (location.kind !== "http") throw new TypeError(`no web server: ${url}`);
 *   await using mirror = new HttpMirror(location);
 *   return await mirror.has(hash);
 * }
 * ```
 */
export class HttpMirror implements ChunkReader {
  readonly name: string;
  readonly #base: URL;
  readonly #authorization?: string;
  readonly #requests: HttpRequests;
  /** Known once a chunk was found. */
  #layout?: Layout;

  /** Asks nothing yet. */
  constructor({ url }: MirrorLocation, options: HttpRequestsOptions = {}) {
    this.name = shownUrl(url);
    this.#authorization = basicAuthorization(url);
    this.#base = new URL(url);
    this.#base.username = "";
    this.#base.password = "";
    this.#requests = new HttpRequests(options);
  }

  /** Asks for the head of the chunk. */
  async has(hash: Uint8Array, context: ReadContext = {}): Promise<boolean> {
    using _turn = await context.requests?.acquire(1, context.signal);
    const { signal } = context;
    const found = await this.#inLayouts(async (layout) => {
      const url = this.#urlOf(layout, hash);
      const answer = await this.#send(url, { method: "HEAD", signal });
      if (answer.status === 200) return true;
      // Some servers answer to GET alone.
      if (answer.status !== 405 && answer.status !== 501) {
        return this.#absent(answer, url);
      }
      const first = await this.#send(url, {
        method: "GET",
        offset: 0,
        size: 1,
        signal,
      });
      return first.status === 206 || first.status === 200 ||
        this.#absent(first, url);
    });
    return found ?? false;
  }

  /**
   * Reads a chunk and checks it.
   *
   * @throws {HashMismatchError} When the mirror has other bytes under its name.
   */
  async get(
    hash: Uint8Array,
    context: ReadContext = {},
  ): Promise<Uint8Array | undefined> {
    using _turn = await context.requests?.acquire(1, context.signal);
    const bytes = await this.read(hash, undefined, context);
    if (bytes !== undefined) verifyHash(bytes, hash, { source: this.name });
    return bytes;
  }

  read(
    hash: Uint8Array,
    size: number | undefined,
    options: ReadChunkOptions = {},
  ): Promise<Uint8Array | undefined> {
    return this.#inLayouts((layout) =>
      layout === "objects"
        ? this.#readObject(this.#urlOf(layout, hash), hash, size, options)
        : this.#readStored(hash, size, options)
    );
  }

  /** Ends all requests. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#requests[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Looks in the layout that is known, or in both until one has something. */
  async #inLayouts<T>(
    look: (layout: Layout) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (this.#layout !== undefined) return await look(this.#layout);
    let refusal: PermissionError | undefined;
    for (const layout of LAYOUTS) {
      try {
        const found = await look(layout);
        if (found === undefined) continue;
        this.#layout ??= layout;
        return found;
      } catch (error) {
        // Stores that may not be listed refuse what is not there.
        if (!(error instanceof PermissionError)) throw error;
        refusal ??= error;
      }
    }
    if (refusal !== undefined) throw refusal;
    return undefined;
  }

  async #readObject(
    url: URL,
    hash: Uint8Array,
    size: number | undefined,
    options: ReadChunkOptions,
  ): Promise<Uint8Array | undefined> {
    const answer = await this.#send(url, { method: "GET", size, ...options });
    if (answer.status !== 200 && answer.status !== 206) {
      return this.#absent(answer, url);
    }
    const { bytes, headers } = answer;
    // Some servers answer so to whatever they do not have.
    const mayBePage = size === undefined && isPage(headers);
    if (mayBePage && !hasHash(bytes, hash)) throw pageInstead(shownUrl(url));
    return bytes;
  }

  /**
   * The same from the files of a store. A chunk that was repaired lies behind
   * its damaged bytes, where the last records of `idx` say.
   */
  async #readStored(
    hash: Uint8Array,
    size: number | undefined,
    options: ReadChunkOptions,
  ): Promise<Uint8Array | undefined> {
    const url = this.#urlOf("store", hash);
    let damage: ProtocolError | undefined;
    try {
      const bytes = await this.#readObject(url, hash, size, options);
      const isRight = bytes === undefined || size !== undefined ||
        hasHash(bytes, hash);
      if (isRight) return bytes;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      damage = error;
    }
    for (const record of await this.#recordsOf(url, size, options)) {
      const answer = await this.#send(url, {
        method: "GET",
        offset: record.offset,
        size: record.length,
        ...options,
      });
      if (answer.status === 206 && hasHash(answer.bytes, hash)) {
        return answer.bytes;
      }
      options.onBytes?.(-answer.bytes.length);
    }
    throw damage ??
      new ProtocolError(`${shownUrl(url)} is damaged, and was not repaired`, {
        hint: "store its content again, and publish that",
      });
  }

  /** The last records of a log, of which an honest one has one for each repair. */
  async #recordsOf(
    dat: URL,
    size: number | undefined,
    { signal }: ReadChunkOptions,
  ): Promise<HeapRecord[]> {
    const url = new URL(dat);
    url.pathname = url.pathname.replace(/dat$/, "idx");
    const most = STORE_RECORDS_MAX * IDX_RECORD_LENGTH;
    const { status, bytes } = await this.#send(url, {
      method: "GET",
      most,
      signal,
    });
    if (status !== 200) return [];
    return decodeRecords(bytes)
      .filter(({ length }) =>
        length <= CHUNK_MAX && length === (size ?? length)
      )
      .toReversed().slice(0, REPAIRS_MAX);
  }

  #urlOf(layout: Layout, hash: Uint8Array): URL {
    const url = new URL(this.#base);
    url.pathname += layout === "objects"
      ? `blob/${toHex(hash)}`
      : `dataforts/blob/${toHex(hash)}/v0000000001/dat`;
    return url;
  }

  #send(
    url: URL,
    { method, ...asking }:
      & { method: HttpRequest["method"]; most?: number }
      & Omit<Asking, "make" | "most">,
  ): Promise<HttpAnswer> {
    const authorization = this.#authorization;
    return this.#requests.send({
      most: asking.size ?? CHUNK_MAX,
      ...asking,
      make: (range) => ({
        method,
        url,
        headers: {
          ...(range !== undefined && { range }),
          ...(authorization !== undefined && { authorization }),
        },
      }),
    });
  }

  /** What an answer says that has no chunk: that there is none, or a failure. */
  #absent({ status }: HttpAnswer, url: URL): undefined {
    const shown = shownUrl(url);
    switch (status) {
      case 404:
      case 410:
        return undefined;
      case 401:
      case 403:
        throw new PermissionError(`${shown} may not be read (${status})`, {
          hint: this.#authorization === undefined
            ? "give user and password in the URL, or make it public"
            : "check user and password in the URL",
          fields: { status },
        });
      case 407:
        throw new PermissionError(`the proxy does not let us read ${shown}`, {
          hint: "give its user and password in HTTP_PROXY or HTTPS_PROXY",
          fields: { status },
        });
      default:
        throw new ProtocolError(`${shown} answers with ${status}`, {
          fields: { status },
        });
    }
  }
}

/** RFC 7617, of what stands before the host. */
function basicAuthorization(
  { username, password }: URL,
): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${
    decodeURIComponent(password)
  }`;
  return `Basic ${encodeBase64(pair)}`;
}
