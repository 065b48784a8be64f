/**
 * Small files named by the user, read whole: never more than a bound, and
 * secrets only from files that nobody else can use.
 */

import { ConfigError, IoError, PermissionError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import { attemptAsync, isNotFound } from "./os_error.ts";
import { ownUid } from "./own_uid.ts";

/** Permission bits of group and others. */
const SHARED_BITS = 0o077;

/** How {@linkcode readSmallFile} reads. */
export interface ReadSmallFileOptions {
  /** What the file is, for messages: `PSK file`. */
  what: string;
  /** Most bytes it may have. */
  max: number;
  /**
   * Whether to refuse a file that its group or others can use, or that belongs
   * to neither us nor root, before a byte of it is read.
   *
   * @default {false}
   */
  secret?: boolean;
  /** What to do when there is no such file. */
  missingHint?: string;
}

/** Who can use a file. */
export interface FileAccess {
  /** Its permission bits; `null` where the system has none. */
  readonly mode: number | null;
  /** Its owner; `null` where the system has none. */
  readonly uid: number | null;
}

/** A file as it was when it was open. */
export interface SmallFile {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  readonly access: FileAccess;
}

/**
 * Reads a whole file.
 *
 * @param path The file; a device or a pipe is read, too.
 * @param options What it is and how much it may be.
 * @returns Its bytes, and who can use it.
 * @throws {IoError} When it cannot be read.
 * @throws {PermissionError} When it is a secret and others can use it or it is
 * theirs, or the process lacks the grant to read it.
 * @throws {ConfigError} When it is longer than `max`.
 */
export async function readSmallFile(
  path: string,
  { what, max, secret = false, missingHint }: ReadSmallFileOptions,
): Promise<SmallFile> {
  return await attemptAsync(`read the ${what}`, path, async () => {
    using file = await open(path, what, missingHint);
    const info = await file.stat();
    const access = Deno.build.os === "windows"
      ? { mode: null, uid: null }
      : { mode: info.mode, uid: info.uid };
    // A directory cannot be read anyway, and nobody should change its mode.
    if (secret && !info.isDirectory) requirePrivate(path, what, access);
    const bytes = await readAll(file, max);
    if (bytes === undefined) throw tooLong(path, what, max);
    return { bytes, access };
  });
}

/**
 * Reads all of stdin.
 *
 * @throws {ConfigError} When it is longer than `max` bytes.
 */
export async function readSmallStdin(
  { what, max }: Pick<ReadSmallFileOptions, "what" | "max">,
): Promise<Uint8Array> {
  const bytes = await readAll(Deno.stdin, max);
  if (bytes === undefined) throw tooLong("-", what, max);
  return bytes;
}

/** `undefined` when there are more than `max` bytes. */
async function readAll(
  file: { read(target: Uint8Array): Promise<number | null> },
  max: number,
): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(max + 1);
  let length = 0;
  while (length <= max) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) {
      const bytes = buffer.slice(0, length);
      // It may be a secret, of which one copy is enough.
      buffer.fill(0, 0, length);
      return bytes;
    }
    length += count;
  }
  buffer.fill(0);
  return undefined;
}

function tooLong(path: string, what: string, max: number): ConfigError {
  return new ConfigError(
    `the ${what} ${quoteText(path)} is longer than ${max} bytes`,
    { fields: { path } },
  );
}

async function open(
  path: string,
  what: string,
  missingHint: string | undefined,
): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (!isNotFound(error) || missingHint === undefined) throw error;
    throw new IoError(`the ${what} ${quoteText(path)} does not exist`, {
      cause: error,
      hint: missingHint,
      fields: { path, os: "ENOENT" },
    });
  }
}

/**
 * Refuses a file with secrets that its group or others can use, and one that
 * belongs to another user than us and root: its owner can read it and, whatever
 * its mode, change it. For what turns out to be a secret only when it is read;
 * else see {@linkcode ReadSmallFileOptions.secret}.
 *
 * Without the grant to ask who we are the owner is not looked at.
 *
 * @param path For the message.
 * @param what What the file is, for the message: `PSK file`.
 * @param access Who can use it; `null` passes.
 * @param us Who we are.
 * @throws {PermissionError} When it is not private.
 */
export function requirePrivate(
  path: string,
  what: string,
  { mode, uid }: FileAccess,
  us: number | undefined = ownUid(),
): void {
  if (us !== undefined && uid !== null && uid !== us && uid !== 0) {
    throw new PermissionError(
      `the ${what} ${quoteText(path)} belongs to another user (uid ${uid})`,
      {
        hint: "copy it to a file of your own, or pass --insecure-permissions",
        fields: { path, uid },
      },
    );
  }
  if (mode === null || (mode & SHARED_BITS) === 0) return;
  const bits = (mode & 0o777).toString(8).padStart(4, "0");
  throw new PermissionError(
    `the ${what} ${quoteText(path)} can be used by others (mode ${bits})`,
    {
      hint: "chmod 600 it, or pass --insecure-permissions; where the file " +
        "system keeps no modes (exFAT, FAT), keep it elsewhere",
      fields: { path, mode: bits },
    },
  );
}
