/**
 * Where chunks lie in files: about 65 bytes of memory for each.
 *
 * @module
 */

import { HASH_LENGTH } from "../content/mod.ts";

/** A chunk in a file. */
export interface ChunkLocation {
  /** Number of the file. */
  file: number;
  /** Where in the file it starts, in bytes. */
  offset: number;
  /** Its length, in bytes. */
  length: number;
  /** CRC-32 of its bytes as they were hashed. */
  crc: number;
}

const NONE = -1;
const FIRST_SLOTS = 512;

/** Places of one {@linkcode Segment}; a power of two. */
const PLACES = 4096;
const PLACE_MASK = PLACES - 1;
const PLACE_BITS = 12;

/** Some places. Segments are added, not enlarged: that would leave garbage of the same size. */
class Segment {
  readonly hashes = new Uint8Array(PLACES * HASH_LENGTH);
  readonly files = new Uint32Array(PLACES);
  readonly offsets = new Float64Array(PLACES);
  readonly lengths = new Uint32Array(PLACES);
  readonly crcs = new Uint32Array(PLACES);
  /** The next place of the same chunk. */
  readonly next = new Int32Array(PLACES);
}

/**
 * A hash table from chunk hashes to every place where the chunk lies, in typed
 * arrays: a map of strings takes several times the memory.
 */
export class ChunkIndex {
  #length = 0;
  readonly #segments: Segment[] = [];
  /** The first place of a chunk, by the start of its hash; at most half of them are taken. */
  #slots = new Int32Array(FIRST_SLOTS).fill(NONE);

  /** Number of places. */
  get length(): number {
    return this.#length;
  }

  /** Adds a place; the hash is copied. */
  add(hash: Uint8Array, { file, offset, length, crc }: ChunkLocation): void {
    if (this.#length * 2 === this.#slots.length) this.#rehash();
    const place = this.#length++;
    const row = place & PLACE_MASK;
    if (row === 0) this.#segments.push(new Segment());
    const segment = this.#segments[place >> PLACE_BITS];
    segment.hashes.set(hash, row * HASH_LENGTH);
    segment.files[row] = file;
    segment.offsets[row] = offset;
    segment.lengths[row] = length;
    segment.crcs[row] = crc;
    const slot = this.#slotOf(hash);
    const first = this.#slots[slot];
    if (first === NONE) {
      segment.next[row] = NONE;
      this.#slots[slot] = place;
    } else {
      const chain = this.#segments[first >> PLACE_BITS].next;
      segment.next[row] = chain[first & PLACE_MASK];
      chain[first & PLACE_MASK] = place;
    }
  }

  /** Tells whether the chunk has a place. */
  has(hash: Uint8Array): boolean {
    return this.#slots[this.#slotOf(hash)] !== NONE;
  }

  /** The places of a chunk. */
  *find(hash: Uint8Array): Generator<ChunkLocation, void, undefined> {
    let place = this.#slots[this.#slotOf(hash)];
    while (place !== NONE) {
      const { files, offsets, lengths, crcs, next } =
        this.#segments[place >> PLACE_BITS];
      const row = place & PLACE_MASK;
      yield {
        file: files[row],
        offset: offsets[row],
        length: lengths[row],
        crc: crcs[row],
      };
      place = next[row];
    }
  }

  /** The slot that has the chunk, or the free one where it belongs. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = startOf(hash, 0) & mask;
    while (this.#slots[slot] !== NONE && !this.#is(this.#slots[slot], hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #is(place: number, hash: Uint8Array): boolean {
    const { hashes } = this.#segments[place >> PLACE_BITS];
    const start = (place & PLACE_MASK) * HASH_LENGTH;
    for (let i = 0; i < HASH_LENGTH; i++) {
      if (hashes[start + i] !== hash[i]) return false;
    }
    return true;
  }

  /** Doubles the slots: the first places move, the chains behind them stay. */
  #rehash(): void {
    const firsts = this.#slots;
    const slots = new Int32Array(firsts.length * 2).fill(NONE);
    const mask = slots.length - 1;
    for (const first of firsts) {
      if (first === NONE) continue;
      const { hashes } = this.#segments[first >> PLACE_BITS];
      let slot = startOf(hashes, (first & PLACE_MASK) * HASH_LENGTH) & mask;
      while (slots[slot] !== NONE) slot = (slot + 1) & mask;
      slots[slot] = first;
    }
    this.#slots = slots;
  }
}

/** The first bits of a hash, which are as good as a hash of it. */
function startOf(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
    bytes[at + 3] << 24;
}
