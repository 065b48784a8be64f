/**
 * The records of a chunk directory: the pointer to the live generation and the
 * index records that say where in `dat` a payload lies.
 *
 * Every chunk is a small append-only log of its own: `manifest` names the
 * generation directory, `idx` has 20 bytes for each payload, `dat` the payloads
 * and `ts` 8 bytes of time for each. A log that was written once has one record
 * at offset 0; a repaired one has more.
 */

import type { IHasher } from "hash-wasm";
import { equals } from "@std/bytes/equals";

/** Lengths are in bytes. */
export const IDX_RECORD_LENGTH = 20;
export const TS_RECORD_LENGTH = 8;
export const POINTER_LENGTH = 16;

/** "REDM", version 1. */
const POINTER_HEAD = new Uint8Array([0x52, 0x45, 0x44, 0x4d, 0x01]);
const POINTER_GENERATION = 5;
const POINTER_ZEROS = 9;
const POINTER_SUM = 12;

const RECORD_OFFSET = 8;
const RECORD_LENGTH = 12;
const RECORD_SUM = 16;
const SUM_MASK = 0x0fff_ffff;
/** The payload stands in the record itself; chunk stores never write that. */
const FLAG_INLINE = 0x8000_0000;

/** An index record whose payload lies in `dat`. */
export interface HeapRecord {
  /** Place in the log. */
  seq: bigint;
  /** Where in `dat` the payload starts. */
  offset: number;
  length: number;
  /** Low 28 bits of the XXH3-64 of the payload. */
  sum: number;
}

/** XXH3-64 with seed 0, of which the records keep the low bits. */
export class RecordChecksum {
  readonly #hasher: IHasher;

  private constructor(hasher: IHasher) {
    this.#hasher = hasher;
  }

  /** Loads the hash function, which only opening a store has to wait for. */
  static async load(): Promise<RecordChecksum> {
    const { createXXHash3 } = await import("hash-wasm");
    return new RecordChecksum(await createXXHash3());
  }

  low32(bytes: Uint8Array): number {
    const digest = this.#hasher.init().update(bytes).digest("binary");
    return new DataView(digest.buffer, digest.byteOffset).getUint32(4);
  }

  /** As an index record keeps it. */
  low28(bytes: Uint8Array): number {
    return (this.low32(bytes) & SUM_MASK) >>> 0;
  }
}

/** Name of a generation's directory: `v` and ten digits. */
export function generationName(generation: number): string {
  return `v${String(generation).padStart(10, "0")}`;
}

export function parseGenerationName(name: string): number | undefined {
  if (!/^v[0-9]{10}$/.test(name)) return undefined;
  const generation = Number(name.slice(1));
  return generation >= 1 && generation <= 0xffff_ffff ? generation : undefined;
}

export function encodePointer(
  generation: number,
  checksum: RecordChecksum,
): Uint8Array {
  const bytes = new Uint8Array(POINTER_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(POINTER_HEAD);
  view.setUint32(POINTER_GENERATION, generation, true);
  view.setUint32(
    POINTER_SUM,
    checksum.low32(bytes.subarray(0, POINTER_SUM)),
    true,
  );
  return bytes;
}

/** `undefined` when the pointer is not valid; what follows its 16 bytes is ignored. */
export function decodePointer(
  bytes: Uint8Array,
  checksum: RecordChecksum,
): number | undefined {
  if (bytes.length < POINTER_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const generation = view.getUint32(POINTER_GENERATION, true);
  const valid = generation >= 1 &&
    equals(bytes.subarray(0, POINTER_HEAD.length), POINTER_HEAD) &&
    bytes.subarray(POINTER_ZEROS, POINTER_SUM).every((byte) => byte === 0) &&
    view.getUint32(POINTER_SUM, true) ===
      checksum.low32(bytes.subarray(0, POINTER_SUM));
  return valid ? generation : undefined;
}

export function encodeRecord(record: HeapRecord): Uint8Array {
  const bytes = new Uint8Array(IDX_RECORD_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, record.seq, true);
  view.setUint32(RECORD_OFFSET, record.offset, true);
  view.setUint32(RECORD_LENGTH, record.length, true);
  view.setUint32(RECORD_SUM, record.sum, true);
  return bytes;
}

/**
 * Leaves out a partial record at the end and records that carry their payload
 * themselves.
 */
export function decodeRecords(bytes: Uint8Array): HeapRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: HeapRecord[] = [];
  const end = bytes.length - IDX_RECORD_LENGTH;
  for (let at = 0; at <= end; at += IDX_RECORD_LENGTH) {
    const word = view.getUint32(at + RECORD_SUM, true);
    if ((word & FLAG_INLINE) !== 0) continue;
    records.push({
      seq: view.getBigUint64(at, true),
      offset: view.getUint32(at + RECORD_OFFSET, true),
      length: view.getUint32(at + RECORD_LENGTH, true),
      sum: (word & SUM_MASK) >>> 0,
    });
  }
  return records;
}

/** Encodes a time-stamp record of `milliseconds` since 1970. */
export function encodeTimestamp(milliseconds: number): Uint8Array {
  const bytes = new Uint8Array(TS_RECORD_LENGTH);
  const nanoseconds = BigInt(Math.floor(milliseconds)) * 1_000_000n;
  new DataView(bytes.buffer).setBigUint64(0, nanoseconds, true);
  return bytes;
}
