/** Small files written whole or not at all. */

import { dirname } from "@std/path";
import { IoError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import { isLacking } from "./lacking.ts";
import { attemptAsync, lookAt } from "./os_error.ts";
import { randomToken } from "./random_token.ts";
import {
  isSafelyThere,
  makeSafeDirectory,
  type ParentTrust,
} from "./safe_ancestors.ts";

/** How {@linkcode writeWholeFile} writes. */
export interface WriteWholeFileOptions extends ParentTrust {
  /** What the file is, for messages: `PSK file`. */
  what: string;
  /** Permission bits. */
  mode: number;
  /** Whether a regular file of that name may be replaced. */
  replace: boolean;
  /**
   * Whether to make the directories above it, for the owner alone.
   *
   * @default {false}
   */
  parents?: boolean;
  /**
   * Whether it is on the disk before it has its name: what can be done without
   * need not be.
   *
   * @default {true}
   */
  durable?: boolean;
}

/**
 * Writes a file so that nobody ever sees a part of it, not even after a crash.
 *
 * @param path The file.
 * @param content Text, or bytes, which are left as they are.
 * @param options What it is and what may be there before.
 * @returns Whether it was written: `false` when something is there already and
 * nothing may be replaced.
 * @throws {IoError} When it cannot be written, or what would be replaced is no
 * regular file.
 * @throws {PermissionError} When the process lacks the grant to write it.
 * @throws {UsageError} When other users could redirect what is written.
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  options: WriteWholeFileOptions,
): Promise<boolean> {
  const { what, mode, replace, parents = false, trustParent } = options;
  const { durable = true } = options;
  return await attemptAsync(`write the ${what}`, path, async () => {
    const found = lookAt(path);
    if (found !== undefined) {
      if (!replace) return false;
      if (!found.isFile) throw notAFile(path, what);
    }
    const parent: string = dirname(path);
    // The names are used again from here on: nobody else may change them.
    if (parents) makeSafeDirectory(parent, 0o700, { trustParent });
    else requireParent(parent, { trustParent });
    const temporary = `${path}.tmp.${randomToken()}`;
    try {
      await writeNew(temporary, content, mode, durable);
      if (!await install(temporary, path, replace)) return false;
    } finally {
      // After a rename there is nothing to remove; whatever else is wrong, the
      // error to tell of is the first one.
      await Deno.remove(temporary).catch(() => {});
    }
    if (durable) await syncDirectory(parent);
    return true;
  });
}

/**
 * Finds out, without writing it, whether {@linkcode writeWholeFile} can write a
 * file.
 *
 * @param path The file.
 * @param options As they will be for writing; parents are not made.
 * @throws {IoError} When it cannot be written, or what would be replaced is no
 * regular file.
 * @throws {PermissionError} When the process lacks the grant to write it.
 * @throws {UsageError} When other users could redirect what is written.
 */
export async function checkWholeFile(
  path: string,
  { what, mode, trustParent }: Pick<
    WriteWholeFileOptions,
    "what" | "mode" | "trustParent"
  >,
): Promise<void> {
  await attemptAsync(`write the ${what}`, path, async () => {
    const found = lookAt(path);
    if (found !== undefined && !found.isFile) throw notAFile(path, what);
    requireParent(dirname(path), { trustParent });
    const temporary = `${path}.tmp.${randomToken()}`;
    await writeNew(temporary, "", mode, true);
    await Deno.remove(temporary);
  });
}

/** Refuses a directory that is not there, or that others could redirect. */
function requireParent(parent: string, trust: ParentTrust): void {
  if (isSafelyThere(parent, trust)) return;
  // The system says so, unless somebody has made it this instant.
  Deno.statSync(parent);
  throw new IoError(`${quoteText(parent)} was made only now`, {
    hint: "run again",
    fields: { path: parent },
  });
}

/** A rename would put a file in the place of a device, a pipe or a link. */
function notAFile(path: string, what: string): IoError {
  return new IoError(
    `cannot write the ${what} ${
      quoteText(path)
    }: what is there is no regular file`,
    { hint: "choose another name", fields: { path } },
  );
}

async function writeNew(
  path: string,
  content: string | Uint8Array,
  mode: number,
  durable: boolean,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  const isText = typeof content === "string";
  const bytes = isText ? new TextEncoder().encode(content) : content;
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  // It may be a secret, of which one copy is enough.
  if (isText) bytes.fill(0);
  if (durable) await file.sync();
}

/** Gives a finished file its name; without `replace` to one process alone. */
async function install(
  temporary: string,
  path: string,
  replace: boolean,
): Promise<boolean> {
  if (!replace) {
    try {
      // Unlike a rename, a link never replaces.
      await Deno.link(temporary, path);
      return true;
    } catch {
      // It is there, or the file system has no hard links.
      if (lookAt(path) !== undefined) return false;
    }
  }
  await Deno.rename(temporary, path);
  return true;
}

/**
 * Makes the new name durable, where the system lets directories be opened and
 * synced; elsewhere it follows when the system sees fit.
 */
async function syncDirectory(path: string): Promise<void> {
  let opened: Deno.FsFile;
  try {
    opened = await Deno.open(path);
  } catch {
    return;
  }
  using directory = opened;
  try {
    await directory.sync();
  } catch (error) {
    if (!isLacking(error)) throw error;
  }
}
