import { FETCH_CONCURRENCY, GET_MANY_MAX } from "../../limits.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { TaskGroup } from "../../async/task_group.ts";

/** A chunk that would be fetched. */
interface InventoryChunk {
  readonly hash: Uint8Array;
  /** Its length, `undefined` when only the holder can tell. */
  readonly size: number | undefined;
}

/** Counts chunks, and asks a holder, many at a time, which of them it lacks. */
export class Inventory {
  /** Chunks counted. */
  chunks = 0;
  /** Bytes of chunks whose length is known. */
  bytes = 0;
  /** Chunks that the holder lacks. */
  chunksMissing = 0;
  /** Bytes of these. */
  bytesMissing = 0;
  readonly #fetcher: ChunkFetcher;
  readonly #group: TaskGroup;
  #pending: InventoryChunk[] = [];

  constructor(fetcher: ChunkFetcher, signal?: AbortSignal) {
    this.#fetcher = fetcher;
    this.#group = new TaskGroup({
      maxTasks: FETCH_CONCURRENCY,
      signal,
    });
  }

  /**
   * Counts the chunks and waits for all answers.
   *
   * @param chunksOf Lists the chunks; what it fetches ends with the signal.
   * @throws The first failure.
   */
  async take(
    chunksOf: (signal: AbortSignal) => AsyncIterable<InventoryChunk>,
  ): Promise<void> {
    try {
      for await (const chunk of chunksOf(this.#group.signal)) {
        // Nobody needs to hold an empty chunk.
        if (chunk.size === 0) continue;
        this.chunks++;
        this.bytes += chunk.size ?? 0;
        this.#pending.push(chunk);
        if (this.#pending.length === GET_MANY_MAX) await this.#ask();
      }
      if (this.#pending.length > 0) await this.#ask();
    } catch (error) {
      this.#group.fail(error);
    }
    await this.#group.wait();
  }

  async #ask(): Promise<void> {
    const chunks = this.#pending;
    this.#pending = [];
    await this.#group.start(async (signal) => {
      const hashes = chunks.map(({ hash }) => hash);
      const held = await this.#fetcher.have(hashes, { signal });
      for (const [index, { size = 0 }] of chunks.entries()) {
        if (held[index]) continue;
        this.chunksMissing++;
        this.bytesMissing += size;
      }
    });
  }
}
