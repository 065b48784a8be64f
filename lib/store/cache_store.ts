/** A store on disk that is bounded: what was used longest ago goes first. */

import { SingleFlight } from "../async/single_flight.ts";
import { StoreError } from "../errors.ts";
import {
  CACHE_CHUNK_OVERHEAD,
  CACHE_CHUNKS_MAX,
  CACHE_TOUCH_MS,
} from "../limits.ts";
import { isOsError } from "../os/os_error.ts";
import { toHex } from "../text/hex.ts";
import { rankChunk, rankOf } from "./cache_rank.ts";
import type { ReadContext, WritableChunkStore } from "./chunk_store.ts";
import type { DiskStore } from "./disk_store.ts";
import { ifPresent } from "./if_present.ts";
import { type CacheRow, SegmentedLru } from "./segmented_lru.ts";
import { TimeSlice } from "./time_slice.ts";

/** What is written between two looks at the whole store, as a part of its bound. */
const RESCAN_PART = 1 / 8;
/** A time on the disk may be rounded by this much, in milliseconds. */
const ROUNDING_MS = 2000;

/** How a {@linkcode CacheStore} works. */
export interface CacheStoreOptions {
  /**
   * Bytes on the disk at most: content, and {@linkcode CACHE_CHUNK_OVERHEAD}
   * for each chunk. Without it there is no bound.
   */
  maxBytes?: number;
  /**
   * Chunks at most.
   *
   * @default {CACHE_CHUNKS_MAX}
   */
  maxChunks?: number;
}

/**
 * A {@linkcode DiskStore} whose chunks can be had again from elsewhere, for an
 * `UpstreamStore`.
 *
 * Only what was put here is removed: content that somebody has stored in the
 * same directory otherwise counts, and stays. Nor is removed what is being read
 * or written. Several processes may use one directory: each looks at the whole
 * of it now and then, and what one has removed another finds missing, and gets
 * again.
 *
 * What one peer alone wanted goes before what several did, so that nobody can
 * push out what is of use to the others only by asking for much.
 *
 * @example
 * ```ts
 * import { CacheStore } from "./cache_store.ts";
 * import { DiskStore } from "./disk_store.ts";
 *
 * const disk = await DiskStore.open("./cache");
 * await using cache = new CacheStore(disk, { maxBytes: 10 * 2 ** 30 });
 * ```
 */
export class CacheStore implements WritableChunkStore {
  readonly #disk: DiskStore;
  readonly #maxBytes: number;
  readonly #maxChunks: number;
  #lru: SegmentedLru;
  readonly #scans = new SingleFlight<string, void>();
  /** Chunks that are being read, with how often. */
  readonly #reading = new Map<string, number>();
  /** Bytes that are being written, and chunks. */
  #pending = 0;
  #writing = 0;
  /** Bytes of what is not a cache's. */
  #others = 0;
  /** Bytes that may be written before the directory is looked at again. */
  #untilScan = 0;

  /**
   * Makes a cache; its directory is looked at when it is first written to.
   *
   * @param disk Where the chunks are; disposed of with the cache.
   * @param options Its bounds.
   */
  constructor(disk: DiskStore, options: CacheStoreOptions = {}) {
    this.#disk = disk;
    this.#maxBytes = options.maxBytes ?? Infinity;
    this.#maxChunks = options.maxChunks ?? CACHE_CHUNKS_MAX;
    this.#lru = new SegmentedLru(this.#maxBytes);
  }

  /** Tells whether the chunk has a record within bounds. */
  has(hash: Uint8Array): Promise<boolean> {
    return this.#disk.has(hash);
  }

  /** Tells how long the file of the chunk is. */
  sizeOf(hash: Uint8Array): number | undefined {
    return this.#disk.sizeOf(hash);
  }

