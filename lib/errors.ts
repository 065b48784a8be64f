/**
 * The one error hierarchy of the project. Every room throws these, the command
 * line maps (stage, {@linkcode ErrorKind}) to an exit code in one table.
 */

/** What went wrong, as one word for scripts; printed as `error.kind`. */
export type ErrorKind =
  | "usage"
  | "config"
  | "io"
  | "exists"
  | "not_found"
  | "hash_mismatch"
  | "unsafe_path"
  | "manifest"
  | "reference"
  | "timeout"
  | "handshake"
  | "peer_closed"
  | "protocol"
  | "store"
  | "permission"
  | "interrupted"
  | "internal";

/** A value that may stand in the structured part of an error object. */
export type ErrorField =
  | string
  | number
  | bigint
  | boolean
  | readonly string[];

/** What every {@linkcode TransferError} may carry besides its message. */
export interface TransferErrorOptions extends ErrorOptions {
  /** One sentence that says what to do next. */
  hint?: string;
  /** Structured facts (path, peer, hash, sizes) for machine-readable output. */
  fields?: Record<string, ErrorField>;
}

/**
 * The base of every error this library throws on purpose.
 *
 * @example
 * ```ts
 * import { NotFoundError, TransferError } from "./errors.ts";
 *
 * const error: unknown = new NotFoundError("the holder has no chunk ab12…");
 * if (error instanceof TransferError) console.error(error.kind); // "not_found"
 * ```
 */
export class TransferError extends Error {
  /** The kind of failure, stable across versions. */
  readonly kind: ErrorKind;
  /** One sentence that says what to do next, where there is one. */
  readonly hint?: string;
  /** Structured facts for machine-readable output. */
  readonly fields: Readonly<Record<string, ErrorField>>;

  /** Subclasses fix the kind. */
  constructor(
    kind: ErrorKind,
    message: string,
    options: TransferErrorOptions = {},
  ) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
    if (options.hint !== undefined) this.hint = options.hint;
    this.fields = options.fields ?? {};
  }
}

/** A command line, flag or argument that cannot be used. */
export class UsageError extends TransferError {
  /** Makes an error of kind `usage`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("usage", message, options);
  }
}

/** A configuration file, profile or identity file that cannot be used. */
export class ConfigError extends TransferError {
  /** Makes an error of kind `config`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("config", message, options);
  }
}

/** The peer, or the local store, lacks the content. */
export class NotFoundError extends TransferError {
  /** Makes an error of kind `not_found`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("not_found", message, options);
  }
}

/** Bytes whose BLAKE3 is not the one they were asked for by. */
export class HashMismatchError extends TransferError {
  /** The hashes are 64 lower-case hex digits. */
  constructor(
    /** The hash that was asked for. */
    readonly expected: string,
    /** The hash of the bytes that came. */
    readonly actual: string,
    options: TransferErrorOptions = {},
  ) {
    super(
      "hash_mismatch",
      `blob hash mismatch (expected ${expected}, got ${actual})`,
      { ...options, fields: { ...options.fields, expected, actual } },
    );
  }
}

/** A manifest path that would leave, or collide in, the target tree. */
export class UnsafePathError extends TransferError {
  /** Makes an error of kind `unsafe_path`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("unsafe_path", message, options);
  }
}

/** A directory manifest or tree node that breaks the format or its limits. */
export class ManifestError extends TransferError {
  /** Makes an error of kind `manifest`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("manifest", message, options);
  }
}

/** A content reference that cannot be decoded. */
export class RefError extends TransferError {
  /** Makes an error of kind `reference`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("reference", message, options);
  }
}

/** The secure session with a peer could not be established. */
export class HandshakeError extends TransferError {
  /** Makes an error of kind `handshake`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("handshake", message, options);
  }
}

/** Something did not happen within its time limit. */
export class TimeoutError extends TransferError {
  /** Makes an error of kind `timeout`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("timeout", message, options);
  }
}

/** The session ended while it was still needed. */
export class PeerClosedError extends TransferError {
  /** Makes an error of kind `peer_closed`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("peer_closed", message, options);
  }
}

/**
 * The peer broke the protocol: what it sent is no answer, or not the one that it
 * announced. Nothing that fails like this is tried again.
 */
export class ProtocolError extends TransferError {
  /** Makes an error of kind `protocol`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("protocol", message, options);
  }
}

/** The peer abandoned one stream; the session goes on. */
export class StreamResetError extends TransferError {
  /** Makes an error of kind `peer_closed`. */
  constructor(
    /** The application code the peer gave. */
    readonly code: number,
    message: string,
    options?: TransferErrorOptions,
  ) {
    super("peer_closed", message, options);
  }
}

/** A chunk store could not be read or written. */
export class StoreError extends TransferError {
  /** Makes an error of kind `store`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("store", message, options);
  }
}

/** A local file or directory could not be read, written or installed. */
export class IoError extends TransferError {
  /** Makes an error of kind `io`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("io", message, options);
  }
}

/** A target that holds something which may not be replaced. */
export class ExistsError extends TransferError {
  /** Makes an error of kind `exists`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("exists", message, options);
  }
}

/** The peer, or the process's own sandbox, does not allow the operation. */
export class PermissionError extends TransferError {
  /** Makes an error of kind `permission`. */
  constructor(message: string, options?: TransferErrorOptions) {
    super("permission", message, options);
  }
}
