import type { TreeLanding, UsedBuffer } from "../../landing/mod.ts";
import { INFLIGHT_BYTES } from "../../limits.ts";
import type { ChunkFetcher, FetchChunkOptions } from "../ask/chunk_fetcher.ts";
import { BufferPool } from "./buffer_pool.ts";
import type { BatchWork, ChunkWork, DirWork, FileChunk } from "./dir_work.ts";
import type { FetchProgress } from "./progress.ts";

/** Carries out the work of one directory. */
export class DirFetch {
  readonly #fetcher: ChunkFetcher;
  readonly #landing: TreeLanding;
  readonly #progress: FetchProgress;
  /** Bytes written of files that come in several chunks. */
  readonly #written: Map<number, number> = new Map();
  readonly #buffers = new BufferPool(INFLIGHT_BYTES);

  constructor(
    fetcher: ChunkFetcher,
    landing: TreeLanding,
    progress: FetchProgress,
  ) {
    this.#fetcher = fetcher;
    this.#landing = landing;
    this.#progress = progress;
  }

  /** Fetches and writes the chunks of one request. */
  async run(work: DirWork, signal: AbortSignal): Promise<void> {
    const options: FetchChunkOptions = {
      signal,
      label: (index) => {
        const { path } = work.wanted[index];
        return { text: `a chunk of ${JSON.stringify(path)}`, fields: { path } };
      },
      onBytes: this.#progress.onBytes,
      allocate: (length) => this.#buffers.take(length),
    };
    this.#buffers.give(
      work.kind === "batch"
        ? await this.#batch(work, options)
        : await this.#chunk(work, options),
    );
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

  async #chunk(
    { wanted: [wanted], treeOffset: offset }: ChunkWork,
    options: FetchChunkOptions,
  ): Promise<UsedBuffer> {
    const { entry, chunk, hash, size, fileSize } = wanted;
    const bytes = this.#buffers.take(size);
    await this.#fetcher.fetchInto(hash, bytes, options);
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
    const written = (this.#written.get(entry) ?? 0) + size;
    if (written < fileSize) {
      this.#written.set(entry, written);
      return;
    }
    this.#written.delete(entry);
    this.#progress.file(path, fileSize);
  }
}
