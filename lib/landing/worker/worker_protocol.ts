/**
 * The messages between a landing and its worker.
 *
 * The main side sends {@linkcode WorkerRequest}s, each under a number of its
 * own; the worker carries them out one after another, in the order in which
 * they came, and answers each with one {@linkcode WorkerReply}.
 */

import {
  type ErrorField,
  type ErrorKind,
  ExistsError,
  HashMismatchError,
  IoError,
  ManifestError,
  PermissionError,
  TransferError,
  UnsafePathError,
} from "../../errors.ts";
import type { WantedRange } from "./content_check.ts";
import type { Owner } from "./owner_file.ts";
import type { RemovalProgress, RemovalRest } from "./removal_queue.ts";
import type { ReplaceRule, Target } from "./target.ts";
import type { VolumeKind } from "../../os/volume_kind.ts";

/** What to do with the symbolic links of a manifest. */
export type LinkPolicy = "keep" | "inside" | "skip";

/** How a tree is made of its manifest. */
export interface TreeOptions {
  /**
   * Whether every file, then the directories, are synced to the disk before
   * the tree is put in place.
   *
   * @default {false}
   */
  fsync?: boolean;
  /**
   * Whether the set-id bits of the manifest are kept. The sticky bit of a
   * directory always is: without it anybody may delete what is in there.
   *
   * @default {false}
   */
  preserveSetid?: boolean;
  /**
   * What becomes of symbolic links: `inside` makes them, and refuses a tree with
   * one that leads out of it, also by way of others; `keep` makes them as they
   * are; `skip` leaves them out.
   *
   * @default {"inside"}
   */
  links?: LinkPolicy;
  /**
   * Whether files and directories get the modes of the manifest, else those
   * that new ones have by default.
   *
   * @default {true}
   */
  perms?: boolean;
  /**
   * Whether runs of zeros are left out of files, where the file system has
   * holes.
   *
   * @default {true}
   */
  sparse?: boolean;
}

/** Everything that decides how a tree lands, as plain data. */
export interface TreeRequest extends Required<TreeOptions>, ReplaceRule {
  /** Where the tree is installed. */
  target: Target;
  /** The encoded manifest. */
  manifest: Uint8Array;
  /** Whether the process may make symbolic links. */
  canLink: boolean;
  /** How the tree is put in place; inside the target itself, it must exist. */
  install: "rename" | "in_place";
  /** Whether the target is the top of a volume, with entries of its own. */
  isVolume: boolean;
  /** Whether what an earlier run had of the same tree is taken over. */
  resume: boolean;
  /** Whether what earlier runs had of other trees is removed. */
  clean: boolean;
  /** Who keeps the bytes. */
  volume: VolumeKind;
  /** See {@linkcode LockOwner}. */
  machine: string;
  /** See {@linkcode LockOwner}. */
  gone?: Owner;
}

/** Everything that decides how a file lands, as plain data. */
export interface BlobRequest extends ReplaceRule {
  /** Where the file is installed. */
  target: Target;
  /** Whether the file, then its directory, are synced before success. */
  fsync: boolean;
  /** Whether runs of zeros are left out, where there can be holes. */
  sparse: boolean;
  /** Whether what an earlier run left is kept. */
  resume: boolean;
  /** Who keeps the bytes. */
  volume: VolumeKind;
  /** See {@linkcode LockOwner}. */
  machine: string;
  /** See {@linkcode LockOwner}. */
  gone?: Owner;
}

/** A range of a file with its own hash, verified before it is written. */
export interface BlobRange {
  /** Where it belongs in the blob, in bytes. */
  offset: number;
  /** BLAKE3 of `bytes`, 32 bytes. */
  hash: Uint8Array;
  /** The buffer is transferred. */
  bytes: Uint8Array;
}

/** One chunk of one manifest entry, as a range of a shared buffer. */
export interface BufferedChunk {
  /** Index of the entry in the manifest. */
  entry: number;
  /** Index of the chunk in that file's chunk list. */
  chunk: number;
  /** Where the chunk starts in the buffer. */
  start: number;
  /** Length of the chunk, in bytes. */
  length: number;
}

/** One chunk of a manifest entry that may be there already. */
export interface TreeRange extends WantedRange {
  /** Index of the entry in the manifest. */
  entry: number;
  /** Index of the chunk in that file's chunk list. */
  chunk: number;
}

/** One chunk of an entry whose chunk list is not in the manifest. */
export interface LeafRange extends BlobRange {
  /** Index of the entry in the manifest. */
  entry: number;
  /** Whether the file ends with this chunk. */
  last: boolean;
}

/**
 * Numbers that describe a file of the old tree: the index of its entry in the
 * manifest, then its device, number, length, `mtime` and `ctime` in ms.
 */
export const OLD_FILE_COLUMNS = 6;

/** What a tree holds, the root not counted. */
export interface TreeCounts {
  /** Regular files. */
  files: number;
  /** Directories the manifest names. */
  dirs: number;
  /** Symbolic links that are made. */
  symlinks: number;
  /** Declared bytes of all files. */
  bytes: bigint;
}

/** One symbolic link, for the main side to make. */
export interface TreeLink {
  /** Where it is made, with `/` between components, relative to the tree. */
  path: string;
  /** The link's text, verbatim. */
  target: string;
}

/** What the main side has to make in a temp tree before it is installed. */
export interface SealedTree {
  /** The temp tree. */
  root: string;
  /** Links to make below `root`, in manifest order. */
  links: TreeLink[];
}

/** Things the user should know; none stops the landing. */
export interface Warnings {
  /** One sentence each. */
  warnings: string[];
}

/**
 * The buffer of what was written, handed back; `undefined` when it was shared
 * memory.
 */
