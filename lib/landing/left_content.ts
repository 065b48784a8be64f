/**
 * What an earlier run left of a file or a tree, looked at and left alone: for who
 * only wants to know what a landing would find.
 */

import { blake3, checkManifestPath, readDirEntries } from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { isOsError, lookAt } from "../os/os_error.ts";
import { ownUid } from "../os/own_uid.ts";
import { resolveTarget } from "./resolve_target.ts";
import { ContentCheck, type WantedRange } from "./worker/content_check.ts";
import { findLeftovers, insideTarget } from "./worker/leftovers.ts";
import { joinPath, type Target } from "./worker/target.ts";
import { partialPath } from "./worker/temp_names.ts";
import { isOfTree, treeToken } from "./worker/unfinished.ts";
import type { TreeRange } from "./worker/worker_protocol.ts";

/** What is left of a file. */
export interface LeftFile {
  /** Its length, right or not. */
  readonly found: number;
  /** Tells which ranges of it are as they are to be. */
  check(ranges: readonly WantedRange[]): Promise<boolean[]>;
}

/** What is left of a tree. */
export interface LeftTree {
  /** Lengths of files by their entries in the manifest, right or not. */
  readonly found: ReadonlyMap<number, number>;
  /** Tells which chunks of them are as they are to be. */
  check(ranges: readonly TreeRange[]): Promise<boolean[]>;
}

/**
 * Finds what is left of a file.
 *
 * @param out The target as typed.
 */
export function findLeftFile(out: string): LeftFile {
  const path = partialPath(resolveTarget(out));
  const content = new ContentCheck();
  return {
    found: ownFile(path)?.size ?? 0,
    check: (ranges) =>
      Promise.resolve(ranges.map((range) => holds(content, path, range))),
  };
}

/**
 * Finds what is left of a tree.
 *
 * @param out The target as typed.
 * @param manifest Of the tree.
 */
export function findLeftTree(out: string, manifest: Uint8Array): LeftTree {
  const target = resolveTarget(out);
  const found = new Map<number, number>();
  const paths = new Map<number, string>();
  const token = treeToken(blake3(manifest));
  for (const tree of [target, insideTarget(out)].flatMap(leftoversAt(token))) {
    let entry = -1;
    for (const { path: name, kind } of readDirEntries(manifest)) {
      entry++;
      if (kind.type !== "file" || found.has(entry)) continue;
      const path = joinPath(tree, checkManifestPath(name).join("/"));
      const seen = ownFile(path);
      if (seen === undefined) continue;
      found.set(entry, seen.size);
      paths.set(entry, path);
    }
  }
  const content = new ContentCheck();
  return {
    found,
    check: (ranges) =>
      Promise.resolve(
        ranges.map((range) =>
          holds(content, paths.get(range.entry) ?? "", range)
        ),
      ),
  };
}

/** Unfinished trees at a place, of the manifest with that token. */
function leftoversAt(token: string): (place: Target) => string[] {
  const ops = {
    list: (dir: string) =>
      Array.from(Deno.readDirSync(dir), ({ name }) => name),
    isOurs: (path: string) => isOurs(lookAt(path)),
  };
  return (place) => {
    try {
      const { fetch, moved } = findLeftovers(ops, place);
      return [...fetch, ...moved].filter((path) => isOfTree(path, token));
    } catch (error) {
      // There is no such directory, or it cannot be looked into.
      if (isOsError(error)) return [];
      throw error;
    }
  };
}

function isOurs(seen: Deno.FileInfo | undefined): boolean {
  const uid = ownUid();
  return seen !== undefined && (uid === undefined || seen.uid === uid);
}

/** A file that a landing would go on with: ours, with no other name. */
function ownFile(path: string): Deno.FileInfo | undefined {
  const seen = lookAt(path);
  const isUsable = seen?.isFile === true && isOurs(seen) &&
    (seen.nlink ?? 1) === 1;
  return isUsable ? seen : undefined;
}

function holds(
  content: ContentCheck,
  path: string,
  range: WantedRange,
): boolean {
  try {
    using file = Deno.openSync(path);
    return content.holds(file, path, range);
  } catch (error) {
    // It is gone, or cannot be read: then it is fetched.
    if (isOsError(error) || error instanceof IoError) return false;
    throw error;
  }
}
