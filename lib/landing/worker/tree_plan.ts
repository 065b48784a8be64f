/** What a directory manifest asks for, decided before anything is made. */

import {
  blobRefSize,
  checkManifest,
  checkManifestPath,
  compareUtf8,
  decodeBlobRef,
  type DirEntryKind,
  indexDirEntries,
  limitsNames,
  type NameRules,
  pathFolding,
  type PathPlatform,
  PathTable,
  readDirEntries,
} from "../../content/mod.ts";
import {
  ManifestError,
  PermissionError,
  RefError,
  UnsafePathError,
} from "../../errors.ts";
import { CHUNK_MAX, DIR_PATH_MAX } from "../../limits.ts";
import { quoteText } from "../../text/escape.ts";
import { linksThatLeave } from "./link_policy.ts";
import { pathBytes } from "./path_lengths.ts";
import { directoryMode, PlannedFiles } from "./planned_files.ts";
import type { TreeCounts, TreeLink, TreeRequest } from "./worker_protocol.ts";

/** The path of a directory, and its mode where one is listed. */
export type PlannedDirectory = [path: string, mode: number | undefined];

/** A whole tree to make; nothing in it is hostile any more. */
export interface TreePlan {
  /** The files by their index in the manifest. */
  files: PlannedFiles;
  /** Directories, listed or implied, each after its parent, with their modes. */
  dirs: PlannedDirectory[];
  /** Links to make. */
  links: TreeLink[];
  /** What it comes to. */
  counts: TreeCounts;
  /** The path with the most bytes. */
  longest: string;
  /** Sentences for the user. */
  warnings: string[];
}

/** What of a request decides the plan. */
export type PlanOptions = Pick<
  TreeRequest,
  "manifest" | "links" | "preserveSetid" | "canLink"
>;

/** What a checked manifest comes to. */
export interface TreeSummary extends Pick<TreePlan, "counts" | "warnings"> {
  /** Whether its entries have the order in which trees are listed. */
  isSorted: boolean;
}

/**
 * Decodes a manifest and checks all of it, for a tree that is not made here
 * and now.
 *
 * @param options The manifest and what would be made of it.
 * @returns What its tree would hold.
 * @throws As {@linkcode planTree}.
 */
export function checkTree(
  options: Pick<TreeRequest, "manifest" | "links">,
): TreeSummary {
  // The format goes first: a broken manifest is that, whatever its paths.
  indexDirEntries(options.manifest);
  checkPaths(options.manifest);
  let isSorted = true;
  let last: string | undefined;
  const { counts, warnings } = judge({ ...options, canLink: true }, (path) => {
    if (last !== undefined && compareUtf8(last, path) >= 0) isSorted = false;
    last = path;
  });
  return { counts, warnings, isSorted };
}

/**
 * Decodes a manifest and checks all of it.
 *
 * @param options The manifest and what to make of it.
 * @returns The plan.
 * @throws {ManifestError} When it, or a reference in it, breaks the format.
 * @throws {UnsafePathError} When a path would leave the tree or collide in it,
 * or, with `links: "inside"`, a link would lead out of it.
 * @throws {PermissionError} When it holds links and the process cannot make
 * any.
 */
export function planTree(options: PlanOptions): TreePlan {
  const bits = options.preserveSetid ? 0o7777 : 0o777;
  const files = new PlannedFiles(options.manifest, bits);
  checkPaths(options.manifest);
  const dirs: PlannedDirectory[] = [];
  const table = new PathTable();
  const judged = judge(options, (path, kind) => {
    const isDirectory = kind.type === "dir";
    const end = isDirectory ? path.length : path.lastIndexOf("/");
    if (end < 0) return;
    const directory = path.slice(0, end);
    // Numbers are given one after another, so they are rows of the list.
    const known = table.locate(directory);
    const id = table.extend(directory, known, (_, nameEnd) => {
      dirs.push([directory.slice(0, nameEnd), undefined]);
    });
    if (!isDirectory) return;
    dirs[id - 1][1] = directoryMode(kind.mode, options.preserveSetid);
  });
  return { files, dirs, ...judged };
}

/**
 * Checks a plan again, with the names that the target's file system has:
 * before, only those of the platform were known.
 *
 * @param options The manifest and what is made of it.
 * @param plan What {@linkcode planTree} made of it.
 * @param rules What the file system makes of names.
 * @throws {UnsafePathError} When two entries are one there, a name cannot be,
 * or, with `links: "inside"`, a link leads out under another spelling.
 */
