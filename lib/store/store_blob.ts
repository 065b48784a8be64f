/**
 * Publishing one file or stream.
 *
 * @module
 */

import {
  type BlobRef,
  blobRefSize,
  quoteText,
  SEND_URI,
} from "../content/mod.ts";
import { IoError, StoreError, TransferError } from "../errors.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import {
  type ByteSource,
  readChunkBatches,
  StreamSource,
} from "./byte_source.ts";
import { fill } from "./file_slices.ts";
import { hashBatches, type PublishSink } from "./hash_files.ts";
import { HashPool } from "./hash_pool.ts";
import { describeIoError } from "./io_errors.ts";
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
 * Holds one chunk at a time, and with several jobs two more for each.
 *
 * @param store Where the chunks go; `undefined` only computes the reference.
 * @param source A path, or bytes; a stream is cancelled when something fails.
 * @throws {IoError} When the file cannot be opened, or changes its length
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
  await using input = openInput(source, signal);
  using pool = new HashPool(options.jobs);
  let chunks = 0;
  let bytes = 0;
  const sink: PublishSink = {
    async piece(_file, _offset, hash, chunk) {
      await store?.put(hash, chunk);
      chunks++;
      bytes += chunk.length;
      onProgress?.({ path, files: 0, bytes });
      signal?.throwIfAborted();
    },
    made: (hash, node) => store?.put(hash, node),
  };
  const [ref] = await Array.fromAsync(hashBatches(
    readChunkBatches(input, 0, pool),
    sink,
    { pool, uri: SEND_URI, signal },
  ));
  onProgress?.({ path, files: 1, bytes });
  return { ref, size: blobRefSize(ref), chunks };
}

/** Bytes that are read until they end or are closed before. */
interface Input extends ByteSource, AsyncDisposable {}

function openInput(
  source: string | ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Input {
  return typeof source === "string"
    ? openFile(source)
    : openStream(source, signal);
}

function openFile(path: string): Input {
  let file: Deno.FsFile;
  let size = 0;
  try {
    const info = Deno.statSync(path);
    // Files of the kernel say 0 and have content; pipes have no length.
    if (info.isFile) size = info.size;
    file = Deno.openSync(path);
  } catch (error) {
    throw new IoError(
      `Cannot open ${quoteText(path)}: ${describeIoError(error)}`,
      { cause: error, fields: { path } },
    );
  }
  let total = 0;
  return {
    async fill(target) {
      const read = await reading(() => fill(file, target));
      total += read;
      const ended = read < target.length;
      if (size > 0 && (total > size || (ended && total < size))) {
        throw new IoError(
          `Cannot publish ${
            quoteText(path)
          }: it was ${size} bytes long and changed while it was read; publish it when nobody writes to it`,
          { fields: { path } },
        );
      }
      return read;
    },
    [Symbol.asyncDispose]() {
      file.close();
      return Promise.resolve();
    },
  };
}

function openStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Input {
  const reader = stream.getReader();
  let ended = false;
  const source = new StreamSource(async () => {
    const next = await untilAborted(reader.read(), signal);
    ended = next.done;
    return next.value;
  });
  return {
    fill: (target) => reading(() => source.fill(target), signal),
    async [Symbol.asyncDispose]() {
      if (!ended) await reader.cancel().catch(() => {});
      reader.releaseLock();
    },
  };
}

/** Reads; a failure of it becomes a {@linkcode StoreError}. */
async function reading<T>(
  read: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (signal?.aborted || error instanceof TransferError) throw error;
    throw new StoreError(`read source: ${describeIoError(error)}`, {
      cause: error,
    });
  }
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
