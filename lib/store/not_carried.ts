/**
 * What entries have and the formats have no place for. What `lstat` tells is
 * told at no cost, since every entry is looked at; extended attributes take a
 * call for each and are looked for only where somebody wants to be told. Times
 * are never carried, which needs no counting.
 */

import { rawPaths, type SourcePath } from "./raw_paths.ts";

/** How many entries of a tree have something that is not published. */
export interface NotCarried {
  /** Files that have other names, too: each name becomes a file of its own. */
  hardLinks: number;
  /**
   * Files that take less room than they are long. Their zeros are content; a
   * fetch makes holes of them again.
   */
  sparse: number;
  /** Entries that belong to another user or group than the root of the tree. */
  owners: number;
  /**
   * Entries with extended attributes, ACLs among them; only counted where they
   * were looked for and can be seen: on Linux, with native calls.
   */
  xattrs?: number;
}

/** Something of one entry that is not published. */
export interface NotCarriedNote {
  /** Which count it is in. */
  kind: keyof NotCarried;
  /** Where the entry lies; what is not UTF-8 became U+FFFD. */
  path: string;
  /** What it is. */
  what: string;
}

/** What of the system's words about an entry is looked at. */
export type EntryFacts = Pick<
  Deno.FileInfo,
  "isFile" | "size" | "blocks" | "nlink" | "uid" | "gid"
>;

/** A hole is a block at least; less is saved by file systems with other means. */
const HOLE_LEAST = 4096;
/** `st_blocks` counts in these, whatever the file system has. */
const BLOCK = 512;
/** Set by a policy for every file that is made: not the file's own. */
const LABELS = /^security\.(?:selinux|SMACK64.*|apparmor)$/;

type Told = readonly [kind: keyof NotCarried, what: string];

/** Of most entries. */
const NOTHING: readonly Told[] = [];

/**
 * Tells what of an entry is not published.
 *
 * @param entry The entry itself, no link followed.
 * @param root The root of its tree.
 */
export function notCarriedOf(
  { isFile, size, blocks, nlink, uid, gid }: EntryFacts,
  root: Pick<EntryFacts, "uid" | "gid">,
): readonly Told[] {
  const room = (blocks ?? Infinity) * BLOCK;
  const isLinked = isFile && nlink !== null && nlink > 1;
  const isSparse = isFile && size - room >= HOLE_LEAST;
  const isOwned = uid !== root.uid || gid !== root.gid;
  if (!isLinked && !isSparse && !isOwned) return NOTHING;
  const told: Told[] = [];
  if (isLinked) told.push(["hardLinks", `it has ${nlink} names`]);
  if (isSparse) told.push(["sparse", `it takes ${room} of ${size} bytes`]);
  if (isOwned) told.push(["owners", `it belongs to ${uid}:${gid}`]);
  return told;
}

/** The extended attributes of an entry; `undefined` where they cannot be seen. */
export function attributesOf(source: SourcePath): string[] | undefined {
  return rawPaths?.attributes(source)?.filter((name) => !LABELS.test(name));
}