export function checkNames(
  { manifest, links }: Pick<PlanOptions, "manifest" | "links">,
  plan: Pick<TreePlan, "links">,
  rules: NameRules,
): void {
  const fold = pathFolding(rules);
  if (fold === undefined && !limitsNames(rules)) return;
  try {
    checkManifest(readDirEntries(manifest), rules);
  } catch (error) {
    if (!(error instanceof UnsafePathError)) throw error;
    throw new UnsafePathError(error.message, {
      cause: error,
      hint: "choose a target on another file system, leave it out with " +
        "--exclude, or fetch the rest with --keep-going",
      fields: { ...error.fields },
    });
  }
  if (links === "inside") refuseLeaving(linksThatLeave(plan.links, fold));
}

/**
 * Checks all paths. The manifest is read again for each purpose: decoded as a
 * whole, a million entries would take hundreds of megabytes.
 */
function checkPaths(manifest: Uint8Array): void {
  checkManifest(readDirEntries(manifest), pathPlatform());
}

/**
 * Checks each entry, then the links against each other.
 *
 * @param visit Gets each entry when it is checked, with its path normalized.
 */
function judge(
  options: Omit<PlanOptions, "preserveSetid">,
  visit: (path: string, kind: DirEntryKind) => void,
): Pick<TreePlan, "links" | "counts" | "longest" | "warnings"> {
  const links: TreeLink[] = [];
  let longest = "";
  let longestBytes = 0;
  const counts: TreeCounts = { files: 0, dirs: 0, symlinks: 0, bytes: 0n };
  for (const { path: listed, kind } of readDirEntries(options.manifest)) {
    const path = checkManifestPath(listed).join("/");
    switch (kind.type) {
      case "file":
        counts.bytes += checkReference(path, kind.blob);
        counts.files++;
        break;
      case "dir":
        counts.dirs++;
        break;
      case "symlink":
        if (options.links !== "skip") {
          links.push({ path, target: checkLinkText(path, kind.target) });
        }
        break;
    }
    visit(path, kind);
    // A UTF-16 unit is at most three bytes.
    if (3 * path.length > longestBytes) {
      const bytes = pathBytes(path);
      if (bytes > longestBytes) [longest, longestBytes] = [path, bytes];
    }
  }
  counts.symlinks = links.length;
  return { links, counts, longest, warnings: judgeLinks(links, options) };
}

/** Whose rules names have here, whatever the file system. */
export function pathPlatform(): PathPlatform {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "posix";
}

/** Returns the declared size. */
function checkReference(path: string, blob: Uint8Array): bigint {
  let ref;
  try {
    ref = decodeBlobRef(blob);
  } catch (error) {
    if (!(error instanceof RefError)) throw error;
    throw badEntry(path, error.message);
  }
  if (ref === undefined) throw badEntry(path, "has no blob ref");
  const size = blobRefSize(ref);
  if (ref.kind === "small" && size > BigInt(CHUNK_MAX)) {
    throw badEntry(
      path,
      `is one chunk of ${size} bytes, and none is longer than ${CHUNK_MAX}`,
    );
  }
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw badEntry(path, `declares ${size} bytes, more than a file can have`);
  }
  return size;
}

function checkLinkText(path: string, target: string): string {
  if (target === "" || target.includes("\0")) {
    throw badEntry(path, "is a link to no possible name");
  }
  if (new TextEncoder().encode(target).length >= DIR_PATH_MAX) {
    throw badEntry(path, "is a link to a name that is too long");
  }
  return target;
}

function refuseLeaving(leaving: TreeLink[]): void {
  if (leaving.length === 0) return;
  const [{ path, target }] = leaving;
  throw new UnsafePathError(
    `dir transfer: the link ${quoteText(path)} -> ${quoteText(target)} ` +
      "leads out of the tree",
    {
      hint: "--links keep makes it all the same, --links skip leaves all " +
        "links out",
      fields: { path, target },
    },
  );
}

/** Returns sentences for the user. */
function judgeLinks(
  links: TreeLink[],
  options: Pick<PlanOptions, "links" | "canLink">,
): string[] {
  if (links.length === 0) return [];
  const fold = pathFolding(pathPlatform());
  const leaving = linksThatLeave(links, fold);
  if (options.links === "inside") refuseLeaving(leaving);
  if (!options.canLink) {
    throw new PermissionError(
      `the tree holds ${links.length} symbolic links, and this process ` +
        "may not make any: run with unscoped --allow-read and --allow-write",
      {
        hint: "or leave them out with --links skip",
        fields: { links: links.length },
      },
    );
  }
  if (leaving.length === 0) return [];
  return [
    `${leaving.length} of ${links.length} symbolic links lead out of the ` +
    `tree, the first is ${quoteText(leaving[0].path)}`,
  ];
}

function badEntry(path: string, reason: string): ManifestError {
  return new ManifestError(
    `dir transfer: bad manifest: entry ${quoteText(path)} ${reason}`,
    { fields: { path } },
  );
}
