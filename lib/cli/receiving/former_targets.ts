/**
 * Which directories earlier fetches made: those may be replaced without a word.
 * Each has a small file of its own beside the configuration, so that two
 * processes never write one. What cannot be read or written there costs
 * nothing but that the rule is strict.
 *
 * A new directory is noted beside the old one before it takes its place, so that
 * there is no moment at which a fetch can be killed and what is at the target is
 * not in its note, if it was or will be: a rename makes no other directory of it,
 * and a directory that stays is noted when the journal of its exchange is
 * written. When it is in place it stands in the note alone. One that never came
 * to its place harms nobody: it is known by its number and time of birth, which
 * no other directory gets.
 */

import { dirname, join } from "@std/path";
import { blake3 } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import {
  isSameTarget,
  type TargetIdentity,
  targetIdentity,
} from "../../landing/mod.ts";
import { FORMER_TARGET_FILE_MAX, FORMER_TARGETS_MAX } from "../../limits.ts";
import { isOsError, lookAt } from "../../os/os_error.ts";
import { isDirectory } from "../../os/is_directory.ts";
import { isSafelyThere } from "../../os/safe_ancestors.ts";
import { readSmallFile } from "../../os/small_file.ts";
import { writeWholeFile } from "../../os/whole_file.ts";
import { toHex } from "../../text/hex.ts";
import { configDir } from "../node/config_file.ts";

const WHAT = "note about a target";

/** What is remembered of a target. */
export interface FormerTarget extends TargetIdentity {
  /** Where it is, links in what is above it resolved. */
  readonly path: string;
  /** BLAKE3 of the manifest that it was made of, in hex. */
  readonly manifest: string;
  /** What is to come in its place, and may be there by now. */
  readonly coming?: TargetIdentity;
}

/** The directory of all notes, if the process may use it. */
function notesDir(access: "read" | "write"): string | undefined {
  const dir = configDir();
  if (dir === undefined) return undefined;
  const path = join(dir, "fetched");
  // A home that does not exist is not made.
  if (access === "write" && !isDirectory(dirname(dirname(dir)))) {
    return undefined;
  }
  const isGranted = (name: "read" | "write") =>
    Deno.permissions.querySync({ name, path }).state === "granted";
  return isGranted("read") && (access === "read" || isGranted("write"))
    ? path
    : undefined;
}

function noteName(path: string): string {
  const hash = blake3(new TextEncoder().encode(path));
  return `${toHex(hash).slice(0, 32)}.json`;
}

/**
 * Tells what an earlier fetch made at a path.
 *
 * @param path The target's real path.
 */
export async function formerTarget(
  path: string,
): Promise<FormerTarget | undefined> {
  const dir = notesDir("read");
  if (dir === undefined) return undefined;
  try {
    // Who could have written it could have anything replaced without a word.
    const file = join(dir, noteName(path));
    if (!isSafelyThere(dir)) return undefined;
    // A pipe would keep us waiting.
    if (lookAt(file)?.isFile !== true) return undefined;
    const { bytes } = await readSmallFile(file, {
      what: WHAT,
      max: FORMER_TARGET_FILE_MAX,
    });
    const note = parseNote(JSON.parse(new TextDecoder().decode(bytes)));
    return note?.path === path ? note : undefined;
  } catch (error) {
    if (error instanceof TransferError || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** What a note says; `undefined` for anything else. */
export function parseNote(value: unknown): FormerTarget | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { path, manifest, coming } = value as Record<string, unknown>;
  const there = parseIdentity(value);
  if (
    typeof path !== "string" || typeof manifest !== "string" ||
    there === undefined
  ) return undefined;
  const note = { path, ...there, manifest };
  if (coming === undefined) return note;
  const next = parseIdentity(coming);
  return next && { ...note, coming: next };
}

function parseIdentity(value: unknown): TargetIdentity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { dev, ino, born } = value as Record<string, unknown>;
  const isNumberOrNull = (field: unknown): field is number | null =>
    field === null || typeof field === "number";
  return typeof dev === "number" && isNumberOrNull(ino) && isNumberOrNull(born)
    ? { dev, ino, born }
    : undefined;
}

function identityIn({ dev, ino, born }: TargetIdentity): TargetIdentity {
  return { dev, ino, born };
}

/** The directories that a note is about, of which only one can be there. */
export function identitiesOf(note: FormerTarget): TargetIdentity[] {
  const there = identityIn(note);
  return note.coming === undefined ? [there] : [there, note.coming];
}

/**
 * Remembers what a fetch is about to put in place, beside what is there, if an
 * earlier one made that.
 *
 * @param note What, and where.
 * @returns Whether it could be remembered.
 */
export async function rememberComing(note: FormerTarget): Promise<boolean> {
  const former = await formerTarget(note.path);
  const there = lookAt(note.path);
  const known = former && there &&
    identitiesOf(former).find((one) =>
      isSameTarget(targetIdentity(there), one)
    );
  return await rememberTarget(
    known === undefined || isSameTarget(known, note)
      ? note
      : { ...note, ...known, coming: identityIn(note) },
  );
}

/**
 * Remembers what a fetch made, and nothing else of its path.
 *
 * @param note What, and where.
 * @returns Whether it could be remembered.
 */
export async function rememberTarget(note: FormerTarget): Promise<boolean> {
  const dir = notesDir("write");
  if (dir === undefined) return false;
  const text = `${JSON.stringify(note)}\n`;
  try {
    await writeWholeFile(join(dir, noteName(note.path)), text, {
      what: WHAT,
      mode: 0o600,
      replace: true,
      parents: true,
    });
    await forgetOldest(dir);
    return true;
  } catch (error) {
    if (error instanceof TransferError || isOsError(error)) return false;
    throw error;
  }
}

/** Keeps the newest notes when there are more than the bound. */
async function forgetOldest(dir: string): Promise<void> {
  const names = Array.from(Deno.readDirSync(dir), ({ name }) => name);
  if (names.length <= FORMER_TARGETS_MAX) return;
  const notes = names.map((name) => {
    const path = join(dir, name);
    return { path, written: Deno.lstatSync(path).mtime?.getTime() ?? 0 };
  }).sort((a, b) => a.written - b.written);
  // Some more, so that this is not done each time.
  const surplus = notes.length - Math.floor(FORMER_TARGETS_MAX * 0.9);
  for (const { path } of notes.slice(0, surplus)) await Deno.remove(path);
}
