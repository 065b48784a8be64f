/** What an earlier run left of what is fetched. */

import type { FetchProgress } from "./progress.ts";

/** A chunk that may be at its place already. */
export interface FoundChunk {
  /** Index of the file in the manifest's entries; 0 for a blob. */
  readonly entry: number;
  /** Index of the chunk in the file's list. */
  readonly chunk: number;
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  readonly length: number;
  readonly hash: Uint8Array;
}

/** Bytes that are checked with one message: a moment's work. */
const CHECKED_AT_ONCE = 32 * 1024 * 1024;
/** Most chunks in one message. */
const CHUNKS_AT_ONCE = 256;

/** The chunks that are there: their bytes were hashed, nothing else is believed. */
export class ResumedChunks {
  /** Files whose first chunk is there, which most often is all. */
  readonly #first = new Set<number>();
  readonly #others = new Map<number, Set<number>>();
  readonly #bytesOf = new Map<number, number>();
  #bytes = 0;

  /** Bytes of all of them. */
  get bytes(): bigint {
    return BigInt(this.#bytes);
  }

  /**
   * Has chunks checked by who writes them, as a stage of its own.
   *
   * @param chunks What is wanted, as far as something is at its place.
   * @param totalBytes Bytes of those.
   * @param ask Tells which are there.
   */
  static async check(
    chunks: AsyncIterable<FoundChunk>,
    totalBytes: number,
    ask: (chunks: FoundChunk[]) => Promise<boolean[]>,
    progress: FetchProgress,
  ): Promise<ResumedChunks> {
    const found = new ResumedChunks();
    let checked = 0;
    const take = async (batch: FoundChunk[]) => {
      const there = await ask(batch);
      for (const [i, chunk] of batch.entries()) {
        if (there[i]) found.#add(chunk);
        checked += chunk.length;
      }
      progress.stage("checking", {
        bytes: BigInt(checked),
        totalBytes: BigInt(Math.max(checked, totalBytes)),
      });
    };
    let batch: FoundChunk[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes < CHECKED_AT_ONCE && batch.length < CHUNKS_AT_ONCE) continue;
      await take(batch);
      [batch, bytes] = [[], 0];
    }
    if (batch.length > 0) await take(batch);
    progress.stage("checking", { finished: true });
    return found;
  }

  /** Whether a chunk is there. */
  has(entry: number, chunk: number): boolean {
    return chunk === 0
      ? this.#first.has(entry)
      : this.#others.get(entry)?.has(chunk) ?? false;
  }

  /** How many chunks of a file are there. */
  countOf(entry: number): number {
    const first = this.#first.has(entry) ? 1 : 0;
    return first + (this.#others.get(entry)?.size ?? 0);
  }

  /** Bytes of a file that are there. */
  bytesOf(entry: number): number {
    return this.#bytesOf.get(entry) ?? 0;
  }

  /** Adds what was found of other files. */
  addAll(others: ResumedChunks): void {
    this.#bytes += others.#bytes;
    for (const entry of others.#first) this.#first.add(entry);
    for (const [entry, chunks] of others.#others) {
      this.#others.set(entry, chunks);
    }
    for (const [entry, bytes] of others.#bytesOf) {
      this.#bytesOf.set(entry, bytes);
    }
  }

  #add({ entry, chunk, length }: FoundChunk): void {
    this.#bytes += length;
    this.#bytesOf.set(entry, this.bytesOf(entry) + length);
    if (chunk === 0) {
      this.#first.add(entry);
      return;
    }
    const others = this.#others.get(entry) ?? new Set();
    this.#others.set(entry, others.add(chunk));
  }
}
