/**
 * One chunk's directory in a store: where its live files are, what they hold,
 * and how a log that holds nothing is completed.
 */

import { existsSync } from "node:fs";
import { equals } from "@std/bytes/equals";
import { blake3 } from "../content/mod.ts";
import { HashMismatchError, StoreError } from "../errors.ts";
import { CHUNK_MAX, STORE_RECORDS_MAX } from "../limits.ts";
import { isLacking } from "../os/lacking.ts";
import { makeSafeDirectory, type ParentTrust } from "../os/safe_ancestors.ts";
import { quoteText } from "../text/escape.ts";
import { toHex } from "../text/hex.ts";
import { readSliceSync } from "./file_slices.ts";
import { ifPresent } from "./if_present.ts";
import type { StoreModes } from "./store_modes.ts";
import { fillSync, openOwnSync } from "./regular_file.ts";
import {
  decodePointer,
  decodeRecords,
  encodeRecord,
  encodeTimestamp,
  generationName,
  type HeapRecord,
  IDX_RECORD_LENGTH,
  parseGenerationName,
  POINTER_LENGTH,
  type RecordChecksum,
  TS_RECORD_LENGTH,
} from "./store_record.ts";

/** The files of a generation. */
const FILES = ["idx", "dat", "ts"] as const;
export const POINTER_NAME = "manifest";
/** The generation every chunk starts, and so far ends, with. */
export const FIRST_GENERATION: string = generationName(1);
/** What a whole chunk directory must hold at least. */
export const CHUNK_FILES: readonly string[] = [
  POINTER_NAME,
  `${FIRST_GENERATION}/dat`,
];

/**
 * Finds the directory with the live `idx`, `dat` and `ts`: the generation the
 * pointer names if it is complete, else the highest complete one, else the chunk
 * directory itself (an old layout), else the first generation, complete or not.
 */
export function resolveGeneration(
  chunkDirectory: string,
  checksum: RecordChecksum,
): string {
  const pointed = decodePointer(
    readHead(`${chunkDirectory}/${POINTER_NAME}`, POINTER_LENGTH),
    checksum,
  );
  if (pointed !== undefined) {
    const generation = `${chunkDirectory}/${generationName(pointed)}`;
    if (isComplete(generation)) return generation;
  }
  const highest = listDirectory(chunkDirectory)
    .map(({ name }) => parseGenerationName(name))
    .filter((generation) => generation !== undefined)
    .sort((a, b) => b - a)
    .map((number) => `${chunkDirectory}/${generationName(number)}`)
    .find(isComplete);
  if (highest !== undefined) return highest;
  if (
    FILES.slice(0, 2).every((file) => existsSync(`${chunkDirectory}/${file}`))
  ) {
    return chunkDirectory;
  }
  return `${chunkDirectory}/${FIRST_GENERATION}`;
}

/** Lists a directory; one that does not exist is empty. */
export function listDirectory(path: string): Deno.DirEntry[] {
  return ifPresent(() => [...Deno.readDirSync(path)]) ?? [];
}

function isComplete(generation: string): boolean {
  return FILES.every((file) => existsSync(`${generation}/${file}`));
}