  /**
   * Reads a chunk, which is used by that.
   *
   * @param hash 32 bytes.
   * @param context For whom.
   * @returns The bytes, or `undefined` when it is not held undamaged.
   */
  async get(
    hash: Uint8Array,
    context: ReadContext = {},
  ): Promise<Uint8Array | undefined> {
    if (this.#maxBytes === Infinity) return await this.#disk.get(hash);
    const key = toHex(hash);
    const { publicKey } = context;
    const by = publicKey === undefined ? "" : toHex(publicKey);
    this.#reading.set(key, (this.#reading.get(key) ?? 0) + 1);
    try {
      const bytes = await this.#disk.get(hash);
      if (bytes === undefined) this.#lru.delete(key);
      else this.#use(key, by);
      return bytes;
    } finally {
      const count = (this.#reading.get(key) ?? 1) - 1;
      if (count > 0) this.#reading.set(key, count);
      else this.#reading.delete(key);
    }
  }

  /**
   * Stores a chunk, and removes others where there is no room.
   *
   * @param hash The BLAKE3 of `bytes`.
   * @param bytes The chunk.
   * @throws {StoreError} When it cannot be written, or all that there is may not
   * be removed.
   */
  async put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    const cost = bytes.length + CACHE_CHUNK_OVERHEAD;
    if (this.#maxBytes === Infinity) {
      return await this.#disk.put(hash, bytes, "once");
    }
    if (this.#untilScan <= 0) await this.#scan();
    const key = toHex(hash);
    if (this.#lru.get(key) !== undefined) {
      return await this.#disk.put(hash, bytes, "once");
    }
    this.#pending += cost;
    this.#writing++;
    try {
      await this.#makeRoom();
      await this.#disk.put(hash, bytes, "once");
      this.#untilScan -= cost;
      const used = Date.now();
      this.#lru.add(key, { hash: hash.slice(), cost, used, rank: "once" });
    } finally {
      this.#pending -= cost;
      this.#writing--;
    }
  }

  /** Closes the store on disk. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disk[Symbol.asyncDispose]();
  }

  #use(key: string, by: string): void {
    const row = this.#lru.get(key);
    if (row === undefined) return;
    const now = Date.now();
    this.#disk.requireSafe();
    // For other processes, and later ones; not each time.
    if (now - row.used >= CACHE_TOUCH_MS) touch(this.#disk, row.hash, now);
    for (const { hash, rank } of this.#lru.use(key, by, now)) {
      const directory = this.#disk.directoryOf(hash);
      // Unless it is no cache's any more.
      if (rankOf(directory) !== undefined) rankChunk(directory, rank);
    }
  }

  /**
   * Removes chunks until what is being written has its place. One that is used
   * or stored by another process in this moment is seen by its time or its mark
   * once it was moved aside, and put back.
   */
  async #makeRoom(): Promise<void> {
    const slice = new TimeSlice();
    const lru = this.#lru;
    for (const [key] of lru.inOrder()) {
      if (this.#fits()) return;
      if (this.#reading.has(key)) continue;
      if (slice.isOver) await slice.giveWay();
      // Whatever becomes of it, no other call has it in hand.
      const row = this.#lru.delete(key);
      if (row === undefined) continue;
      const { hash, used } = row;
      const isGone = await this.#disk.collect(hash, used + ROUNDING_MS, true);
      if (!isGone) this.#keep(key, row);
    }
    if (this.#fits()) return;
    // The directory was looked at meanwhile.
    if (lru !== this.#lru) return await this.#makeRoom();
    throw new StoreError(
      `the cache is full: ${this.#others} bytes in its directory were not ` +
        `fetched by it, of ${this.#maxBytes}`,
      {
        hint: "remove content that is not needed with store gc, or allow more",
        fields: { path: this.#disk.path, bytes: this.#others },
      },
    );
  }

  #fits(): boolean {
    const used = this.#lru.bytes + this.#others + this.#pending;
    return used <= this.#maxBytes &&
      this.#lru.size + this.#writing <= this.#maxChunks;
  }

  /** Another process has used a chunk, or somebody has stored it otherwise. */
  #keep(key: string, row: CacheRow): void {
    const seen = look(this.#disk, row.hash);
    if (seen === undefined) return;
    if (seen.rank === undefined) this.#others += row.cost;
    else this.#lru.add(key, { ...row, used: seen.used });
  }

  /** Looks at the whole directory. */
  #scan(): Promise<void> {
    return this.#scans.run("", () => this.#scanNow());
  }

  async #scanNow(): Promise<void> {
    const slice = new TimeSlice();
    const startedAt = Date.now();
    const found: CacheRow[] = [];
    let others = 0;
    for await (const hash of this.#disk.hashes()) {
      if (slice.isOver) await slice.giveWay();
      const seen = look(this.#disk, hash);
      if (seen === undefined) continue;
      const cost = (this.#disk.sizeOf(hash) ?? 0) + CACHE_CHUNK_OVERHEAD;
      const { used, rank } = seen;
      if (rank === undefined) others += cost;
      else found.push({ hash, cost, used, rank });
    }
    // At once from here on: what was used meanwhile is in the old rows.
    const lru = new SegmentedLru(this.#maxBytes);
    // Many chunks are used within a millisecond, in an order that is known.
    const places = new Map<string, number>();
    for (const [key] of this.#lru.inOrder()) places.set(key, places.size);
    const placeOf = (key: string) => places.get(key) ?? -1;
    const rows = found.map((row): [string, CacheRow] => {
      const key = toHex(row.hash);
      const old = this.#lru.get(key);
      const used = Math.max(row.used, old?.used ?? 0);
      return [key, { ...row, used, by: old?.by }];
    }).sort(([a, one], [b, other]) =>
      one.used - other.used || placeOf(a) - placeOf(b)
    );
    for (const [key, row] of rows) lru.add(key, row);
    for (const [key, row] of this.#lru.inOrder()) {
      const isNew = row.used >= startedAt && lru.get(key) === undefined;
      if (isNew) lru.add(key, row);
    }
    this.#lru = lru;
    this.#others = others;
    this.#untilScan = this.#maxBytes * RESCAN_PART;
  }
}

function look(
  disk: DiskStore,
  hash: Uint8Array,
): Pick<CacheRow, "used"> & Partial<Pick<CacheRow, "rank">> | undefined {
  const directory = disk.directoryOf(hash);
  const mtime = ifPresent(() => Deno.statSync(directory).mtime);
  if (mtime === undefined) return undefined;
  return { used: mtime?.getTime() ?? 0, rank: rankOf(directory) };
}

function touch(disk: DiskStore, hash: Uint8Array, now: number): void {
  const time = new Date(now);
  try {
    Deno.utimeSync(disk.directoryOf(hash), time, time);
  } catch (error) {
    // It is gone, or another user's: then the others do not see that it is used.
    if (!isOsError(error)) throw error;
  }
}
