/**
 * Small files named by the user, read whole: never more than a bound, and
 * secrets only from files that nobody else can read.
 *
 * @module
 */

import { ConfigError, PermissionError } from "../errors.ts";
import { explaining } from "./failure.ts";

/** Options of {@linkcode readSmallFile}. */
export interface ReadSmallFileOptions {
  /** What the file is, for messages: `PSK file`. */
  what: string;
  /** Most bytes it may have. */
  max: number;
}

/** A file as it was when it was open. */
export interface SmallFile {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Its permission bits; `null` where the system has none. */
  readonly mode: number | null;
}

/**
 * Reads a whole file.
 *
 * @throws {TransferError} Of kind `io` when it cannot be read.
 * @throws {ConfigError} When it is longer than `max`.
 */
export async function readSmallFile(
  path: string,
  { what, max }: ReadSmallFileOptions,
): Promise<SmallFile> {
  return await explaining(`cannot read the ${what} '${path}'`, async () => {
    using file = await Deno.open(path, { read: true });
    const { mode } = await file.stat();
    const buffer = new Uint8Array(max + 1);
    let length = 0;
    while (length <= max) {
      const count = await file.read(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
    if (length > max) {
      throw new ConfigError(
        `the ${what} '${path}' is longer than ${max} bytes`,
      );
    }
    return {
      bytes: buffer.slice(0, length),
      mode: Deno.build.os === "windows" ? null : mode,
    };
  });
}

/**
 * Refuses a file with secrets that its group or others can use.
 *
 * @param path For the message.
 * @param what What the file is, for the message: `PSK file`.
 * @param mode Its permission bits; `null` passes.
 * @throws {PermissionError} When it is not private.
 */
export function requirePrivate(
  path: string,
  what: string,
  mode: number | null,
): void {
  if (mode === null || (mode & 0o077) === 0) return;
  const bits = (mode & 0o777).toString(8).padStart(4, "0");
  throw new PermissionError(
    `the ${what} '${path}' can be used by others (mode ${bits})`,
    {
      hint: "chmod 600 it, or pass --insecure-permissions",
      fields: { path },
    },
  );
}