/** The records that a chunk may lie behind, each place once. */
export function readRecords(generation: string): HeapRecord[] {
  const seen = new Set<string>();
  return decodeRecords(
    readHead(`${generation}/idx`, STORE_RECORDS_MAX * IDX_RECORD_LENGTH),
  ).filter(({ offset, length, sum }) => {
    const place = `${offset}+${length}:${sum}`;
    if (length > CHUNK_MAX || seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

/** Whether a record of the generation lies within its payload file. */
export function holdsSomething(generation: string): boolean {
  const records = readRecords(generation);
  if (records.length === 0) return false;
  const end = fileLength(`${generation}/dat`);
  return records.some(({ offset, length }) => offset + length <= end);
}

/** Length of a file, 0 without one. */
export function fileLength(path: string): number {
  return ifPresent(() => Deno.statSync(path).size) ?? 0;
}

/** Up to `limit` bytes from the start of a file; a missing file has none. */
function readHead(path: string, limit: number): Uint8Array {
  // Most often it is missing, and looking is cheaper than failing.
  if (!existsSync(path)) return new Uint8Array();
  return ifPresent(() => {
    using file = openOwnSync(path);
    const bytes = new Uint8Array(limit);
    return bytes.subarray(0, fillSync(file, bytes, 0));
  }) ?? new Uint8Array();
}

/** How a chunk is written. */
export interface ChunkWriting {
  readonly checksum: RecordChecksum;
  /** Of what is made new. */
  readonly modes: StoreModes;
  /** Whether files are synced. */
  readonly fsync: boolean;
  readonly trust: ParentTrust;
}

/**
 * Makes a chunk directory that exists hold its chunk.
 *
 * The log is judged as a node judges it when it opens it: records beyond the end
 * of `dat` or with a wrong XXH3 do not count. If one counts and is right, nothing
 * is to do. If none counts, the chunk is appended: `dat` first, so that a record
 * never names bytes that are not there.
 *
 * Synchronous, so that two calls for one chunk cannot mix. Throws when a record
 * counts but its bytes are not the chunk: no node would take the chunk beside it.
 */
export function completeChunk(
  chunkDirectory: string,
  hash: Uint8Array,
  bytes: Uint8Array,
  { checksum, modes, fsync, trust }: ChunkWriting,
): void {
  const generation = resolveGeneration(chunkDirectory, checksum);
  let wrong: Uint8Array | undefined;
  for (const record of readRecords(generation)) {
    const payload = readPayload(generation, record);
    if (payload === undefined) break; // A node cuts off the rest too.
    if (checksum.low28(payload) !== record.sum) continue;
    const actual = blake3(payload);
    if (equals(actual, hash)) return;
    wrong ??= actual;
  }
  const broken = (message: string, cause?: unknown) =>
    new StoreError(message, {
      cause,
      hint: `Remove ${chunkDirectory} and store the content again.`,
      fields: { path: chunkDirectory, hash: toHex(hash) },
    });
  if (wrong !== undefined) {
    const mismatch = new HashMismatchError(toHex(hash), toHex(wrong));
    throw broken(
      `The store holds other bytes under a chunk's name: ${mismatch.message}`,
      mismatch,
    );
  }
  const foreign = foreignPart(chunkDirectory, generation);
  if (foreign !== undefined) {
    throw broken(
      `Cannot write to ${quoteText(foreign)}: it is no part of a chunk`,
    );
  }
  // It may be of a time when others could write to it.
  makeSafeDirectory(generation, modes.dir, trust);
  const offset = fileLength(`${generation}/dat`);
  const kept = dropUselessTail(generation, offset);
  if (kept >= STORE_RECORDS_MAX) {
    throw broken(
      `Cannot repair chunk ${
        toHex(hash)
      }: its index already has ${STORE_RECORDS_MAX} records and none is right`,
    );
  }
  append(`${generation}/dat`, bytes, modes.file, fsync);
  const { length } = bytes;
  const sum = checksum.low28(bytes);
  append(
    `${generation}/idx`,
    encodeRecord({ seq: 0n, offset, length, sum }),
    modes.file,
    fsync,
  );
  append(`${generation}/ts`, encodeTimestamp(Date.now()), modes.file, fsync);
}

/**
 * What would lead a write elsewhere: a link, another name of some file, a pipe in
 * the place of a directory or file of a chunk.
 */
function foreignPart(
  directory: string,
  generation: string,
): string | undefined {
  const look = (path: string) => ifPresent(() => Deno.lstatSync(path));
  for (const path of [directory, generation]) {
    if (look(path)?.isDirectory === false) return path;
  }
  return FILES.map((name) => `${generation}/${name}`).find((path) => {
    const seen = look(path);
    return seen !== undefined && (!seen.isFile || (seen.nlink ?? 1) > 1);
  });
}

function readPayload(
  generation: string,
  { offset, length }: HeapRecord,
): Uint8Array | undefined {
  if (length === 0) return new Uint8Array();
  return ifPresent(() => readSliceSync(`${generation}/dat`, offset, length));
}

/**
 * Cuts off what a killed writer left at the end of `idx`: a partial record, which
 * would shift ours, and records that name bytes beyond the end of `dat`, which
 * ours would make look real. `ts` follows. Gives how many records remain.
 */
function dropUselessTail(generation: string, payloadEnd: number): number {
  const path = `${generation}/idx`;
  const size = fileLength(path);
  const bytes = readHead(path, STORE_RECORDS_MAX * IDX_RECORD_LENGTH);
  let kept = Math.floor(size / IDX_RECORD_LENGTH);
  for (let i = 0; (i + 1) * IDX_RECORD_LENGTH <= bytes.length; i++) {
    const [record] = decodeRecords(
      bytes.subarray(i * IDX_RECORD_LENGTH, (i + 1) * IDX_RECORD_LENGTH),
    );
    if (record !== undefined && record.offset + record.length > payloadEnd) {
      kept = i;
      break;
    }
  }
  cut(path, size, kept * IDX_RECORD_LENGTH);
  const times = `${generation}/ts`;
  cut(times, fileLength(times), kept * TS_RECORD_LENGTH);
  return kept;
}

function cut(path: string, size: number, length: number): void {
  if (size > length) Deno.truncateSync(path, length);
}

function append(
  path: string,
  bytes: Uint8Array,
  mode: number,
  fsync: boolean,
): void {
  {
    using file = Deno.openSync(path, { append: true, create: true, mode });
    for (let at = 0; at < bytes.length;) {
      at += file.writeSync(bytes.subarray(at));
    }
  }
  if (fsync) syncFile(path);
}

/**
 * Waits until what was written to a file, or a directory, is on the disk, where
 * the file system lets that be asked for.
 */
export function syncFile(path: string, write = true): void {
  using file = Deno.openSync(path, { read: !write, write });
  try {
    file.syncSync();
  } catch (error) {
    if (!isLacking(error)) throw error;
  }
}
