/**
 * Reading files for publishing: one pass, a few megabytes of memory whatever the
 * size.
 *
 * @module
 */

import {
  blake3,
  type BlobRef,
  chunkStream,
  createBlake3,
  makeSmall,
  toHex,
} from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { fill, fillSync, SYNC_BYTES } from "./_file_slices.ts";
import { describeIoError, unreadable } from "./_io_errors.ts";
import { atPath, type SourcePath } from "./_raw_paths.ts";

/** Takes what a publisher reads and makes. */
export interface PublishSink {
  /**
   * Takes a chunk of a file.
   *
   * @param file Number of the file.
   * @param bytes Overwritten after the sink has resolved.
   */
  piece(
    file: number,
    offset: number,
    hash: Uint8Array,
    bytes: Uint8Array,
  ): void | Promise<void>;
  /** Takes a chunk that lies in no file: of a manifest, or a tree node. */
  made(hash: Uint8Array, bytes: Uint8Array): void | Promise<void>;
}

/** How {@linkcode FileHasher.hash} is to read a file. */
export interface HashFileOptions {
  /** Its number, for the sink. */
  file: number;
  /** Its length in bytes when it was listed. */
  size: number;
  /** What the reference says; `mesh://` and the hash of the whole file if not given. */
  uri?: string;
  /** Ends the reading; its reason is thrown. */
  signal?: AbortSignal;
}

/** Reads one file after the other into buffers that are made once. */
export class FileHasher {
  readonly #sink: PublishSink;
  /** One byte more than a small file has, to see that it ends. */
  readonly #small = new Uint8Array(SYNC_BYTES + 1);
  #window: Uint8Array | undefined;

  /** Hands the chunks to `sink`. */
  constructor(sink: PublishSink) {
    this.#sink = sink;
  }

  /**
   * Reads a file, hands its chunks out and makes its reference.
   *
   * @throws {LandingError} When it cannot be read or its length changes.
   */
  async hash(source: SourcePath, options: HashFileOptions): Promise<BlobRef> {
    const { file, size, uri } = options;
    if (size > CHUNK_SIZE) return await this.#hashLarge(source, options);
    const bytes = size <= SYNC_BYTES
      ? this.#readSmall(source, size)
      : await this.#readMedium(source, size);
    const hash = blake3(bytes);
    await this.#sink.piece(file, 0, hash, bytes);
    return makeSmall(uri ?? contentUri(hash), hash, bytes.length);
  }

  #readSmall(source: SourcePath, size: number): Uint8Array {
    const target = this.#small.subarray(0, size + 1);
    let read: number;
    try {
      read = atPath(source, (path) => {
        using file = Deno.openSync(path);
        return fillSync(file, target);
      });
    } catch (error) {
      throw unreadable(source, describeIoError(error), error);
    }
    if (read !== size) throw changed(source, size);
    return target.subarray(0, size);
  }

  async #readMedium(source: SourcePath, size: number): Promise<Uint8Array> {
    const target = this.#buffer().subarray(0, size + 1);
    let read: number;
    try {
      read = await atPath(source, async (path) => {
        using file = await Deno.open(path);
        return await fill(file, target);
      });
    } catch (error) {
      throw unreadable(source, describeIoError(error), error);
    }
    if (read !== size) throw changed(source, size);
    return target.subarray(0, size);
  }

  async #hashLarge(
    source: SourcePath,
    { file: number, size, uri, signal }: HashFileOptions,
  ): Promise<BlobRef> {
    let file: Deno.FsFile;
    try {
      file = await atPath(source, (path) => Deno.open(path));
    } catch (error) {
      throw unreadable(source, describeIoError(error), error);
    }
    using _open = file;
    const whole = uri === undefined ? createBlake3() : undefined;
    let offset = 0;
    const ref = await chunkStream(
      this.#readWindows(file, source, size),
      uri ?? "",
      async (hash, bytes) => {
        signal?.throwIfAborted();
        whole?.update(bytes);
        await this.#sink.piece(number, offset, hash, bytes);
        offset += bytes.length;
      },
      { onNode: (hash, bytes) => this.#sink.made(hash, bytes) },
    );
    return whole === undefined
      ? ref
      : { ...ref, uri: contentUri(whole.digest()) };
  }

  /** Reads a file of known length a chunk at a time, into one buffer. */
  #readWindows(
    file: Deno.FsFile,
    source: SourcePath,
    size: number,
  ): ReadableStream<Uint8Array> {
    const window = this.#buffer().subarray(0, CHUNK_SIZE);
    let total = 0;
    return new ReadableStream({
      async pull(controller) {
        let read: number;
        try {
          read = await fill(file, window);
        } catch (error) {
          throw unreadable(source, describeIoError(error), error);
        }
        total += read;
        const ended = read < window.length;
        if (total > size || (ended && total < size)) {
          throw changed(source, size);
        }
        if (read > 0) controller.enqueue(window.subarray(0, read));
        if (ended) controller.close();
      },
      // The buffer is free again only when the next piece is asked for.
    }, { highWaterMark: 0 });
  }

  #buffer(): Uint8Array {
    return this.#window ??= new Uint8Array(CHUNK_SIZE + 1);
  }
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}

function changed(source: SourcePath, size: number): Error {
  return unreadable(
    source,
    `it was ${size} bytes long and changed while it was read; publish it when nobody writes to it`,
  );
}
