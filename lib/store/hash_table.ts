/**
 * What is remembered of files: stamps and the hashes of their chunks, encoded as
 * in the file they are kept in, so that nothing is to be done to hundreds of
 * thousands of them before one is looked for.
 *
 * | Bytes | Row, little-endian |
 * |---|---|
 * | 5 × 8 | device, number, length, `mtime` and `ctime` in ms: doubles |
 * | 4 | when it was of use last, in minutes since 1970 |
 * | 32 each | of the whole file if it has several chunks, then of each chunk: BLAKE3 |
 *
 * The BLAKE3 of a whole that was not taken is zero.
 */

import { HASH_LENGTH } from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import type { FileStamp } from "../os/file_identity.ts";

/** The hashes of a file. */
export interface FileHashes {
  /** BLAKE3 of its chunks of `CHUNK_SIZE` bytes, at least one. */
  readonly chunks: readonly Uint8Array[];
  /** BLAKE3 of the whole file, if it has several chunks and that was taken. */
  readonly whole?: Uint8Array;
}

const NONE = -1;
const FIRST_SLOTS = 1024;
const FIRST_BYTES = 16 * 1024;
/** Where in a row its parts are. */
const [DEV, INO, SIZE, MTIME, CTIME, USED, HASHES] = [0, 8, 16, 24, 32, 40, 44];

/** Rows by device and number of a file. */
export class HashTable {
  /** The rows, those that were superseded included. */
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #end: number;
  /** Where each file's row starts; at most half of the slots are taken. */
  #slots = new Int32Array(FIRST_SLOTS).fill(NONE);
  #length = 0;

  /** Makes an empty table, or one of rows that {@linkcode HashTable.read} checks. */
  private constructor(bytes: Uint8Array<ArrayBuffer>, end: number) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#end = end;
  }

  static empty(): HashTable {
    return new HashTable(new Uint8Array(FIRST_BYTES), 0);
  }

  /**
   * Makes a table of encoded rows.
   *
   * @param bytes The rows; not copied.
   * @returns `undefined` when they are not whole.
   */
  static read(bytes: Uint8Array<ArrayBuffer>): HashTable | undefined {
    const table = new HashTable(bytes, bytes.length);
    let start = 0;
    while (start < bytes.length) {
      if (start + HASHES > bytes.length) return undefined;
      const size = table.#view.getFloat64(start + SIZE, true);
      if (!Number.isSafeInteger(size) || size < 0) return undefined;
      table.#index(start);
      start += rowBytes(size);
    }
    return start === bytes.length ? table : undefined;
  }

  /** How many files it knows. */
  get length(): number {
    return this.#length;
  }

  /** Adds a row, which supersedes that of a file of the same number. */
  set(stamp: FileStamp, used: number, { chunks, whole }: FileHashes): void {
    const start = this.#reserve(rowBytes(stamp.size));
    const view = this.#view;
    view.setFloat64(start + DEV, stamp.dev, true);
    view.setFloat64(start + INO, stamp.ino, true);
    view.setFloat64(start + SIZE, stamp.size, true);
    view.setFloat64(start + MTIME, stamp.mtimeMs, true);
    view.setFloat64(start + CTIME, stamp.ctimeMs, true);
    view.setUint32(start + USED, used, true);
    let at = start + HASHES;
    const write = (hash: Uint8Array) => {
      this.#bytes.set(hash, at);
      at += HASH_LENGTH;
    };
    if (chunks.length > 1) write(whole ?? new Uint8Array(HASH_LENGTH));
    for (const hash of chunks) write(hash);
    this.#index(start);
  }

  /** Adds a row of another table. */
  copy(other: HashTable, row: number): void {
    const bytes = other.rowAt(row);
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
    this.#index(start);
  }

  /** Where the row of the file with that number starts, whatever became of it. */
  find(stamp: Pick<FileStamp, "dev" | "ino">): number | undefined {
    const row = this.#slots[this.#slotOf(stamp.dev, stamp.ino)];
    return row === NONE ? undefined : row;
  }

  /** The rows that count, in the order of the table of slots. */
  *rows(): Generator<number, void, undefined> {
    for (const row of this.#slots) if (row !== NONE) yield row;
  }

  stampAt(row: number): FileStamp {
    const view = this.#view;
    return {
      dev: view.getFloat64(row + DEV, true),
      ino: view.getFloat64(row + INO, true),
      size: view.getFloat64(row + SIZE, true),
      mtimeMs: view.getFloat64(row + MTIME, true),
      ctimeMs: view.getFloat64(row + CTIME, true),
    };
  }

  usedAt(row: number): number {
    return this.#view.getUint32(row + USED, true);
  }

  touch(row: number, used: number): void {
    this.#view.setUint32(row + USED, used, true);
  }

  /** The encoded row: a view, good until the next is added. */
  rowAt(row: number): Uint8Array {
    const size = this.#view.getFloat64(row + SIZE, true);
    return this.#bytes.subarray(row, row + rowBytes(size));
  }

  /** The hashes of a file: views, which nothing changes. */
  hashesAt(row: number): FileHashes {
    const chunk = (index: number): Uint8Array => {
      const at = row + HASHES + index * HASH_LENGTH;
      return this.#bytes.subarray(at, at + HASH_LENGTH);
    };
    const count = chunksOf(this.#view.getFloat64(row + SIZE, true));
    if (count === 1) return { chunks: [chunk(0)] };
    const whole = chunk(0);
    const chunks = Array.from({ length: count }, (_, i) => chunk(i + 1));
    return whole.some((byte) => byte !== 0) ? { chunks, whole } : { chunks };
  }

  #reserve(length: number): number {
    const start = this.#end;
    this.#end += length;
    if (this.#end > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#end, start * 2));
      bytes.set(this.#bytes.subarray(0, start));
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    return start;
  }

  #index(start: number): void {
    if (this.#length * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(
      this.#view.getFloat64(start + DEV, true),
      this.#view.getFloat64(start + INO, true),
    );
    if (this.#slots[slot] === NONE) this.#length++;
    this.#slots[slot] = start;
  }

  #slotOf(dev: number, ino: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(ino, 0x9e37_79b1) >>> 7 ^ dev) & mask;
    for (;;) {
      const row = this.#slots[slot];
      if (
        row === NONE || this.#view.getFloat64(row + INO, true) === ino &&
          this.#view.getFloat64(row + DEV, true) === dev
      ) return slot;
      slot = slot + 1 & mask;
    }
  }

  #grow(): void {
    const rows = this.#slots;
    this.#slots = new Int32Array(rows.length * 2).fill(NONE);
    for (const row of rows) {
      if (row === NONE) continue;
      const dev = this.#view.getFloat64(row + DEV, true);
      const ino = this.#view.getFloat64(row + INO, true);
      this.#slots[this.#slotOf(dev, ino)] = row;
    }
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function chunksOf(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK_SIZE));
}

/** Bytes of the row of a file of that size. */
function rowBytes(size: number): number {
  const chunks = chunksOf(size);
  return HASHES + HASH_LENGTH * (chunks === 1 ? 1 : chunks + 1);
}
