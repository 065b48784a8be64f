/**
 * The failures that only this room knows, such as a chunk whose length is not the
 * declared one.
 */

import {
  NotFoundError,
  PeerClosedError,
  TransferError,
  type TransferErrorOptions,
} from "../../errors.ts";

/** A chunk is not as long as the reference or the manifest declares it. */
export class ChunkLengthError extends TransferError {
  /** Makes a `manifest` error; lengths are in bytes. */
  constructor(
    /** The declared length. */
    readonly declared: number,
    /** The length that the holder announced. */
    readonly announced: number,
    /** Which chunk it is, for people. */
    readonly what: string,
    options: TransferErrorOptions = {},
  ) {
    super(
      "manifest",
      `${what} is declared as ${declared} bytes but the holder announces ${announced}`,
      { ...options, fields: { ...options.fields, declared, announced } },
    );
  }
}

/** Whether a chunk is held cannot be told now: its source is out of reach. */
export class ChunkUnavailableError extends PeerClosedError {}

/** One running transfer was cancelled by its id. */
export class TransferCancelledError extends TransferError {
  /** Makes an `interrupted` error. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("interrupted", message, options);
  }
}

/** The holder offers no procedure of that name. */
export class UnknownProcedureError extends NotFoundError {
  /** Makes a `not_found` error. */
  constructor(
    /** The name that was called. */
    readonly procedure: string,
  ) {
    super(`the holder knows no procedure ${procedure}`);
  }
}
