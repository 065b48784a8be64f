import { HASH_LENGTH, hashChunk, zeroHash } from "../content/mod.ts";
import { TransferError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import {
  mayLoadNative,
  NATIVE_GRANTS,
  prepareHashing,
} from "./native_hashing.ts";
import { workerUrl } from "../os/worker_url.ts";
import { WORKER_SOURCE } from "./hash_worker_bundle.ts";
import type { FileHashes } from "./hash_table.ts";
import type { ToRemember } from "./known_files.ts";
import type { HashReply, HashRequest } from "./hash_worker.ts";

/** A chunk of a file, as it lies in a batch. */
export interface BatchChunk {
  file: number;
  /** Where in the file it starts. */
  offset: number;
  /** Where in the batch it starts. */
  start: number;
  length: number;
  /** Its hashes, if it is a whole file that was not read. */
  known?: FileHashes;
  /** Where the file lies and how it was, if its hash is to be remembered. */
  remember?: ToRemember;
}

/**
 * What the chunks of a batch are: whole files, or part of one; or that the file of
 * the parts before has ended or failed, and no chunk.
 */
export type BatchKind = "files" | "part" | "end" | "failed";

/** Chunks that are hashed together. */
export interface Batch {
  /** Where the chunks lie; detached while a worker hashes them. */
  bytes: Uint8Array<ArrayBuffer>;
  readonly chunks: BatchChunk[];
  /** Bytes that are taken. */
  filled: number;
  readonly kind: BatchKind;
  /** Whether it is known to be one whole chunk of zeros. */
  isZeros?: boolean;
  /** The file that has ended, if its hashes are to be remembered. */
  readonly ended?: ToRemember;
}

/** A batch and the hashes of its chunks that were not known, one behind the other. */
export interface HashedBatch {
  batch: Batch;
  hashes: Uint8Array;
}

/** Room in a batch: a chunk, and one byte more, to see that a file ends. */
const BATCH_ROOM = CHUNK_SIZE + 8;
/** A batch of small files is full when it has so many bytes, or so many files. */
const FULL_BYTES = 1024 * 1024;
const FULL_CHUNKS = 256;

/** Work done on the thread of the caller before workers are started: see `#work`. */
const WORK_BEFORE_WORKERS = 24 * 1024 * 1024;
/** What a chunk counts besides its bytes. */
const WORK_PER_CHUNK = 2048;
/** Workers are useful only if more than one batch is in flight for each. */
const AHEAD = 2;

/** One worker and what it works on, first in first out. */
interface Hasher {
  worker: Worker;
  /** Resolves when it has started, or failed. */
  settled: PromiseWithResolvers<void>;
  pending: {
    batch: Batch;
    resolve: (hashed: HashedBatch) => void;
    reject: (error: unknown) => void;
  }[];
}

/**
 * Hashes batches: on the thread of the caller at first and with one job, then
 * in workers.
 *
 * Workers have no permission but to load what hashes fastest, where the process
 * may (`native_hashing.ts`). The caller reads; the bytes are handed to a worker
 * and back without being copied.
 */
export class HashPool implements Disposable {
  #hashers: Hasher[] = [];
  /** Those that have started. */
  #ready: Hasher[] = [];
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes hashed on this thread, and some for each chunk. */
  #work = 0;
  #started = false;

  /** Starts nothing yet; below 2 jobs there are no workers. */
  constructor(readonly jobs: number = 1) {}

  /** Starts the workers now, for a caller that knows there is enough to do. */
  async start(): Promise<void> {
    const isFirst = !this.#started;
    this.#started = true;
    if (this.jobs <= 1) return await prepareHashing();
    for (let n = 0; isFirst && n < this.jobs; n++) this.#startOne();
    await Promise.all(this.#hashers.map(({ settled }) => settled.promise));
  }

  /** How many batches are best in flight at once. */
  get ahead(): number {
    return Math.max(1, AHEAD * this.#ready.length);
  }

  batch(kind: BatchKind, ended?: ToRemember): Batch {
    const bytes = this.#spare.pop() ?? new Uint8Array(BATCH_ROOM);
    return { bytes, chunks: [], filled: 0, kind, ...(ended && { ended }) };
  }

  /** Takes back the memory of a batch that is done with. */
  recycle({ bytes }: Batch): void {
    this.#spare.push(bytes);
  }

  /** Tells whether a batch is to be hashed before more is added. */
  isFull({ chunks, filled }: Batch): boolean {
    return chunks.length >= FULL_CHUNKS || filled >= FULL_BYTES;
  }

  /** Hashes the chunks whose hashes are not known. */
  hash(batch: Batch): Promise<HashedBatch> {
    if (batch.isZeros) return Promise.resolve({ batch, hashes: zeroHash() });
    const ready = this.#ready;
    const chunks = batch.chunks.filter(({ known }) => known === undefined);
    if (chunks.length === 0 || ready.length === 0) {
      return this.#hashSoon(batch, chunks);
    }
    const free = ready.reduce((a, b) =>
      b.pending.length < a.pending.length ? b : a
    );
    return new Promise((resolve, reject) => {
      free.pending.push({ batch, resolve, reject });
      const { buffer } = batch.bytes;
      const parts = new Uint32Array(
        chunks.flatMap(({ start, length }) => [start, length]),
      );
      const request: HashRequest = { buffer, parts };
      free.worker.postMessage(request, [buffer]);
    });
  }

  /** Ends the workers; what they work on is rejected. */
  [Symbol.dispose](): void {
    const closed = new TransferError("internal", "hashing has ended");
    for (const hasher of this.#hashers) stop(hasher, closed);
    this.#hashers = [];
    this.#ready = [];
    this.#spare.length = 0;
  }

  /** Hashes here; what there is much of waits for what makes it quick. */
  async #hashSoon(
    batch: Batch,
    chunks: readonly BatchChunk[],
  ): Promise<HashedBatch> {
    if (!this.#started && this.#work > WORK_BEFORE_WORKERS) {
      const starting = this.start();
      // Workers come meanwhile; loading for this thread needs turns of its loop.
      if (this.jobs <= 1) await starting;
    }
    return { batch, hashes: this.#hashHere(batch, chunks) };
  }

  #hashHere({ bytes }: Batch, chunks: readonly BatchChunk[]): Uint8Array {
    const hashes = new Uint8Array(chunks.length * HASH_LENGTH);
    for (let index = 0; index < chunks.length; index++) {
      const { start, length } = chunks[index];
      const hash = hashChunk(bytes.subarray(start, start + length));
      hashes.set(hash, index * HASH_LENGTH);
      this.#work += length + WORK_PER_CHUNK;
    }
    return hashes;
  }

  #startOne(): void {
    const url = workerUrl(WORKER_SOURCE);
    const worker = new Worker(url, {
      type: "module",
      name: "hash",
      deno: { permissions: mayLoadNative() ? NATIVE_GRANTS : "none" },
    });
    const settled = Promise.withResolvers<void>();
    const hasher: Hasher = { worker, settled, pending: [] };
    this.#hashers.push(hasher);
    worker.onmessage = ({ data }: MessageEvent<HashReply>) => {
      const { buffer, hashes } = data;
      if (buffer === undefined || hashes === undefined) {
        this.#ready.push(hasher);
        settled.resolve();
        return;
      }
      const first = hasher.pending.shift();
      if (first === undefined) return;
      first.batch.bytes = new Uint8Array(buffer);
      first.resolve({ batch: first.batch, hashes });
    };
    worker.onmessageerror = () => this.#fail(hasher, "unreadable answer");
    worker.onerror = (event: ErrorEvent) => {
      event.preventDefault();
      this.#fail(hasher, event.message);
    };
  }

  /** Without its worker a pool goes on, but what the worker had is lost. */
  #fail(hasher: Hasher, reason: string): void {
    this.#hashers = this.#hashers.filter((other) => other !== hasher);
    this.#ready = this.#ready.filter((other) => other !== hasher);
    stop(
      hasher,
      new TransferError("internal", `a hashing worker failed: ${reason}`),
    );
  }
}

function stop(
  { worker, settled, pending }: Hasher,
  error: TransferError,
): void {
  worker.terminate();
  settled.resolve();
  for (const { reject } of pending.splice(0)) reject(error);
}
