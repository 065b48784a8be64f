import {
  type BlobRef,
  blobRefSize,
  decodeBlobRef,
  encodeBlobRef,
  HASH_LENGTH,
  makeSmall,
} from "../content/mod.ts";
import { ByteHeap, Column } from "./columns.ts";
import { contentUri } from "./publish_sink.ts";

const NONE = -1;
const SIZE_BYTES = 8;

/** The reference of a file of a tree. */
export interface LeafRef {
  encoded: Uint8Array;
  size: bigint;
}

/**
 * The references of the files of a tree until its manifest is written: about 50
 * bytes for a file of one chunk, which is named by its hash alone.
 */
export class LeafRefs {
  /** Where in `#small` an entry is, by its number. */
  readonly #positions = new Column(Float64Array);
  readonly #small = new ByteHeap();
  /** The references of files of several chunks, encoded. */
  readonly #large = new Map<number, Uint8Array>();
  #count = 0;

  /** Number of references. */
  get count(): number {
    return this.#count;
  }

  /** Adds the reference of a file; the numbers only rise. */
  add(file: number, ref: BlobRef): void {
    while (this.#positions.length < file) this.#positions.push(NONE);
    this.#count++;
    if (ref.kind !== "small") {
      this.#large.set(file, encodeBlobRef(ref));
      this.#positions.push(NONE);
      return;
    }
    const row = new Uint8Array(HASH_LENGTH + SIZE_BYTES);
    row.set(ref.hash);
    new DataView(row.buffer).setBigUint64(HASH_LENGTH, ref.size);
    this.#positions.push(this.#small.add(row));
  }

  has(file: number): boolean {
    return this.#positionOf(file) !== NONE || this.#large.has(file);
  }

  /** The reference of a file, if it has one. */
  get(file: number): LeafRef | undefined {
    const position = this.#positionOf(file);
    if (position !== NONE) return smallRef(this.#small.at(position));
    const encoded = this.#large.get(file);
    const ref = encoded && decodeBlobRef(encoded);
    return ref && { encoded, size: blobRefSize(ref) };
  }

  #positionOf(file: number): number {
    return file < this.#positions.length ? this.#positions.get(file) : NONE;
  }
}

function smallRef(row: Uint8Array): LeafRef {
  const hash = row.slice(0, HASH_LENGTH);
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const size = view.getBigUint64(HASH_LENGTH);
  const ref = makeSmall(contentUri(hash), hash, Number(size));
  return { encoded: encodeBlobRef(ref), size };
}
