/** Publishing one file or stream. */

import { abortable } from "@std/async";
import { type BlobRef, blobRefSize, SEND_URI } from "../content/mod.ts";
import { IoError, StoreError, TransferError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { type ByteSource, readParts, streamBytes } from "./byte_source.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { hashBatches } from "./hash_files.ts";
import type { PublishSink } from "./publish_sink.ts";
import { type Batch, HashPool } from "./hash_pool.ts";
import {
  findKnown,
  lacksAny,
  lookBefore,
  publishKnown,
  type ToRemember,
  toRemember,
} from "./known_files.ts";
import { PublishNotes } from "./publish_notes.ts";
import type { PublishOptions } from "./publish_progress.ts";
import { noteReading, SourceFile } from "./source_file.ts";

/** What {@linkcode storeBlob} made. */
export interface StoredBlob {
  /** The reference: a Small, a Manifest, or above 16 GiB a Tree. */
  ref: BlobRef;
  /** Length of the content, in bytes. */
  size: bigint;
  /** Chunks the content has, counting equal ones each time. */
  chunks: number;
  /** 1 when the file was written to while it was read: it is what was read. */
  changed: number;
}

/**
 * Reads a file or a stream to its end, stores its chunks and makes its reference:
 * the one the reference implementation makes for the same bytes. A file that
 * grows meanwhile is read to the length that it had when it was opened.
 *
 * Holds one chunk at a time, and with several jobs two more for each.
 *
 * @param store Where the chunks go; `undefined` only computes the reference.
 * @param source A path, or bytes; a stream is cancelled when something fails.
 * @throws {IoError} When the file cannot be opened, or, with `strict`, changes
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
  const { signal, onProgress, hashCache } = options;
  signal?.throwIfAborted();
  const path = typeof source === "string" ? source : "-";
  const notes = new PublishNotes(options);
  await using input = typeof source === "string"
    ? await openFile(source, notes)
    : openStream(source, signal);
  using pool = new HashPool(options.jobs);
  const before = typeof source === "string" && hashCache !== undefined
    ? lookBefore(hashCache, () => Deno.lstatSync(source)).before
    : undefined;
  let chunks = 0;
  let bytes = 0;
  const sink: PublishSink = {
    async chunk(_file, _offset, hash, chunk) {
      await store?.put(hash, chunk);
      chunks++;
      bytes += chunk.length;
      onProgress?.({ path, files: 0, bytes });
      signal?.throwIfAborted();
    },
    needsBytes: (known) => lacksAny(store, known),
    known(_file, _offset, _chunk, length) {
      chunks++;
      bytes += length;
    },
    node: (hash, node) => store?.put(hash, node),
  };
  const known = await findKnown(hashCache, before, sink, SEND_URI);
  const ref = known !== undefined && before !== undefined
    ? await publishKnown(
      { file: 0, length: before.stamp.size, known },
      sink,
      SEND_URI,
    )
    : await hashInput(
      readInput(input, pool, signal, toRemember(path, before)),
      sink,
      { pool, uri: SEND_URI, signal, hashCache },
    );
  onProgress?.({ path, files: 1, bytes });
  const { changed } = notes.counts;
  return { ref, size: blobRefSize(ref), chunks, changed };
}

async function hashInput(
  ...input: Parameters<typeof hashBatches>
): Promise<BlobRef> {
  const [{ ref }] = await Array.fromAsync(hashBatches(...input));
  return ref;
}

/** Bytes that are read until they end or are closed before. */
interface Input extends AsyncDisposable {
  readonly read: ByteSource;
  /** Called when they have been read. */
  readonly ended?: () => void;
}

async function* readInput(
  { read, ended }: Input,
  pool: HashPool,
  signal: AbortSignal | undefined,
  remember: ToRemember | undefined,
): AsyncGenerator<Batch, void, undefined> {
  yield* readParts(readingFrom(read, signal), 0, pool);
  ended?.();
  yield pool.batch("end", remember);
}

async function openFile(path: string, notes: PublishNotes): Promise<Input> {
  let file: SourceFile;
  try {
    file = await SourceFile.named(path);
  } catch (error) {
    throw new IoError(
      `Cannot open ${quoteText(path)}: ${osErrorWords(error)}`,
      { cause: error, fields: { path } },
    );
  }
  return {
    read: (target) => file.read(target),
    ended() {
      const reading = file.reading();
      noteReading(notes, path, reading.size, reading);
    },
    [Symbol.asyncDispose]() {
      file[Symbol.dispose]();
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
  return {
    read: streamBytes(async () => {
      const read = reader.read();
      const next: Awaited<typeof read> =
        await (signal === undefined ? read : abortable(read, signal));
      ended = next.done;
      return next.value;
    }),
    async [Symbol.asyncDispose]() {
      // Whatever ended the reading is told, not what the stream says to that.
      if (!ended) await reader.cancel().catch(() => {});
      reader.releaseLock();
    },
  };
}

/** Reads; what the system fails with becomes a {@linkcode StoreError}. */
function readingFrom(read: ByteSource, signal?: AbortSignal): ByteSource {
  return async (target) => {
    try {
      return await read(target);
    } catch (error) {
      if (signal?.aborted || error instanceof TransferError) throw error;
      throw new StoreError(`read source: ${osErrorWords(error)}`, {
        cause: error,
      });
    }
  };
}
