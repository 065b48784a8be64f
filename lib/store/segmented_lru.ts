import type { CacheRank } from "./cache_rank.ts";

/** One chunk of a cache. */
export interface CacheRow {
  readonly hash: Uint8Array;
  /** Bytes on the disk. */
  readonly cost: number;
  /** When it was used last, in milliseconds of the Unix epoch. */
  used: number;
  /** Who wanted it first. */
  by?: string;
  rank: CacheRank;
}

/**
 * What part of the space chunks that several peers wanted have at most: the
 * rest is for what is new, so that it can become one of them.
 */
const SHARED_PART = 0.8;

/**
 * Chunks in the order in which they are to go: first those that one peer alone
 * wanted, the one used longest ago first; then the others.
 *
 * So who asks for ever new content pushes out what nobody else has asked for,
 * and nothing that two have.
 */
export class SegmentedLru {
  readonly #once = new Map<string, CacheRow>();
  readonly #shared = new Map<string, CacheRow>();
  readonly #sharedMax: number;
  #bytes = 0;
  #sharedBytes = 0;

  /** @param max Bytes on the disk. */
  constructor(max: number) {
    this.#sharedMax = max * SHARED_PART;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#once.size + this.#shared.size;
  }

  get(key: string): CacheRow | undefined {
    return this.#once.get(key) ?? this.#shared.get(key);
  }

  /** Adds a chunk as the one used last. */
  add(key: string, row: CacheRow): void {
    this.delete(key);
    this.#bytes += row.cost;
    if (row.rank === "shared") this.#sharedBytes += row.cost;
    this.#segment(row).set(key, row);
  }

  delete(key: string): CacheRow | undefined {
    const row = this.get(key);
    if (row === undefined) return undefined;
    this.#segment(row).delete(key);
    this.#bytes -= row.cost;
    if (row.rank === "shared") this.#sharedBytes -= row.cost;
    return row;
  }

  /**
   * Takes note that a peer has used a chunk.
   *
   * @returns The rows that have another rank now.
   */
  use(key: string, by: string, now: number): CacheRow[] {
    const row = this.delete(key);
    if (row === undefined) return [];
    row.used = Math.max(row.used, now);
    row.by ??= by;
    const changed: CacheRow[] = [];
    if (row.rank === "once" && row.by !== by) {
      row.rank = "shared";
      changed.push(row);
    }
    this.add(key, row);
    for (const [oldest, other] of this.#shared) {
      if (this.#sharedBytes <= this.#sharedMax || other === row) break;
      this.delete(oldest);
      other.rank = "once";
      // As one that nobody else has wanted yet.
      other.by = undefined;
      this.add(oldest, other);
      changed.push(other);
    }
    return changed;
  }

  /** The rows in the order in which they are to go; one may go meanwhile. */
  *inOrder(): Generator<[string, CacheRow], void, void> {
    yield* this.#once;
    yield* this.#shared;
  }

  #segment({ rank }: CacheRow): Map<string, CacheRow> {
    return rank === "once" ? this.#once : this.#shared;
  }
}
