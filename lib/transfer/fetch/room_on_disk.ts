/** Whether the disk of a target has room for what is fetched. */

import {
  type BlobRef,
  decodeBlobRef,
  isZeroChunk,
  readDirEntries,
} from "../../content/mod.ts";
import { IoError, TransferError } from "../../errors.ts";
import { volumeOf } from "../../os/volume.ts";
import { quoteText } from "../../text/escape.ts";

/** What is to be written. */
export interface RoomNeed {
  /** The target's real path. */
  readonly path: string;
  /** The directory that it is written in; it need not exist yet. */
  readonly site: string;
  /** Bytes of content that are written anew. */
  readonly bytes: bigint;
  /** Bytes that are freed before, as of what an earlier run left. */
  readonly freed?: bigint;
  /** Bytes that may take no room: zeros in files with holes. */
  holes(): bigint;
}

/** Codes of the system when there is no room. */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Refuses what has no room.
 *
 * @param need What is to be written.
 * @returns What the user should know: that it may not have room.
 * @throws {IoError} When it has none.
 */
export async function requireRoom(need: RoomNeed): Promise<string[]> {
  const found = await lackOfRoom(need);
  if (found === undefined) return [];
  if (!found.isSure) {
    return [`${found.error.message}, as far as the file system tells`];
  }
  throw found.error;
}

/**
 * Tells what is missing, if anything.
 *
 * @param need What is to be written.
 */
export async function lackOfRoom(
  need: RoomNeed,
): Promise<{ error: IoError; isSure: boolean } | undefined> {
  const { path, site, bytes, freed = 0n } = need;
  const { kind, freeBytes, compresses } = await volumeOf(site);
  if (freeBytes === undefined) return undefined;
  const free = freeBytes + freed;
  if (bytes <= free) return undefined;
  const needed = bytes - need.holes();
  if (needed <= free) return undefined;
  const error = new IoError(
    `not enough space for ${quoteText(path)}: ${needed} bytes are needed, ` +
      `${free} are free`,
    {
      hint: "free some space and run again, or choose a path on another disk",
      fields: { path, needed, free, os: "ENOSPC" },
    },
  );
  return { error, isSure: kind === "local" && !compresses };
}

/**
 * Adds to a failure for want of room how much is needed and free.
 *
 * @param error What was thrown.
 * @param need What was to be written.
 */
export async function withRoom(
  error: unknown,
  { path, site, bytes }: Pick<RoomNeed, "path" | "site" | "bytes">,
): Promise<unknown> {
  if (!(error instanceof TransferError) || !FULL.has(error.fields.os)) {
    return error;
  }
  if ("needed" in error.fields) return error;
  const { hint, message, fields } = error;
  const needed = `${message}; ${bytes} bytes are needed for ${quoteText(path)}`;
  if (fields.os === "EDQUOT") {
    // What is free on the disk is not free for who is over the quota.
    const facts = { ...fields, needed: bytes };
    return new IoError(needed, { cause: error, hint, fields: facts });
  }
  const { freeBytes } = await volumeOf(site);
  if (freeBytes === undefined) return error;
  return new IoError(`${needed}, ${freeBytes} are free now`, {
    cause: error,
    hint,
    fields: { ...fields, needed: bytes, free: freeBytes },
  });
}

/**
 * Bytes of a blob that may take no room where files have holes: whole chunks
 * of zeros, and all of a Tree, whose chunks are not known beforehand.
 *
 * @param ref Its reference.
 */
export function holesOf(ref: BlobRef): bigint {
  if (ref.kind === "tree") return ref.totalSize;
  if (ref.kind === "small") return 0n;
  let zeros = 0n;
  for (const { hash, size } of ref.chunks) {
    if (isZeroChunk(hash, size)) zeros += BigInt(size);
  }
  return zeros;
}

/**
 * The same of all files of a manifest.
 *
 * @param manifest The encoded manifest.
 */
export function holesIn(manifest: Uint8Array): bigint {
  let zeros = 0n;
  for (const { kind } of readDirEntries(manifest)) {
    const ref = kind.type === "file" ? decodeBlobRef(kind.blob) : undefined;
    if (ref !== undefined) zeros += holesOf(ref);
  }
  return zeros;
}
