import {
  type ErrorKind,
  HashMismatchError,
  NotFoundError,
  type TransferError,
} from "../../errors.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";
import type { FileChunk } from "./dir_work.ts";

/** A file of a tree that could not be had. */
export interface FailedFile {
  /** Its path in the manifest. */
  path: string;
  /** The kind of the error that it would have been. */
  kind: ErrorKind;
  /**
   * Whether the holder says that it changed, or is gone, since it was published,
   * or the file system of the target does not take its `name`, or takes it for
   * that of another.
   */
  reason?: "changed" | "gone" | "name";
}

/** A file that is done without, and the chunk that is missing. */
export interface LostFile {
  readonly entry: number;
  readonly path: string;
  readonly hash: Uint8Array;
  readonly error: TransferError;
}

/** The files that a fetch does without. */
export class LostFiles {
  readonly #files: Map<number, LostFile> = new Map();

  /**
   * Tells whether an error is of one file, so that others may still come: the
   * holder lacks a chunk of it, or has other bytes.
   */
  static isOfOneFile(error: unknown): error is TransferError {
    return error instanceof NotFoundError ||
      error instanceof HashMismatchError || error instanceof ChunkLengthError;
  }

  get count(): number {
    return this.#files.size;
  }

  has(entry: number): boolean {
    return this.#files.has(entry);
  }

  add(
    { entry, path, hash }: Pick<FileChunk, "entry" | "path" | "hash">,
    error: TransferError,
  ): void {
    if (this.has(entry)) return;
    this.#files.set(entry, { entry, path, hash, error });
  }

  /** In the order of the manifest. */
  list(): LostFile[] {
    return [...this.#files.values()].sort((a, b) => a.entry - b.entry);
  }
}
