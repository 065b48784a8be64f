import { HASH_LENGTH } from "../content/mod.ts";
import { Column } from "./columns.ts";

/** A chunk in a file. */
export interface ChunkLocation {
  file: number;
  /** Where in the file it starts. */
  offset: number;
  length: number;
}

const NONE = -1;
const FIRST_SLOTS = 512;

/** Words of 32 bits of a hash. */
const WORDS = HASH_LENGTH / 4;

/**
 * A hash table from chunk hashes to every place where the chunk lies, in typed
 * arrays: a map of strings takes several times the memory.
 */
export class ChunkIndex {
  readonly #words = new Column(Uint32Array);
  readonly #files = new Column(Uint32Array);
  readonly #offsets = new Column(Float64Array);
  readonly #lengths = new Column(Uint32Array);
  /** The next place of the same chunk. */
  readonly #next = new Column(Int32Array);
  /**
   * The first place of a chunk, by the start of its hash; at most half of them
   * are taken.
   */
  #slots = new Int32Array(FIRST_SLOTS).fill(NONE);

  get length(): number {
    return this.#files.length;
  }

  /** Adds a place; the hash is copied. */
  add(hash: Uint8Array, { file, offset, length }: ChunkLocation): void {
    const place = this.length;
    if (place * 2 === this.#slots.length) this.#rehash();
    for (let i = 0; i < WORDS; i++) this.#words.push(wordOf(hash, i));
    this.#files.push(file);
    this.#offsets.push(offset);
    this.#lengths.push(length);
    const slot = this.#slotOf(hash);
    const first = this.#slots[slot];
    if (first === NONE) {
      this.#next.push(NONE);
      this.#slots[slot] = place;
    } else {
      this.#next.push(this.#next.get(first));
      this.#next.set(first, place);
    }
  }

  /** The number of a chunk, below `length`; `undefined` when it is nowhere. */
  numberOf(hash: Uint8Array): number | undefined {
    const place = this.#slots[this.#slotOf(hash)];
    return place === NONE ? undefined : place;
  }

  /** Each chunk once, with its number. */
  *chunks(): Generator<
    { number: number; hash: Uint8Array; length: number },
    void
  > {
    for (const number of this.#slots) {
      if (number === NONE) continue;
      const hash = new Uint8Array(HASH_LENGTH);
      const view = new DataView(hash.buffer);
      for (let i = 0; i < WORDS; i++) {
        view.setUint32(4 * i, this.#words.get(number * WORDS + i), true);
      }
      yield { number, hash, length: this.#lengths.get(number) };
    }
  }

  has(hash: Uint8Array): boolean {
    return this.#slots[this.#slotOf(hash)] !== NONE;
  }

  /** Length of a chunk, `undefined` when it is nowhere. */
  sizeOf(hash: Uint8Array): number | undefined {
    const place = this.#slots[this.#slotOf(hash)];
    return place === NONE ? undefined : this.#lengths.get(place);
  }

  *find(hash: Uint8Array): Generator<ChunkLocation, void, undefined> {
    let place = this.#slots[this.#slotOf(hash)];
    while (place !== NONE) {
      yield {
        file: this.#files.get(place),
        offset: this.#offsets.get(place),
        length: this.#lengths.get(place),
      };
      place = this.#next.get(place);
    }
  }

  /** The slot that has the chunk, or the free one where it belongs. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = wordOf(hash, 0) & mask;
    while (this.#slots[slot] !== NONE && !this.#is(this.#slots[slot], hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #is(place: number, hash: Uint8Array): boolean {
    for (let i = 0; i < WORDS; i++) {
      if (this.#words.get(place * WORDS + i) !== wordOf(hash, i)) return false;
    }
    return true;
  }

  /** Doubles the slots: the first places move, the chains behind them stay. */
  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(NONE);
    const mask = slots.length - 1;
    for (const first of this.#slots) {
      if (first === NONE) continue;
      let slot = this.#words.get(first * WORDS) & mask;
      while (slots[slot] !== NONE) slot = (slot + 1) & mask;
      slots[slot] = first;
    }
    this.#slots = slots;
  }
}

/** 32 bits of a hash; the first are as good as a hash of it. */
function wordOf(hash: Uint8Array, index: number): number {
  const at = index * 4;
  return (hash[at] | hash[at + 1] << 8 | hash[at + 2] << 16 |
    hash[at + 3] << 24) >>> 0;
}
