/**
 * Errors of the operating system made ours: what could not be done, to which
 * path, what the system said and what to do about it.
 */

import {
  type ErrorField,
  IoError,
  PermissionError,
  TransferError,
} from "../errors.ts";
import { quoteText } from "../text/escape.ts";

/** What to do about a POSIX error. */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: "check the owner and mode of the file and of the directories above",
  EBUSY: "it may be a mount point; choose a path below it",
  EDQUOT: "remove something of yours there, or ask for a larger quota",
  EFBIG: "choose a path on another file system",
  EIO: "check the disk",
  EMFILE: "raise the limit (ulimit -n) and run again",
  ENOSPC: "free some space and run again",
  EPERM: "check the owner and attributes of the directory",
  EROFS: "choose a path that can be written",
};

/** Classes of the runtime that tell of a mistake in a program, not of the system. */
const NOT_THE_SYSTEM: readonly string[] = [
  "BadResource",
  "Http",
  "InvalidData",
  "NotCapable",
  "NotSupported",
];

/** Codes that the runtime has no names for, by their numbers. */
const UNNAMED: Partial<
  Record<typeof Deno.build.os, Readonly<Record<number, string>>>
> = {
  linux: {
    37: "ENOLCK",
    38: "ENOSYS",
    95: "EOPNOTSUPP",
    116: "ESTALE",
    122: "EDQUOT",
  },
  android: {
    37: "ENOLCK",
    38: "ENOSYS",
    95: "EOPNOTSUPP",
    116: "ESTALE",
    122: "EDQUOT",
  },
  darwin: {
    69: "EDQUOT",
    70: "ESTALE",
    77: "ENOLCK",
    78: "ENOSYS",
    102: "EOPNOTSUPP",
  },
};

/**
 * The POSIX code of an error, such as `ENOSPC`.
 *
 * @param error What was thrown.
 */
export function osErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  const number = / \(os error (\d+)\)/.exec(error.message)?.[1];
  return UNNAMED[Deno.build.os]?.[Number(number)];
}

/**
 * What the system said, without the call and the paths that the runtime adds.
 *
 * @param error What was thrown.
 * @returns For example `No space left on device (os error 28)`.
 */
export function osErrorWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^.*? \(os error \d+\)/.exec(error.message)?.[0] ?? error.message;
}

/**
 * Tells failures of files and sockets from mistakes in a program.
 *
 * @param error What was thrown.
 */
export function isOsError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (osErrorCode(error) !== undefined) return true;
  return error.name === "Error"
    ? / \(os error \d+\)/.test(error.message)
    : Object.hasOwn(Deno.errors, error.name) &&
      !NOT_THE_SYSTEM.includes(error.name);
}

/** What a system runs out of; whatever is tried next fails for the same reason. */
const EXHAUSTED: readonly (string | undefined)[] = [
  "EMFILE",
  "ENFILE",
  "ENOMEM",
];

/**
 * Tells whether the system has run out of something, so that an error says
 * nothing of the path that it is about.
 *
 * @param error What was thrown.
 */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.includes(osErrorCode(error));
}

/**
 * Tells whether an error says that a path does not exist.
 *
 * @param error What was thrown.
 */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/**
 * Makes a typed error of whatever an operation on a path threw.
 *
 * @param error What was thrown; a {@linkcode TransferError} passes unchanged.
 * @param action What could not be done, as in `cannot write the PSK file`:
 * `write the PSK file`.
 * @param path To which path.
 * @param fields More structured facts.
 * @returns An {@linkcode IoError} that begins with `cannot`, a
 * {@linkcode PermissionError} when the process's own sandbox said no, or an
 * error of kind `internal` when it was not the system that failed.
 */
export function ioErrorOf(
  error: unknown,
  action: string,
  path: string,
  fields: Record<string, ErrorField> = {},
): TransferError {
  if (error instanceof TransferError) return error;
  const what = `cannot ${action} ${quoteText(path)}`;
  const facts = { ...fields, path };
  if (error instanceof Deno.errors.NotCapable) {
    // The runtime opens /dev, /proc and /sys to unrestricted code only, and a
    // confined worker is restricted whatever the process may do.
    return error.message.startsWith("Requires all access")
      ? new PermissionError(`${what}: it is below a system directory`, {
        cause: error,
        hint: "choose another path",
        fields: facts,
      })
      : new PermissionError(`${what}: ${error.message}`, {
        cause: error,
        hint: "grant it to the process, or run with --allow-all",
        fields: facts,
      });
  }
  const message = `${what}: ${osErrorWords(error)}`;
  if (!isOsError(error)) {
    return new TransferError("internal", message, {
      cause: error,
      fields: facts,
    });
  }
  const os = osErrorCode(error);
  const hint = HINTS[os ?? ""];
  return new IoError(message, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    fields: os === undefined ? facts : { ...facts, os },
  });
}

/**
 * Runs a file operation and types its failure with {@linkcode ioErrorOf}.
 *
 * @param action What it does, as an infinitive: `write`.
 * @param path To which path.
 * @param operation The operation.
 * @param fields More structured facts for the error.
 * @returns What the operation returns.
 * @throws {IoError} When it fails.
 */
export function attempt<T>(
  action: string,
  path: string,
  operation: () => T,
  fields?: Record<string, ErrorField>,
): T {
  try {
    return operation();
  } catch (error) {
    throw ioErrorOf(error, action, path, fields);
  }
}

/**
 * {@linkcode attempt} for an operation that returns a promise. An abort passes
 * unchanged.
 *
 * @param action What it does, as an infinitive: `read the PSK file`.
 * @param path To which path.
 * @param operation The operation.
 * @returns What the operation resolves to.
 * @throws {IoError} When it fails.
 */
export async function attemptAsync<T>(
  action: string,
  path: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof DOMException
      ? error
      : ioErrorOf(error, action, path);
  }
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
    throw ioErrorOf(error, "look at", path);
  }
}
