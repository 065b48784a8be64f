/**
 * Where chunks lie in files: about 60 bytes of memory for each.
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
}

const NONE = -1;
const FIRST_CAPACITY = 256;

/**
 * A hash table from chunk hashes to every place where the chunk lies, in typed
 * arrays: a map of strings takes several times the memory.
 */
export class ChunkIndex {
  #capacity = FIRST_CAPACITY;
  #length = 0;
  #hashes = new Uint8Array(FIRST_CAPACITY * HASH_LENGTH);
  #files = new Uint32Array(FIRST_CAPACITY);
  #offsets = new Float64Array(FIRST_CAPACITY);
  #lengths = new Uint32Array(FIRST_CAPACITY);
  /** The next place of the same chunk. */
  #next = new Int32Array(FIRST_CAPACITY);
  /** The first place of a chunk, by the start of its hash; twice as many as places. */
  #slots = new Int32Array(FIRST_CAPACITY * 2).fill(NONE);

  /** Number of places. */
  get length(): number {
    return this.#length;
  }

  /** Adds a place; the hash is copied. */
  add(hash: Uint8Array, { file, offset, length }: ChunkLocation): void {
    if (this.#length === this.#capacity) this.#grow();
    const place = this.#length++;
    this.#hashes.set(hash, place * HASH_LENGTH);
    this.#files[place] = file;
    this.#offsets[place] = offset;
    this.#lengths[place] = length;
    this.#link(place, hash);
  }

  /** Tells whether the chunk has a place. */
  has(hash: Uint8Array): boolean {
    return this.#slots[this.#slotOf(hash)] !== NONE;
  }

  /** The places of a chunk. */
  *find(hash: Uint8Array): Generator<ChunkLocation, void, undefined> {
    let place = this.#slots[this.#slotOf(hash)];
    while (place !== NONE) {
      yield {
        file: this.#files[place],
        offset: this.#offsets[place],
        length: this.#lengths[place],
      };
      place = this.#next[place];
    }
  }

  /** The slot that has the chunk, or the free one where it belongs. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    // The hash is as good as random: its first bits are a hash of it.
    let slot = (hash[0] | hash[1] << 8 | hash[2] << 16 | hash[3] << 24) & mask;
    while (this.#slots[slot] !== NONE && !this.#is(this.#slots[slot], hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #is(place: number, hash: Uint8Array): boolean {
    const start = place * HASH_LENGTH;
    for (let i = 0; i < HASH_LENGTH; i++) {
      if (this.#hashes[start + i] !== hash[i]) return false;
    }
    return true;
  }

  #link(place: number, hash: Uint8Array): void {
    const slot = this.#slotOf(hash);
    const first = this.#slots[slot];
    if (first === NONE) {
      this.#next[place] = NONE;
      this.#slots[slot] = place;
    } else {
      this.#next[place] = this.#next[first];
      this.#next[first] = place;
    }
  }

  #grow(): void {
    this.#capacity *= 2;
    const capacity = this.#capacity;
    this.#hashes = enlarge(
      this.#hashes,
      new Uint8Array(capacity * HASH_LENGTH),
    );
    this.#files = enlarge(this.#files, new Uint32Array(capacity));
    this.#offsets = enlarge(this.#offsets, new Float64Array(capacity));
    this.#lengths = enlarge(this.#lengths, new Uint32Array(capacity));
    this.#next = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity * 2).fill(NONE);
    for (let place = 0; place < this.#length; place++) {
      const start = place * HASH_LENGTH;
      this.#link(place, this.#hashes.subarray(start, start + HASH_LENGTH));
    }
  }
}

function enlarge<T extends Uint8Array | Uint32Array | Float64Array>(
  from: T,
  to: T,
): T {
  to.set(from);
  return to;
}
