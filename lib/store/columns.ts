/**
 * Tables of numbers and short byte strings for hundreds of thousands of rows:
 * nothing but their bytes, and no copy when they grow, which would leave the
 * old half of the memory to be collected some day.
 */

type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** Rows of one segment of a {@linkcode Column}; a power of two. */
const ROWS = 4096;
const ROW_MASK = ROWS - 1;
const ROW_BITS = 12;

/** Bytes of one segment of a {@linkcode ByteHeap}. */
const HEAP_SEGMENT = 64 * 1024;
/** A string is preceded by its length. */
const LENGTH_BYTES = 2;

/** A growing list of numbers of one machine type. */
export class Column {
  readonly #make: new (length: number) => Numbers;
  readonly #segments: Numbers[] = [];
  #length = 0;

  constructor(type: new (length: number) => Numbers) {
    this.#make = type;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a row; the value must fit the type. */
  push(value: number): void {
    const row = this.#length++;
    if ((row & ROW_MASK) === 0) this.#segments.push(new this.#make(ROWS));
    this.#segments[row >>> ROW_BITS][row & ROW_MASK] = value;
  }

  get(row: number): number {
    return this.#segments[row >>> ROW_BITS][row & ROW_MASK];
  }

  set(row: number, value: number): void {
    this.#segments[row >>> ROW_BITS][row & ROW_MASK] = value;
  }
}

/** Byte strings of up to 65 533 bytes, one behind the other. */
export class ByteHeap {
  readonly #segments: Uint8Array[] = [];
  #end = 0;

  /** Copies a string in; gives its position. */
  add(bytes: Uint8Array): number {
    const size = LENGTH_BYTES + bytes.length;
    if (size > HEAP_SEGMENT - 1) {
      throw new RangeError(`${bytes.length} bytes are too long for a row`);
    }
    if (this.#end + size > this.#segments.length * HEAP_SEGMENT) {
      this.#end = this.#segments.length * HEAP_SEGMENT;
      this.#segments.push(new Uint8Array(HEAP_SEGMENT));
    }
    const position = this.#end;
    const segment = this.#segments[this.#segments.length - 1];
    const start = position % HEAP_SEGMENT;
    segment[start] = bytes.length & 0xff;
    segment[start + 1] = bytes.length >>> 8;
    segment.set(bytes, start + LENGTH_BYTES);
    this.#end += size;
    return position;
  }

  /** The string at a position: a view. */
  at(position: number): Uint8Array {
    const segment = this.#segments[Math.floor(position / HEAP_SEGMENT)];
    const start = position % HEAP_SEGMENT;
    const length = segment[start] | segment[start + 1] << 8;
    const from = start + LENGTH_BYTES;
    return segment.subarray(from, from + length);
  }
}
