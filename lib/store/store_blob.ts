/**
 * Publishing one file or stream.
 *
 * @module
 */

import {
  type BlobRef,
  blobRefSize,
  chunkStream,
  quoteText,
  SEND_URI,
} from "../content/mod.ts";
import { LandingError, StoreError, TransferError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { fill } from "./_file_slices.ts";
import { describeIoError } from "./_io_errors.ts";
import type { PublishOptions } from "./publish_progress.ts";

/** What {@linkcode storeBlob} made. */
export interface StoredBlob {
  /** The reference: a Small, a Manifest, or above 16 GiB a Tree. */
  ref: BlobRef;
  /** Length of the content, in bytes. */
  size: bigint;
  /** Chunks the content has, counting equal ones each time. */
  chunks: number;
}

/**
 * Reads a file or a stream to its end, stores its chunks and makes its reference:
 * the one the reference implementation makes for the same bytes.
 *
 * Holds one chunk at a time.
 *
 * @param store Where the chunks go; `undefined` only computes the reference.
 * @param source A path, or bytes; a stream is cancelled when something fails.
 * @throws {LandingError} When the file cannot be opened, or changes its length
 * while it is read.
 * @throws {StoreError} When reading fails later on, or a chunk cannot be stored.
 *
 * @example
 * ```ts
 * import { storeBlob } from "./store_blob.ts";
 *
 * const { ref, size } = await storeBlob(undefined, new Blob(["hello\n"]).stream());
 * ```
 */
export async function storeBlob(
  store: WritableChunkStore | undefined,
  source: string | ReadableStream<Uint8Array>,
  options: PublishOptions = {},
): Promise<StoredBlob> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const path = typeof source === "string" ? source : "-";
  const input = typeof source === "string" ? openInput(source) : source;
  let chunks = 0;
  let bytes = 0;
  const ref = await chunkStream(
    markReadErrors(input, signal),
    SEND_URI,
    async (hash, chunk) => {
      await store?.put(hash, chunk);
      chunks++;
      bytes += chunk.length;
      onProgress?.({ path, files: 0, bytes });
      signal?.throwIfAborted();
    },
    { onNode: (hash, node) => store?.put(hash, node) },
  );
  onProgress?.({ path, files: 1, bytes });
  return { ref, size: blobRefSize(ref), chunks };
}

/** Opens a file as a stream of whole chunks in one buffer; it is closed at its end. */
function openInput(path: string): ReadableStream<Uint8Array> {
  let file: Deno.FsFile;
  let size = 0;
  try {
    const info = Deno.statSync(path);
    // Files of the kernel say 0 and have content; pipes have no length.
    if (info.isFile) size = info.size;
    file = Deno.openSync(path);
  } catch (error) {
    throw new LandingError(
      `Cannot open ${quoteText(path)}: ${describeIoError(error)}`,
      { cause: error, fields: { path } },
    );
  }
  const window = new Uint8Array(CHUNK_SIZE);
  let total = 0;
  let isOpen = true;
  const close = () => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const read = await fill(file, window);
        total += read;
        const ended = read < window.length;
        if (size > 0 && (total > size || (ended && total < size))) {
          throw new LandingError(
            `Cannot publish ${
              quoteText(path)
            }: it was ${size} bytes long and changed while it was read; publish it when nobody writes to it`,
            { fields: { path } },
          );
        }
        if (read > 0) controller.enqueue(window.subarray(0, read));
        if (ended) {
          close();
          controller.close();
        }
      } catch (error) {
        close();
        throw error;
      }
    },
    cancel: close,
    // The buffer is free again only when the next piece is asked for.
  }, { highWaterMark: 0 });
}

/** Passes a stream on; a failure of it becomes a {@linkcode StoreError}. */
function markReadErrors(
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await untilAborted(reader.read(), signal);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        await reader.cancel(error).catch(() => {});
        if (signal?.aborted || error instanceof TransferError) throw error;
        throw new StoreError(`read source: ${describeIoError(error)}`, {
          cause: error,
        });
      }
    },
    async cancel(reason) {
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** Waits for `promise`, but no longer than until `signal` is aborted. */
async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
