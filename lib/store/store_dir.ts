/** Publishing a directory tree. */

import {
  basename,
  dirname,
  isAbsolute,
  join,
  relative,
  resolve,
  SEPARATOR,
} from "@std/path";
import { UsageError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { DiskStore } from "./disk_store.ts";
import { HashPool } from "./hash_pool.ts";
import type { PathFilter } from "./path_filter.ts";
import { publishDir, type StoredDir } from "./publish_dir.ts";
import { lacksAny } from "./known_files.ts";
import { PublishNotes } from "./publish_notes.ts";
import type { PublishOptions } from "./publish_progress.ts";
import type { SourcePath } from "./raw_paths.ts";
import { walkSourceTree } from "./walk_source_tree.ts";

/** Options of {@linkcode storeDir}. */
export interface StoreDirOptions extends PublishOptions {
  /** Which entries of the tree are published; all, if not given. */
  filter?: PathFilter;
}

/**
 * Reads a directory tree, stores its contents and its manifest, and makes its
 * reference: the one the reference implementation makes for the same tree.
 *
 * Holds a few chunks at a time, and the manifest. Files are named
 * `mesh://` and the BLAKE3 of all their bytes; files above 16 GiB become Trees.
 *
 * A tree that lives is published as it was read: a file to the length that it had
 * when it was opened; what has vanished or cannot be read is left out. The stats
 * count that, `onWarning` is told of each entry, and `strict` makes it an error.
 *
 * @param store Where the chunks go; `undefined` only computes the reference.
 * @param dir The root of the tree, or a link to it.
 * @throws {UsageError} When `dir` is not a directory, or the store lies in it.
 * @throws {IoError} When `dir` cannot be read, or, with `strict`, anything in it;
 * the message names it.
 * @throws {StoreError} When a chunk cannot be stored.
 *
 * @example
 * ```ts
 * import { storeDir } from "./store_dir.ts";
 *
 * const { ref, stats } = await storeDir(undefined, "./photos");
 * console.log(stats.files, ref.uri);
 * ```
 */
export async function storeDir(
  store: WritableChunkStore | undefined,
  dir: string,
  options: StoreDirOptions = {},
): Promise<StoredDir> {
  if (store instanceof DiskStore) refuseOverlap(store.path, dir);
  return await storeTree(store, dir, options);
}

/** {@linkcode storeDir} of a path of any bytes, where the store cannot be. */
export async function storeTree(
  store: WritableChunkStore | undefined,
  dir: SourcePath,
  options: StoreDirOptions = {},
): Promise<StoredDir> {
  const notes = new PublishNotes(options);
  const tree = await walkSourceTree(dir, { ...options, notes });
  using pool = new HashPool(options.jobs);
  return await publishDir(tree, {
    chunk: (_file, _offset, hash, bytes) => store?.put(hash, bytes),
    needsBytes: (chunks) => lacksAny(store, chunks),
    node: (hash, bytes) => store?.put(hash, bytes),
  }, { ...options, pool, notes });
}

/**
 * A tree that grows while it is published would never be the tree that was
 * published.
 */
function refuseOverlap(storePath: string, dir: string): void {
  const chunks = realPathOfFuture(`${storePath}/dataforts`);
  const source = realPathOfFuture(dir);
  if (!isWithin(chunks, source) && !isWithin(source, chunks)) return;
  throw new UsageError(
    `Cannot publish ${quoteText(dir)}: the store ${
      quoteText(storePath)
    } lies inside the tree being published`,
    {
      hint: "Put the store elsewhere.",
      fields: { path: dir, store: storePath },
    },
  );
}

function isWithin(path: string, directory: string): boolean {
  const way: string = relative(directory, path);
  return way.split(SEPARATOR)[0] !== ".." && !isAbsolute(way);
}

/** The real path of something that may not exist yet. */
function realPathOfFuture(path: string): string {
  const full: string = resolve(path);
  try {
    return Deno.realPathSync(full);
  } catch {
    const parent: string = dirname(full);
    if (parent === full) return full;
    return join(realPathOfFuture(parent), basename(full));
  }
}
