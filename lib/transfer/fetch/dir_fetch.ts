import { verifyHash } from "../../content/mod.ts";
import type { TreeLanding, UsedBuffer } from "../../landing/mod.ts";
import { INFLIGHT_BYTES } from "../../limits.ts";
import type {
  FetchChunkOptions,
  ReceivedChunks,
} from "../ask/chunk_fetcher.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
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
  readonly #source: ChunkSource;
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
    source: ChunkSource,
    landing: TreeLanding,
    progress: FetchProgress,
    { lost, reuse }: { lost?: LostFiles; reuse?: Pick<Reuse, "read"> } = {},
  ) {
    this.#source = source;
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
    const write = ({ buffer, starts }: ReceivedChunks) => {
      const pieces = chunks.map(({ entry, chunk, size }, i) => {
        const start = places[i] < 0 ? 0 : starts[places[i]];
        return { entry, chunk, start, length: size };
      });
      return this.#landing.writeChunks(pieces, buffer);
    };
    return wanted.length === 0
      ? await write({ buffer: new Uint8Array(), starts: [] })
      : await this.#source.fetchMany(wanted, options, write);
  }

  /** Fetches a batch again of which a part cannot be had, one by one. */
  async #salvage(
    { wanted, chunks, places }: BatchWork,
    { signal, label, onBytes, onZeros }: FetchChunkOptions,
  ): Promise<void> {
    const about = { signal, label, onBytes, onZeros };
    const filesAt = (place: number) =>
      chunks.filter((_, i) => places[i] === place);
    const write = async (place: number, bytes: Uint8Array) => {
      for (const file of filesAt(place)) {
        const { entry, chunk, size } = file;
        const piece = { entry, chunk, start: 0, length: size };
        // Handed over: another file may need the same.
        await this.#landing.writeChunks([piece], bytes.slice());
        this.#landed(file);
      }
    };
    await write(-1, new Uint8Array());
    await this.#source.fetchEach(wanted, about, {
      use: async (place, bytes) => {
        requireChunk(wanted[place], bytes);
        await write(place, bytes);
      },
      lose: async (place, error) => {
        for (const file of filesAt(place)) {
          if (!await this.lose(file, error)) throw error;
        }
      },
    });
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
    return await this.#source.fetchChunk(
      { hash, size },
      options,
      (bytes) => this.#write(work, bytes),
    );
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

/** Fails when bytes are not the chunk of a file that is wanted. */
function requireChunk(
  { hash, size, path }: FileChunk,
  bytes: Uint8Array,
): void {
  if (bytes.length !== size) {
    const what = `a chunk of ${quoteText(path)}`;
    const fields = { path, hash: toHex(hash) };
    throw new ChunkLengthError(size, bytes.length, what, { fields });
  }
  verifyHash(bytes, hash, { path, hash: toHex(hash) });
}