export type UsedBuffer = ArrayBuffer | undefined;

/** What a landing that was given up leaves for the next one. */
export interface Kept {
  /** Where it is. */
  path: string;
  /** Bytes of content in it. */
  bytes: number;
}

/** A request without parameters. */
type Nothing = Record<string, never>;

/** Everything the worker can be asked, with what it answers. */
export interface WorkerOperations {
  /** Takes the target and opens the partial file. */
  open_blob: {
    request: BlobRequest;
    result: Warnings & {
      /** Bytes that an earlier run left in it, right or not. */
      found: number;
    };
  };
  /** Tells how much is in the partial file, which the main side has filled. */
  measure_blob: { request: Nothing; result: number };
  /** Tells which ranges are there already. */
  check_blob: { request: { ranges: WantedRange[] }; result: boolean[] };
  /** Verifies and writes a range. */
  write_blob: { request: { range: BlobRange }; result: UsedBuffer };
  /** Installs the file. */
  commit_blob: { request: { size: number }; result: Warnings };
  /** Checks the manifest, then makes the temp tree and its directories. */
  open_tree: {
    request: TreeRequest;
    result: Warnings & {
      counts: TreeCounts;
      /** Whether something that earlier runs left is to be removed first. */
      hasRemovals: boolean;
      /** Files that an earlier run left: entry and length, in turn. */
      takenOver: Float64Array;
      /** The temp tree. */
      root: string;
    };
  };
  /** Tells which chunks are there already. */
  check_tree: { request: { ranges: TreeRange[] }; result: boolean[] };
  /** Verifies and writes chunks the manifest lists, in order. */
  write_chunks: {
    request: { chunks: BufferedChunk[]; buffer: Uint8Array };
    result: UsedBuffer;
  };
  /** Verifies and writes one chunk of a file whose entry names a chunk tree. */
  write_leaf: { request: { leaf: LeafRange }; result: UsedBuffer };
  /**
   * Takes files from the old tree; tells which entries are still to be written.
   */
  link_old: {
    request: { from: string; rows: Float64Array };
    result: number[];
  };
  /**
   * Begins files as copies of files of the old tree; tells which: entry and
   * length, in turn.
   */
  clone_old: {
    request: { from: string; rows: Float64Array };
    result: Float64Array;
  };
  /**
   * Goes on with a file that the main side has put at its place; tells its
   * length, or nothing when it is none that can be gone on with.
   */
  adopt: { request: { entry: number }; result: number | undefined };
  /** Does without files that cannot be had; tells what is left. */
  leave_out: { request: { entries: number[] }; result: TreeCounts };
  /** Checks that every file is complete and closes them. */
  seal_tree: { request: Nothing; result: SealedTree };
  /**
   * Checks the links and applies modes; `lackingLinks` are those that the file
   * system could not hold.
   */
  prepare_install: { request: { lackingLinks: string[] }; result: void };
  /** Puts the tree in place, which was prepared. */
  install_tree: { request: Nothing; result: Warnings };
  /** Has old trees removed that were moved aside for what is at the target. */
  remove_superseded: { request: Nothing; result: void };
  /** Removes for some milliseconds what earlier runs left, or what was replaced. */
  remove_some: {
    request: { ms: number; mountless: boolean };
    result: RemovalProgress;
  };
  /** Counts what is left to be removed. */
  count_rest: { request: Nothing; result: RemovalRest | undefined };
  /** Gives an installed tree free. */
  end_tree: { request: Nothing; result: void };
  /** Gives up: a partial file stays, a temp tree only if it is to be kept. */
  abort: { request: { keep: boolean }; result: Kept | undefined };
}

/** The name of an operation. */
export type WorkerOperation = keyof WorkerOperations;

/** One request, as posted to the worker. */
export type WorkerRequest = {
  [O in WorkerOperation]:
    & { id: number; op: O }
    & WorkerOperations[O]["request"];
}[WorkerOperation];

/** One answer, as posted by the worker. */
export type WorkerReply =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; error: WireError };

/** An error, as plain data. */
export interface WireError {
  /** The error's kind. */
  kind: ErrorKind;
  /** The message. */
  message: string;
  /** What to do next, where it is known. */
  hint?: string;
  /** The structured facts. */
  fields: Record<string, ErrorField>;
}

/**
 * Turns whatever was thrown into plain data.
 *
 * @param error Anything; what is not a {@linkcode TransferError} becomes
 * `internal`.
 * @returns The data for {@linkcode fromWireError}.
 */
export function toWireError(error: unknown): WireError {
  if (error instanceof TransferError) {
    const { kind, message, hint, fields } = error;
    return { kind, message, hint, fields: { ...fields } };
  }
  return { kind: "internal", message: String(error), fields: {} };
}

/** The classes that take a message and options alone. */
const CLASSES: { [K in ErrorKind]?: typeof IoError } = {
  io: IoError,
  exists: ExistsError,
  manifest: ManifestError,
  unsafe_path: UnsafePathError,
  permission: PermissionError,
};

/**
 * Rebuilds the error on the other side, in its own class.
 *
 * @param wire What {@linkcode toWireError} made.
 * @returns The error to throw.
 */
export function fromWireError(wire: WireError): TransferError {
  const { kind, message, ...options } = wire;
  if (kind === "hash_mismatch") {
    const { expected, actual } = options.fields;
    return new HashMismatchError(String(expected), String(actual), options);
  }
  const Class = CLASSES[kind];
  return Class === undefined
    ? new TransferError(kind, message, options)
    : new Class(message, options);
}

/**
 * The buffers to hand over with some bytes: shared memory cannot be, and is
 * copied instead.
 *
 * @param bytes The bytes of a request.
 */
export function handOver(bytes: Uint8Array): ArrayBuffer[] {
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
