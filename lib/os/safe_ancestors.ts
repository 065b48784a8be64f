/**
 * Whether somebody else can redirect what is written below a directory.
 *
 * By induction from the top: the name of each directory on the way is an entry
 * of the one above. Where that one belongs to root or us and nobody else may
 * write to it, or it is sticky and what has the name is ours or root's, nobody
 * else can give the name to something else. So a path that was judged once leads
 * to the same directory until root or we change it, and no window is left
 * between a look and a use. It is the rule of ssh's StrictModes, for all of the
 * way, as paths cannot be opened without following links here.
 */

import { existsSync } from "node:fs";
import { dirname, join } from "@std/path";
import { IoError, UsageError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import { makeDirectory } from "./make_directory.ts";
import { modeWitness, outsiderUid } from "./mounted_modes.ts";
import { attempt } from "./os_error.ts";
import { ownUid } from "./own_uid.ts";
import { isPrivateGroup } from "./private_group.ts";
import { type SeenDirectory, whoMayRedirect } from "./who_may_redirect.ts";

/** Who is believed about the directories above a target. */
export interface ParentTrust {
  /**
   * Whether to land also where other users could redirect what is written: a
   * directory above the target belongs to somebody else than root and us, or
   * others may write to it and it is not sticky. Only for who trusts all of
   * those users with everything that this process may write to.
   *
   * @default {false}
   */
  trustParent?: boolean;
}

/** Links on one way before it is a loop, as Linux counts. */
const LINKS_MAX = 40;

/**
 * Refuses a place where somebody else could redirect what is written. What this
 * process may not look at is not judged: whoever restricted it to a directory
 * has chosen that.
 *
 * @param directory A path, as it is used or as somebody typed it; what is not
 * there yet is not judged.
 * @param trust Whether to do without.
 * @returns Where it is, without a link on the way, as far as that can be seen.
 * @throws {UsageError} When somebody can; it names the directory or the link.
 */
export function requireSafeAncestors(
  directory: string,
  trust: ParentTrust = {},
): string {
  if (!isJudged(trust)) return directory;
  const judge = new Judge(directory);
  const { path, isThere } = walk(directory, judge, true);
  if (isThere) judge.directory(path);
  return path;
}

/**
 * The same, and tells whether the directory is there. One that is not was not
 * judged: nothing may be done by its name before it is asked for again, as
 * anybody who may make it could have made it since.
 *
 * @param directory As for {@linkcode requireSafeAncestors}.
 * @param trust Whether to do without.
 * @throws {UsageError} When somebody can; it names the directory or the link.
 */
export function isSafelyThere(
  directory: string,
  trust: ParentTrust = {},
): boolean {
  if (!isJudged(trust)) return true;
  const judge = new Judge(directory);
  const { path, isThere } = walk(directory, judge, true);
  if (isThere) judge.directory(path);
  return isThere;
}

/**
 * The same for what is to be made or replaced: the directories on the way to a
 * name and the links among them, not what has the name.
 *
 * @param path A path, as it is used or as somebody typed it.
 * @param follow Whether a link that has the name is followed.
 * @param trust Whether to do without.
 * @throws {UsageError} When somebody can; it names the directory or the link.
 */
export function requireSafeWay(
  path: string,
  follow: boolean,
  trust: ParentTrust = {},
): void {
  if (isJudged(trust)) walk(path, new Judge(path), follow);
}

/**
 * Makes a directory with those above it, and judges all of them. Each is made
 * in one that was judged before, and is judged before anything is made in it:
 * so nothing is made elsewhere, also where somebody was faster in a sticky
 * directory.
 *
 * @param directory A path; with links on the way those are judged, too.
 * @param mode Permission bits of what is made, less the umask.
 * @param trust Whether to do without judging.
 * @returns Where it is, as {@linkcode requireSafeAncestors} tells.
 * @throws {TransferError} When it cannot be made.
 * @throws {UsageError} When somebody else could redirect what is written.
 */
export function makeSafeDirectory(
  directory: string,
  mode: number,
  trust: ParentTrust = {},
): string {
  if (!isJudged(trust)) {
    makeDirectory(directory, mode);
    return directory;
  }
  const path = requireSafeAncestors(directory);
  for (const at of withAncestors(directory)) {
    // A link that leads nowhere is in the way, as for mkdir.
    if (leadsNowhere(at)) makeDirectory(at, mode);
  }
  const judge = new Judge(path);
  for (const at of withAncestors(path)) {
    if (!mayLookAt(at)) continue;
    if (lookAtDirectory(at) === undefined) makeDirectory(at, mode);
    // Also what was not there before: somebody may have made it meanwhile.
    judge.directory(at);
  }
  // Also what may not be looked at on the way.
  makeDirectory(path, mode);
  return path;
}

/** Windows has neither owners nor modes here. */
function isJudged({ trustParent = false }: ParentTrust): boolean {
  return !trustParent && Deno.build.os !== "windows";
}

/** Judges what lies on the way to a place, each directory once. */
class Judge {
  readonly #uid = ownUid();
  readonly #outsider = outsiderUid();
  readonly #witnessOf = modeWitness(this.#uid);
  readonly #done = new Set<string>();

  /** @param place What is to be written, for messages. */
  constructor(private readonly place: string) {}

  /** A directory in which a name is looked up. */
  directory(at: string): void {
    if (this.#done.has(at)) return;
    this.#done.add(at);
    const seen = mayLookAt(at) ? lookAtDirectory(at) : undefined;
    if (seen === undefined) return;
    const witness = this.#witnessOf(at);
    // One mode for all that is there, by whoever mounted it: it tells nothing.
    if (witness === "mount" && seen.isDirectory) return;
    const why = witness === "stranger"
      ? "lies on a file system that another user runs"
      : whoMayRedirect(
        asDirectory(this.#inside(seen)),
        this.#uid,
        isPrivateGroup,
      );
    if (why !== undefined) this.#refuse(at, why, seen.uid);
  }

  /** A link in such a directory, whose owner decides where it leads. */
  link(at: string, seen: Deno.FileInfo): void {
    const { uid } = this.#inside(seen);
    if (this.#uid === undefined || uid === null) return;
    if (uid === 0 || uid === this.#uid || this.#witnessOf(at) === "mount") {
      return;
    }
    this.#refuse(at, `is a link of user ${uid}`, seen.uid);
  }

  /** Who comes from outside of the user namespace cannot be anybody in it. */
  #inside(seen: Deno.FileInfo): Deno.FileInfo {
    return seen.uid === this.#outsider ? { ...seen, uid: 0 } : seen;
  }

  #refuse(at: string, why: string, owner: number | null): never {
    throw redirectable(this.place, at, why, owner);
  }
}

/**
 * Of a file in a directory's place only the owner counts: he alone can make it
 * one. No call gets beyond it, and each says so.
 */
function asDirectory(seen: Deno.FileInfo): SeenDirectory {
  return seen.isDirectory || seen.isSymlink
    ? seen
    : { ...seen, isDirectory: true, mode: 0o600 };
}

/**
 * Goes to a place name by name, as the system does, and has each directory
 * judged before a name is looked up in it, and each link before it is followed.
 *
 * @param follow Whether a link at the end is followed.
 */
function walk(
  path: string,
  judge: Judge,
  follow: boolean,
): { path: string; isThere: boolean } {
  let at = "/";
  let isThere = true;
  let links = 0;
  if (!path.startsWith("/")) {
    // Where it is this process may not know; then it may not look there either.
    if (!mayLookAt(".")) return { path, isThere: true };
    at = attempt("look at", ".", () => Deno.cwd());
    walk(at, judge, true);
  }
  const names = path.split("/").reverse();
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "" || name === ".") continue;
    if (isThere) judge.directory(at);
    const next: string = name === ".." ? dirname(at) : join(at, name);
    const isLast = names.every((rest) => rest === "");
    const seen = isThere && mayLookAt(next) ? lookAtDirectory(next) : null;
    // What may not be looked at is there, for all that is known.
    if (seen === undefined) isThere = false;
    if (!seen?.isSymlink || isLast && !follow) {
      at = next;
      continue;
    }
    judge.link(next, seen);
    if (++links > LINKS_MAX) throw tooManyLinks(path);
    const target = attempt("read", next, () => Deno.readLinkSync(next));
    if (target.startsWith("/")) at = "/";
    names.push(...target.split("/").reverse());
  }
  return { path: at, isThere };
}

