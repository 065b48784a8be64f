/**
 * The file of a hash cache: a header, then the rows of a {@linkcode HashTable}.
 *
 * | Bytes | Header, little-endian |
 * |---|---|
 * | 8 | `NTHASHES` |
 * | 4 | version of the format |
 * | 4 | CRC-32 of everything behind the header |
 */

import { crc32 } from "node:zlib";
import { HASH_CACHE_MAX } from "../limits.ts";
import { HashTable } from "./hash_table.ts";

const MAGIC = new TextEncoder().encode("NTHASHES");
/** Another one for every change of the format, or of how chunks are cut. */
export const HASH_CACHE_VERSION = 2;
const HEADER_BYTES = 16;

/**
 * Encodes a table, without those of its rows that were of no use for longest if
 * it would be too long: three quarters of what may be are left then.
 */
export function encodeHashCache(
  table: HashTable,
  max: number = HASH_CACHE_MAX,
): Uint8Array<ArrayBuffer> {
  const rows = keptRows(table, max);
  let length = HEADER_BYTES;
  for (const row of rows) length += table.rowAt(row).length;
  const bytes = new Uint8Array(length);
  let at = HEADER_BYTES;
  for (const row of rows) {
    const encoded = table.rowAt(row);
    bytes.set(encoded, at);
    at += encoded.length;
  }
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, HASH_CACHE_VERSION, true);
  view.setUint32(12, crc32(bytes.subarray(HEADER_BYTES)), true);
  return bytes;
}

/**
 * Decodes what {@linkcode encodeHashCache} made.
 *
 * @param bytes The file; not copied.
 * @returns `undefined` for anything else, damaged or of another version.
 */
export function decodeHashCache(
  bytes: Uint8Array<ArrayBuffer>,
): HashTable | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(8, true) !== HASH_CACHE_VERSION) return undefined;
  const rows = bytes.subarray(HEADER_BYTES);
  return view.getUint32(12, true) === crc32(rows)
    ? HashTable.read(rows)
    : undefined;
}

function keptRows(table: HashTable, max: number): number[] {
  const rows = [...table.rows()];
  let length = HEADER_BYTES;
  for (const row of rows) length += table.rowAt(row).length;
  if (length <= max) return rows;
  rows.sort((a, b) => table.usedAt(b) - table.usedAt(a));
  let room = max * 3 / 4 - HEADER_BYTES;
  return rows.filter((row) => {
    const { length } = table.rowAt(row);
    if (length > room) return false;
    room -= length;
    return true;
  });
}
