/**
 * What the operating system says, in words a user can act on.
 *
 * @module
 */

import {
  type ErrorField,
  IoError,
  PermissionError,
  TransferError,
} from "../../errors.ts";

/** A POSIX error as a phrase, and what to do about it. */
interface Wording {
  words: string;
  hint?: string;
}

const WORDINGS: Record<string, Wording> = {
  EACCES: {
    words: "Permission denied",
    hint: "check the owner and mode of the directory",
  },
  EBUSY: {
    words: "Device or resource busy",
    hint: "it may be a mount point; choose a path below it",
  },
  EDQUOT: {
    words: "Disk quota exceeded",
    hint: "free some space and run again",
  },
  EEXIST: { words: "Already exists" },
  EFBIG: {
    words: "File too large for this file system",
    hint: "choose a target on another file system",
  },
  EIO: { words: "Input/output error", hint: "check the disk" },
  EISDIR: { words: "Is a directory" },
  ELOOP: { words: "Too many levels of symbolic links" },
  EMFILE: {
    words: "Too many open files",
    hint: "raise the limit (ulimit -n) and run again",
  },
  ENAMETOOLONG: { words: "Name too long for this file system" },
  ENFILE: { words: "Too many open files in the system" },
  ENODEV: { words: "No such device" },
  ENOENT: { words: "No such file or directory" },
  ENOMEM: { words: "Out of memory" },
  ENOSPC: {
    words: "No space left on device",
    hint: "free some space and run again",
  },
  ENOTDIR: { words: "Not a directory" },
  ENOTEMPTY: { words: "Directory not empty" },
  EPERM: {
    words: "Operation not permitted",
    hint: "check the owner and attributes of the directory",
  },
  EROFS: {
    words: "Read-only file system",
    hint: "choose a target that can be written",
  },
  ESTALE: { words: "Stale file handle" },
  ETXTBSY: { words: "Text file busy" },
  EXDEV: { words: "Crosses file systems" },
};

/**
 * The POSIX code of an error, such as `ENOSPC`.
 *
 * @param error What was thrown.
 * @returns The code, or `undefined` when it is not the system's error.
 */
export function osErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * An error as a phrase without its path.
 *
 * @param error What was thrown.
 * @returns For example `No space left on device`.
 */
export function osErrorWords(error: unknown): string {
  const known = WORDINGS[osErrorCode(error) ?? ""];
  if (known !== undefined) return known.words;
  return error instanceof Error ? error.message : String(error);
}

/**
 * Makes a typed error of whatever a file operation threw.
 *
 * @param error What was thrown; a {@linkcode TransferError} passes unchanged.
 * @param doing What was being done, as a participle: `writing`.
 * @param path To which path.
 * @param fields More structured facts.
 * @returns A {@linkcode IoError}, or a {@linkcode PermissionError} when
 * the process's own sandbox said no.
 */
export function landingErrorOf(
  error: unknown,
  doing: string,
  path: string,
  fields: Record<string, ErrorField> = {},
): TransferError {
  if (error instanceof TransferError) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return notAllowed(error, doing, path, fields);
  }
  const code = osErrorCode(error);
  const hint = WORDINGS[code ?? ""]?.hint;
  const message = `${osErrorWords(error)} ${doing} ${quotePath(path)}` +
    (hint === undefined ? "" : `: ${hint}`);
  return new IoError(message, {
    cause: error,
    fields: { ...fields, path, ...(code === undefined ? {} : { os: code }) },
  });
}

function notAllowed(
  error: Error,
  doing: string,
  path: string,
  fields: Record<string, ErrorField>,
): PermissionError {
  // The runtime opens /dev, /proc and /sys to unrestricted code only, and the
  // worker is restricted whatever the process may do.
  const why = error.message.startsWith("Requires all access")
    ? "nothing is landed below a system directory; choose another target"
    : error.message;
  return new PermissionError(
    `no permission for ${doing} ${quotePath(path)}: ${why}`,
    { cause: error, fields: { ...fields, path } },
  );
}

/**
 * Runs a file operation and types its failure with {@linkcode landingErrorOf}.
 *
 * @param doing What is being done, as a participle.
 * @param path To which path.
 * @param operation The operation.
 * @returns What the operation returns.
 * @throws {IoError} When it fails.
 */
export function attempt<T>(
  doing: string,
  path: string,
  operation: () => T,
): T {
  try {
    return operation();
  } catch (error) {
    throw landingErrorOf(error, doing, path);
  }
}

/**
 * A path for an error message: quoted, with control characters escaped, so
 * that a hostile name cannot write to the terminal.
 *
 * @param path Any text.
 * @returns The quoted text.
 */
export function quotePath(path: string): string {
  return JSON.stringify(path).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Tells whether `error` says that a path does not exist.
 *
 * @param error What was thrown.
 */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/**
 * Looks at a path without following a link.
 *
 * @param path The path.
 * @returns What is there, or `undefined` when nothing is.
 * @throws {IoError} When it cannot be looked at.
 */
export function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw landingErrorOf(error, "looking at", path);
  }
}
