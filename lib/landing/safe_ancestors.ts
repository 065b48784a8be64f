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

import { dirname } from "@std/path";
import { UsageError } from "../errors.ts";
import { attempt } from "../os/os_error.ts";
import { ownUid } from "../os/own_uid.ts";
import { quoteText } from "../text/escape.ts";
import { modeWitness, outsiderUid } from "./mounted_modes.ts";
import { isPrivateGroup } from "./private_group.ts";
import { makeDirectory } from "./worker/file_io.ts";

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

/** What the rule looks at, as the system tells it. */
export type SeenDirectory = Pick<
  Deno.FileInfo,
  "isDirectory" | "uid" | "gid" | "mode"
>;

/** Permission bits. */
const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;
const STICKY = 0o1000;

/**
 * Says who could change what lies in a directory.
 *
 * @param seen The directory, links not followed.
 * @param uid Our number; without one an owner is not judged.
 * @param isPrivate Tells whether a group has no member but its owner.
 * @returns For a sentence: `belongs to user 1000`; nothing when nobody can.
 */
export function whoMayRedirect(
  { isDirectory, uid: owner, gid, mode }: SeenDirectory,
  uid: number | undefined,
  isPrivate: (gid: number, owner: number) => boolean,
): string | undefined {
  if (!isDirectory) return "is no directory any more";
  if (owner === null || mode === null) return undefined;
  if (uid !== undefined && owner !== 0 && owner !== uid) {
    return `belongs to user ${owner}`;
  }
  if ((mode & STICKY) !== 0) return undefined;
  if ((mode & OTHERS_WRITE) !== 0) {
    return `belongs to user ${owner}, and everybody may write to it`;
  }
  if ((mode & GROUP_WRITE) === 0) return undefined;
  return gid !== null && isPrivate(gid, owner)
    ? undefined
    : `belongs to user ${owner}, and group ${gid} may write to it`;
}

/**
 * Refuses a place where somebody else could redirect what is written. What this
 * process may not look at is not judged: whoever restricted it to a directory
 * has chosen that.
 *
 * @param directory A real path; what is not there yet is not judged.
 * @param trust Whether to do without.
 * @throws {UsageError} When somebody can; it names the directory.
 */
export function requireSafeAncestors(
  directory: string,
  { trustParent = false }: ParentTrust = {},
): void {
  // Windows has neither owners nor modes here.
  if (trustParent || Deno.build.os === "windows") return;
  const uid = ownUid();
  const outsider = outsiderUid();
  const witnessOf = modeWitness(uid);
  for (const at of withAncestors(directory)) {
    const seen = mayLookAt(at) ? lookAtDirectory(at) : undefined;
    if (seen === undefined) continue;
    const witness = witnessOf(at);
    // One mode for all that is there, by whoever mounted it: it tells nothing.
    if (witness === "mount" && seen.isDirectory) continue;
    const judged = seen.uid === outsider ? { ...seen, uid: 0 } : seen;
    const why = witness === "stranger"
      ? "lies on a file system that another user runs"
      : whoMayRedirect(judged, uid, isPrivateGroup);
    if (why !== undefined) throw redirectable(directory, at, why, seen.uid);
  }
}

/**
 * Makes the directory that a landing works in, with those above it, and judges
 * all of them: those, too, that somebody else made a moment ago. What is made
 * here is writable for its owner alone.
 *
 * @param directory A real path.
 * @param trust Whether to do without judging.
 * @throws {TransferError} When it cannot be made.
 * @throws {UsageError} When somebody else could redirect what is written.
 */
export function prepareSite(directory: string, trust: ParentTrust): void {
  // First those that are there: nothing is made where it could be elsewhere.
  requireSafeAncestors(directory, trust);
  makeDirectory(directory);
  requireSafeAncestors(directory, trust);
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

function lookAtDirectory(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
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
