import { SingleFlight } from "../async/single_flight.ts";
import { verifyHash } from "../content/mod.ts";
import { PermissionError, StoreError } from "../errors.ts";
import {
  CHUNK_MAX,
  OBJECT_LISTING_PAGE_MAX,
  OBJECT_TIMEOUT_MS,
  OBJECT_UPLOAD_BYTES_PER_SECOND,
  OBJECT_UPLOADS_MAX,
} from "../limits.ts";
import {
  checkChunk,
  type ReadContext,
  type WritableChunkStore,
} from "../store/mod.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkReader, ReadChunkOptions } from "./chunk_reader.ts";
import type { HttpAnswer, HttpRequestsOptions } from "./http_requests.ts";
import { type BucketLocation, shownLocation } from "./objects_url.ts";
import { Presence } from "./presence.ts";
import { S3Client } from "./s3_client.ts";
import { readS3Config, type S3Surroundings } from "./s3_config.ts";
import { s3Code } from "./s3_failure.ts";
import { isListing, type ListedChunk, parseListing } from "./s3_xml.ts";

/** How an {@linkcode S3Store} is opened. */
export interface S3StoreOptions extends HttpRequestsOptions, S3Surroundings {}

/**
 * Chunks in a bucket of an S3-compatible store, as the objects
 * `<prefix>blob/<hash>`: what any web server in front of the bucket gives to an
 * `HttpMirror`.
 */
export class S3Store implements ChunkReader, WritableChunkStore {
  readonly name: string;
  readonly #prefix: string;
  readonly #client: S3Client;
  readonly #timeoutMs: number;
  readonly #uploads = new SingleFlight<string, void>();
  readonly #presence: Presence;

  private constructor(
    location: BucketLocation,
    client: S3Client,
    timeoutMs: number,
  ) {
    this.name = shownLocation(location);
    this.#prefix = `${location.prefix}blob/`;
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#presence = new Presence({
      page: (token) => this.#pageIfAllowed(token),
      head: (hex) => this.#head(hex).catch(orNot),
    });
  }

  /**
   * Reads how to reach it; asks nothing yet.
   *
   * @throws {ConfigError} When what variables and files say cannot be used.
   */
  static async open(
    location: BucketLocation,
    { readEnv, onProblem, ...options }: S3StoreOptions,
  ): Promise<S3Store> {
    const config = await readS3Config({
      readEnv,
      ...(onProblem && { onProblem }),
    });
    const client = await S3Client.open(location.bucket, config, options);
    const timeoutMs = options.timeoutMs ?? OBJECT_TIMEOUT_MS;
    return new S3Store(location, client, timeoutMs);
  }

  /** Asks for the head of the object. */
  async has(hash: Uint8Array, context: ReadContext = {}): Promise<boolean> {
    using _turn = await context.requests?.acquire(1, context.signal);
    return await this.#head(toHex(hash), context.signal);
  }

  /**
   * Reads a chunk and checks it.
   *
   * @throws {HashMismatchError} When the object is not what its name says.
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

  async read(
    hash: Uint8Array,
    size: number | undefined,
    options: ReadChunkOptions = {},
  ): Promise<Uint8Array | undefined> {
    const answer = await this.#client.send({
      method: "GET",
      key: this.#keyOf(toHex(hash)),
      most: size ?? CHUNK_MAX,
      ...(size !== undefined && { size }),
      ...options,
    });
    if (isFound(answer)) return answer.bytes;
    if (isAbsent(answer)) return undefined;
    throw this.#client.failure(answer, "read");
  }

  /**
   * Whether a chunk need not be uploaded: asks seldom, and may not see what
   * somebody else has removed or stored since.
   */
  isThere(hash: Uint8Array): Promise<boolean> {
    return this.#presence.has(toHex(hash));
  }

  /**
   * Uploads a chunk, unless it is there.
   *
   * @throws {StoreError} When the store does not take it.
   */
  async put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    checkChunk(hash, bytes);
    const hex = toHex(hash);
    await this.#uploads.run(hex, async (signal) => {
      if (await this.#presence.has(hex)) return;
      await this.#upload(hex, unshared(bytes), signal);
      this.#presence.add(hex);
    });
  }

  /** Lists the chunks, in the order of their hashes where the store has one. */
  async *list(
    signal?: AbortSignal,
  ): AsyncGenerator<ListedChunk, void, undefined> {
    let token: string | undefined;
    do {
      const { chunks, next } = await this.#page(token, signal);
      yield* chunks;
      if (next !== undefined && next === token) {
        throw new StoreError(
          `${this.name} gives the same page again and again`,
        );
      }
      token = next;
    } while (token !== undefined);
  }

  /** Ends all requests. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    return Promise.resolve();
  }

  #keyOf(hex: string): string {
    return this.#prefix + hex;
  }

  async #head(hex: string, signal?: AbortSignal): Promise<boolean> {
    const asking = { key: this.#keyOf(hex), most: 1, signal };
    const answer = await this.#client.send({ ...asking, method: "HEAD" });
    if (answer.status === 200) return true;
    if (answer.status === 404) return false;
    // An answer to HEAD does not say why.
    const why = await this.#client.send({
      ...asking,
      method: "GET",
      offset: 0,
      size: 1,
    });
    if (isFound(why)) return true;
    if (isAbsent(why)) return false;
    throw this.#client.failure(why, "read");
  }

  async #upload(
    hex: string,
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<void> {
    // Nothing tells how far it is: it has as long as a slow line takes that all
    // uploads share.
    const slow = body.length * OBJECT_UPLOADS_MAX * 1000 /
      OBJECT_UPLOAD_BYTES_PER_SECOND;
    const answer = await this.#client.send({
      method: "PUT",
      key: this.#keyOf(hex),
      body,
      most: OBJECT_LISTING_PAGE_MAX,
      timeoutMs: this.#timeoutMs + slow,
      signal,
    });
    if (isFound(answer)) return;
    throw this.#client.failure(answer, "written");
  }

  /** A page; where it may not be listed, one that says nothing. */
  async #pageIfAllowed(token?: string) {
    try {
      return await this.#page(token);
    } catch (error) {
      if (!(error instanceof PermissionError)) throw error;
      return { chunks: [], next: "not told" };
    }
  }

  async #page(token?: string, signal?: AbortSignal) {
    const answer = await this.#client.send({
      method: "GET",
      query: {
        "list-type": "2",
        prefix: this.#prefix,
        ...(token !== undefined && { "continuation-token": token }),
      },
      most: OBJECT_LISTING_PAGE_MAX,
      signal,
    });
    const xml = new TextDecoder().decode(answer.bytes);
    if (!isFound(answer)) throw this.#client.failure(answer, "listed");
    if (!isListing(xml)) {
      throw new StoreError(`${this.name} answers with no listing`, {
        hint: "check AWS_ENDPOINT_URL: what answers there is no S3 store",
      });
    }
    return parseListing(xml);
  }
}

function isFound({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

function isAbsent(answer: HttpAnswer): boolean {
  return answer.status === 404 && s3Code(answer) !== "NoSuchBucket";
}

/** Who may only write is not told what is there. */
function orNot(error: unknown): boolean {
  if (error instanceof PermissionError) return false;
  throw error;
}

/** Memory that nobody shares, as requests take it. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes;
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, length)
    : new Uint8Array(bytes);
}
