import { blake3 } from "../../content/mod.ts";
import {
  HashMismatchError,
  NotFoundError,
  type TransferError,
} from "../../errors.ts";
import type { TreeLanding, UsedBuffer } from "../../landing/mod.ts";
import { INFLIGHT_BYTES } from "../../limits.ts";
import type { ChunkFetcher, FetchChunkOptions } from "../ask/chunk_fetcher.ts";
import { quoteText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";
import { BufferPool } from "./buffer_pool.ts";
import type {
  BatchWork,
  ChunkWork,
  DirWork,
  FileChunk,
  LostTree,
} from "./dir_work.ts";
import type { ResumedChunks } from "./resumed_chunks.ts";
import type { Reuse } from "./reuse.ts";
import { LostFiles } from "./lost_files.ts";
import type { FetchProgress } from "./progress.ts";

/** Carries out the work of one directory. */
export class DirFetch {
  readonly #fetcher: ChunkFetcher;
  readonly #landing: TreeLanding;
  readonly #progress: FetchProgress;
  /** Bytes written of files that come in several chunks. */
  readonly #written: Map<number, number> = new Map();
  readonly #buffers = new BufferPool(INFLIGHT_BYTES);
  readonly #lost: LostFiles | undefined;
  readonly #reuse: Pick<Reuse, "read"> | undefined;
  /** What was at its place before. */
  #resumed: Pick<ResumedChunks, "bytesOf"> | undefined;

  /**
   * Prepares the work.
   *
   * @param options `lost` takes the files that cannot be had; without it one
   * ends all. `reuse` has chunks that need not be fetched.
   */
  constructor(
    fetcher: ChunkFetcher,
    landing: TreeLanding,
    progress: FetchProgress,
    { lost, reuse }: { lost?: LostFiles; reuse?: Pick<Reuse, "read"> } = {},
  ) {
    this.#fetcher = fetcher;
    this.#landing = landing;
    this.#progress = progress;
    this.#lost = lost;
    this.#reuse = reuse;
  }

  /** Goes on with what an earlier run left. */
  goOn(resumed: Pick<ResumedChunks, "bytesOf">): void {
    this.#resumed = resumed;
  }

  /** Does without a file for an error that is of it alone; `false` for others. */
  async lose(file: LostTree, error: unknown): Promise<boolean> {
    if (this.#lost === undefined || !LostFiles.isOfOneFile(error)) return false;
    this.#lost.add(file, error);
    await this.#landing.leaveOut([file.entry]);
    return true;
  }

  /** Fetches and writes the chunks of one request. */
  async run(work: DirWork, signal: AbortSignal): Promise<void> {
    if (work.kind === "chunk" && this.#lost?.has(work.wanted[0].entry)) return;
    const options: FetchChunkOptions = {
      signal,
      label: (index) => {
        const { path } = work.wanted[index];
        return { text: `a chunk of ${JSON.stringify(path)}`, fields: { path } };
      },
      onBytes: this.#progress.onBytes,
      onZeros: this.#progress.onZeros,
      allocate: (length) => this.#buffers.take(length),
    };
    try {
      this.#buffers.give(
        work.kind === "batch"
          ? await this.#batch(work, options)
          : await this.#chunk(work, options),
      );
    } catch (error) {
      if (this.#lost === undefined || !LostFiles.isOfOneFile(error)) {
        throw error;
      }
      return work.kind === "batch"
        ? await this.#salvage(work, options)
        : void await this.lose(work.wanted[0], error);
    }
    const chunks = work.kind === "batch" ? work.chunks : work.wanted;
    for (const chunk of chunks) this.#landed(chunk);
  }

  async #batch(
    { wanted, chunks, places }: BatchWork,
    options: FetchChunkOptions,
  ): Promise<UsedBuffer> {
    const { buffer, starts } = wanted.length === 0
      ? { buffer: new Uint8Array(), starts: [] }
      : await this.#fetcher.fetchMany(wanted, options);
    const pieces = chunks.map(({ entry, chunk, size }, i) => {
      const start = places[i] < 0 ? 0 : starts[places[i]];
      return { entry, chunk, start, length: size };
    });
    return await this.#landing.writeChunks(pieces, buffer);
  }

  /** Fetches a batch again of which a part cannot be had, one by one. */
  async #salvage(
    { wanted, chunks, places }: BatchWork,
    { signal, label, onBytes, onZeros }: FetchChunkOptions,
  ): Promise<void> {
    const hashes = wanted.map(({ hash }) => hash);
    const about = { signal, label, onBytes, onZeros };
    const write = async (place: number, bytes: Uint8Array | undefined) => {
      for (const [i, file] of chunks.entries()) {
        if (places[i] !== place) continue;
        const { entry, chunk, size } = file;
        const error = objection(file, bytes);
        if (error !== undefined) {
          await this.lose(file, error);
          continue;
        }
        // Handed over: another file may need the same.
        const buffer = bytes?.slice() ?? new Uint8Array();
        const piece = { entry, chunk, start: 0, length: size };
        await this.#landing.writeChunks([piece], buffer);
        this.#landed(file);
      }
    };
    await write(-1, new Uint8Array());
    let place = 0;
    for await (const bytes of this.#fetcher.fetchEach(hashes, about)) {
      await write(place++, bytes);
    }
  }

  async #chunk(
    work: ChunkWork,
    options: FetchChunkOptions,
  ): Promise<UsedBuffer> {
    const { wanted: [{ hash, size }] } = work;
    if (work.isThere) {
      const there = await this.#reuse?.read(hash);
      if (there?.length === size) {
        this.#progress.copied(size);
        return await this.#write(work, there);
      }
    }
    const bytes = this.#buffers.take(size);
    await this.#fetcher.fetchInto(hash, bytes, options);
    return await this.#write(work, bytes);
  }

  async #write(
    { wanted: [wanted], treeOffset: offset }: ChunkWork,
    bytes: Uint8Array,
  ): Promise<UsedBuffer> {
    const { entry, chunk, hash, size, fileSize } = wanted;
    if (offset === undefined) {
      const piece = { entry, chunk, start: 0, length: size };
      return await this.#landing.writeChunks([piece], bytes);
    }
    const last = offset + size === fileSize;
    return await this.#landing.writeTreeLeaf({
      entry,
      offset,
      hash,
      bytes,
      last,
    });
  }

  /** Notes that a chunk is written, and tells when its file is complete. */
  #landed({ entry, path, size, fileSize }: FileChunk): void {
    if (this.#lost?.has(entry)) return;
    const before = this.#written.get(entry) ??
      this.#resumed?.bytesOf(entry) ?? 0;
    const written = before + size;
    if (written < fileSize) {
      this.#written.set(entry, written);
      return;
    }
    this.#written.delete(entry);
    this.#progress.file(path, fileSize);
  }
}

/** Why bytes are not the chunk of a file that is wanted. */
function objection(
  { hash, size, path }: FileChunk,
  bytes: Uint8Array | undefined,
): TransferError | undefined {
  const fields = { path, hash: toHex(hash) };
  const what = `a chunk of ${quoteText(path)}`;
  if (bytes === undefined) {
    return new NotFoundError(`the holder does not have ${what}`, { fields });
  }
  if (bytes.length !== size) {
    return new ChunkLengthError(size, bytes.length, what, { fields });
  }
  const actual = toHex(blake3(bytes));
  return actual === fields.hash
    ? undefined
    : new HashMismatchError(fields.hash, actual, { fields });
}