/** From the root down, as each step relies on the one above. */
function withAncestors(directory: string): string[] {
  const parent: string = dirname(directory);
  return parent === directory
    ? [directory]
    : [...withAncestors(parent), directory];
}

function mayLookAt(path: string): boolean {
  const query = { name: "read", path } as const;
  return Deno.permissions.querySync(query).state === "granted";
}

function leadsNowhere(path: string): boolean {
  return mayLookAt(path) && lookAtDirectory(path)?.isSymlink === true &&
    !existsSync(path);
}

function lookAtDirectory(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return undefined;
    return attempt("look at", path, () => {
      throw error;
    });
  }
}

function redirectable(
  directory: string,
  at: string,
  why: string,
  owner: number | null,
): UsageError {
  return new UsageError(
    `cannot write below ${quoteText(directory)} safely: ${quoteText(at)} ` +
      `${why}, so other users could redirect what is written`,
    {
      hint:
        "choose a path below directories that only you and root can change, " +
        "or, where you trust those users, pass --trust-parent",
      fields: { path: at, ...(owner === null ? {} : { owner }) },
    },
  );
}

function tooManyLinks(path: string): IoError {
  return new IoError(
    `there are too many links on the way to ${quoteText(path)}`,
    {
      hint: "give the path without them",
      fields: { path },
    },
  );
}
