/** How a directory is fetched, and what that came to. */

import type {
  FormerIdentity,
  TargetIdentity,
  TreeOptions,
} from "../../landing/mod.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import type { HashCache, PathFilter } from "../../store/mod.ts";
import type { PlaceOptions } from "./chunk_place.ts";
import type { FetchOptions } from "./fetch_options.ts";
import type { FailedFile } from "./lost_files.ts";
import type { FetchTotals } from "./progress.ts";

/** How `fetchDir` works; `inflightBytes` is 8 MiB by default. */
export interface FetchDirOptions
  extends FetchOptions, TreeOptions, PlaceOptions, ParentTrust {
  /**
   * Threads that hash what is there already, once there is enough to do.
   *
   * @default {1}
   */
  jobs?: number;
  /** Knows files of the old tree that need not be read; the caller saves it. */
  hashCache?: HashCache;
  /**
   * The manifest that the reference names, if the caller has it: it is verified,
   * and fetched if it is another one.
   *
   * @default {it is fetched}
   */
  manifest?: Uint8Array;
  /**
   * Requests in flight at once; one request brings one large chunk or a batch
   * of small files.
   *
   * @default {FETCH_CONCURRENCY}
   */
  concurrency?: number;
  /**
   * Which part of the tree is fetched, with the directories above it; asked
   * once about each entry, in the manifest's order. The whole manifest is
   * checked all the same, and nothing is replaced: that would drop what is left
   * out.
   *
   * @default {everything}
   */
  filter?: PathFilter;
  /**
   * Whether the rest of the tree is put in place when the holder lacks files,
   * or has them as they were not published, or the target's file system does not
   * take their names. What may be replaced at the target
   * is replaced all the same, unless no file at all can be had.
   *
   * @default {false}
   */
  keepGoing?: boolean;
  /**
   * Whether whatever is at the target is replaced. Otherwise only an empty
   * directory, a link, and what `former` tells of.
   *
   * @default {false}
   */
  replace?: boolean;
  /**
   * What earlier fetches made there, or were about to: their
   * {@linkcode FetchDirResult.identity}.
   */
  former?: FormerIdentity;
  /**
   * Whether a directory that is there stays, and its entries are exchanged one
   * by one: for a mount point, or where what is above it may not be written to.
   * A fetch that is stopped in the middle of that is finished by the next one.
   * Without a directory there it makes no difference.
   *
   * @default {false}
   */
  inPlace?: boolean;
  /**
   * Whether what a fetch of the same manifest left at the target, which was
   * stopped by whatever, is gone on with: each chunk of it is hashed again. And
   * whether a fetch that fails leaves what it has for the next one.
   *
   * @default {true}
   */
  resume?: boolean;
  /**
   * Whether what fetches of other manifests left at the target is removed, though
   * not a week has gone by.
   *
   * @default {false}
   */
  clean?: boolean;
  /**
   * Told of the directory before it is put in place, for which it is waited:
   * who remembers its identity knows it again, whatever ends the fetch then.
   */
  onInstalling?: (coming: InstalledDir) => unknown;
  /**
   * Told when the directory is in place; what it has replaced is removed only
   * then, and the fetch, which awaits it, may still fail as `interrupted`. The
   * manifest is what it was made of, in memory that must not be changed.
   */
  onInstalled?: (installed: InstalledDir, manifest: Uint8Array) => unknown;
}

/** A directory that a fetch has put in place, or is about to. */
export interface InstalledDir {
  /** Where it is, links in what is above it resolved. */
  path: string;
  /** Tells it from others at this path; for `former` of a later fetch. */
  identity: TargetIdentity;
  /** BLAKE3 of the manifest that it was made of. */
  manifestHash: Uint8Array;
}

/** What `fetchDir` did. */
export interface FetchDirResult extends FetchTotals, InstalledDir {
  /** Whether the directory was put in place in one step. */
  atomic: boolean;
  /** Regular files in the tree. */
  files: number;
  /** Directories in the tree, its root not counted. */
  dirs: number;
  /** Symbolic links in the tree. */
  symlinks: number;
  /**
   * Time of it for which there was something to verify and write, in
   * milliseconds.
   */
  landingMs: number;
  /** Files that were there already, at the same path with the same content. */
  filesUnchanged: number;
  /**
   * Whether nothing at all was changed: what was there is what would have been
   * put in its place.
   */
  isLeftInPlace: boolean;
  /** The files that could not be had, with `keepGoing`. */
  failed: readonly FailedFile[];
  /** What to do about them, in one sentence, where that is known. */
  failedHint?: string;
  /** What the user should know, for example a link that could not be made. */
  warnings: readonly string[];
}
