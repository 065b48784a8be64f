/** Entries of a directory that are no part of a tree that lies there. */

/** What entries of ours inside a directory are called after. */
export const INSIDE_BASE = "net-transfer";

const OURS =
  /^\.net-transfer\.(?:fetch_(?:lock|owner)|(?:fetch|moved|probe|replaced|removing)_[0-9a-f]{16})$/;

/** What file systems and desktops keep at the top of a volume for themselves. */
const OF_VOLUMES: ReadonlySet<string> = new Set([
  "$RECYCLE.BIN",
  ".Spotlight-V100",
  ".Trashes",
  ".fseventsd",
  ".snapshot",
  ".zfs",
  "System Volume Information",
  "lost+found",
]);

/** Tells whether an entry of a directory was made by a landing in it. */
export function isOwnEntry(name: string): boolean {
  return OURS.test(name);
}

/** Tells whether an entry at the top of a volume belongs to the volume. */
export function isOfVolume(name: string): boolean {
  return OF_VOLUMES.has(name) || /^\.Trash-\d+$/.test(name);
}
