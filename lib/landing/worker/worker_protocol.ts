/**
 * The messages between a landing and its worker.
 *
 * The main side sends {@linkcode WorkerRequest}s, each under a number of its
 * own; the worker carries them out one after another, in the order in which
 * they came, and answers each with one {@linkcode WorkerReply}.
 *
 * @module
 */

import {
  type ErrorField,
  type ErrorKind,
  HashMismatchError,
  IoError,
  ManifestError,
  PermissionError,
  TransferError,
  UnsafePathError,
} from "../../errors.ts";

/** Where something is to be installed: `parent` joined with `base`. */
export interface Target {
  /** The directory that holds the target; everything is written below it. */
  parent: string;
  /** The target's own name, one path component. */
  base: string;
}

/** What to do with the symbolic links of a manifest. */
export type LinkPolicy = "keep" | "inside" | "skip";

/** One verified-before-written piece of a file's bytes. */
export interface BlobPiece {
  /** Where it belongs in the blob, in bytes. */
  offset: number;
  /** BLAKE3 of `bytes`, 32 bytes. */
  hash: Uint8Array;
  /** At most {@linkcode CHUNK_MAX} bytes; the buffer is transferred. */
  bytes: Uint8Array;
}

/** One chunk of one manifest entry, as a range of a shared buffer. */
export interface TreePiece {
  /** Index of the entry in the manifest. */
  entry: number;
  /** Index of the chunk in that file's chunk list. */
  chunk: number;
  /** Where the chunk starts in the buffer. */
  start: number;
  /** Length of the chunk, in bytes. */
  length: number;
}

/** One chunk of an entry whose chunk list is not in the manifest. */
export interface TreeLeafPiece extends BlobPiece {
  /** Index of the entry in the manifest. */
  entry: number;
  /** Whether the file ends with this piece. */
  last: boolean;
}

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

/** Answer to `open_blob`. */
export interface OpenBlobResult {
  /** Things the user should know; none stops the landing. */
  warnings: string[];
}

/** Answer to `open_tree`. */
export interface OpenTreeResult extends OpenBlobResult {
  /** What the tree will hold. */
  counts: TreeCounts;
}

/** Answer to `seal_tree`: what the main side has to make before `install_tree`. */
export interface SealTreeResult {
  /** The temp tree. */
  root: string;
  /** Links to make below `root`, in manifest order. */
  links: TreeLink[];
}

/** Answer to `install_tree`. */
export interface InstallTreeResult {
  /** Things the user should know; the tree is installed. */
  warnings: string[];
}

/** The buffer of what was written, handed back; `undefined` when it was shared memory. */
export type UsedBuffer = ArrayBuffer | undefined;

/** Everything the worker can be asked, with what it answers. */
export interface WorkerOperations {
  /** Takes the target and opens the partial file. */
  open_blob: {
    request: { target: Target; fsync: boolean };
    result: OpenBlobResult;
  };
  /** Verifies and writes one piece. */
  write_blob: { request: { piece: BlobPiece }; result: UsedBuffer };
  /** Installs the file. */
  commit_blob: { request: { size: number }; result: void };
  /** Checks the manifest, then makes the temp tree and its directories. */
  open_tree: {
    request: {
      target: Target;
      manifest: Uint8Array;
      fsync: boolean;
      preserveSetid: boolean;
      replace: boolean;
      links: LinkPolicy;
      /** Whether the main side may make links at all. */
      canLink: boolean;
    };
    result: OpenTreeResult;
  };
  /** Verifies and writes chunks of entries that list them. */
  write_chunks: {
    request: { pieces: TreePiece[]; buffer: Uint8Array };
    result: UsedBuffer;
  };
  /** Verifies and writes a chunk of an entry that does not list them. */
  write_leaf: { request: { piece: TreeLeafPiece }; result: UsedBuffer };
  /** Checks that every file is complete and hands over the links. */
  seal_tree: { request: Record<string, never>; result: SealTreeResult };
  /** Checks the links, applies modes and swaps the tree in. */
  install_tree: { request: Record<string, never>; result: InstallTreeResult };
  /** Gives up: a partial file stays, a temp tree goes. */
  abort: { request: Record<string, never>; result: void };
}

/** The name of an operation. */
export type WorkerOperation = keyof WorkerOperations;

/** One request, as posted to the worker. */
export type WorkerRequest = {
  [O in WorkerOperation]:
    & { id: number; op: O }
    & WorkerOperations[O]["request"];
}[WorkerOperation];

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

/** One answer, as posted by the worker. */
export type WorkerReply =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; error: WireError };

/**
 * Turns whatever was thrown into plain data.
 *
 * @param error Anything; what is not a {@linkcode TransferError} becomes
 * `internal`.
 * @returns The data for {@linkcode fromWireError}.
 */
export function toWireError(error: unknown): WireError {
  if (error instanceof TransferError) {
    const wire: WireError = {
      kind: error.kind,
      message: error.message,
      fields: { ...error.fields },
    };
    if (error.hint !== undefined) wire.hint = error.hint;
    return wire;
  }
  const message = error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
  return { kind: "internal", message, fields: {} };
}

/**
 * Rebuilds the error on the other side, in its own class.
 *
 * @param wire What {@linkcode toWireError} made.
 * @returns The error to throw.
 */
export function fromWireError(wire: WireError): TransferError {
  const { kind, message, hint, fields } = wire;
  const options = hint === undefined ? { fields } : { fields, hint };
  switch (kind) {
    case "hash_mismatch":
      return new HashMismatchError(
        String(fields.expected),
        String(fields.actual),
        options,
      );
    case "io":
      return new IoError(message, options);
    case "manifest":
      return new ManifestError(message, options);
    case "unsafe_path":
      return new UnsafePathError(message, options);
    case "permission":
      return new PermissionError(message, options);
    default:
      return new TransferError(kind, message, options);
  }
}

/**
 * The buffers to hand over with some bytes: shared memory cannot be, and is
 * copied instead.
 *
 * @param bytes The bytes of a request.
 */
export function handOver(bytes: Uint8Array): Transferable[] {
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
