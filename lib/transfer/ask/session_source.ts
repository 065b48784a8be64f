import type { Session } from "../../mesh/mod.ts";
import { notFound } from "./chunk_failure.ts";
import {
  ChunkFetcher,
  type ChunkFetcherOptions,
  type FetchChunkOptions,
  type ReceivedChunks,
  type WantedChunk,
} from "./chunk_fetcher.ts";
import type { ChunkSource, EachChunk, SoughtChunk } from "./chunk_source.ts";

/** The peer of one session as the only place that chunks come from. */
export class SessionSource implements ChunkSource {
  readonly #fetcher: ChunkFetcher;

  constructor(session: Session, options: ChunkFetcherOptions = {}) {
    this.#fetcher = new ChunkFetcher(session, options);
  }

  async fetchChunk<T>(
    { hash, size, maxSize }: SoughtChunk,
    options: FetchChunkOptions,
    use: (bytes: Uint8Array) => T | Promise<T>,
  ): Promise<T> {
    if (size === undefined) {
      return await use(await this.#fetcher.fetchChunk(hash, maxSize, options));
    }
    const bytes = options.allocate?.(size) ?? new Uint8Array(size);
    await this.#fetcher.fetchInto(hash, bytes, options);
    return await use(bytes);
  }

  async fetchMany<T>(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    use: (received: ReceivedChunks) => T | Promise<T>,
  ): Promise<T> {
    return await use(await this.#fetcher.fetchMany(wanted, options));
  }

  /** With one request. */
  async fetchEach(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    { use, lose }: EachChunk,
  ): Promise<void> {
    const hashes = wanted.map(({ hash }) => hash);
    let index = 0;
    for await (const bytes of this.#fetcher.fetchEach(hashes, options)) {
      if (bytes === undefined) {
        await lose(index, notFound(hashes[index], index, options));
      } else {
        await use(index, bytes).catch((error) => lose(index, error));
      }
      index++;
    }
  }

  have(
    hashes: Uint8Array[],
    options: FetchChunkOptions,
  ): Promise<boolean[]> {
    return this.#fetcher.have(hashes, options);
  }
}
