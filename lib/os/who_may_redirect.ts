/** The rule of ssh's StrictModes, for one directory. */

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
