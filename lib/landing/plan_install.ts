/**
 * How a tree can be put in place at a target, found out before anything is
 * fetched.
 */

import { ExistsError, PermissionError } from "../errors.ts";
import { attempt, lookAt, osErrorCode } from "../os/os_error.ts";
import { randomToken } from "../os/random_token.ts";
import { quoteText } from "../text/escape.ts";
import { mountBelow, mountPoints } from "../os/mounts.ts";
import { volumeOf } from "../os/volume.ts";
import { currentDirectory } from "./resolve_target.ts";
import { removeProbe } from "./worker/probe_removal.ts";
import { joinPath, type Target } from "./worker/target.ts";
import { besideName } from "./worker/temp_names.ts";

/** How a tree is put in place. */
export interface InstallPlan {
  /** By renames beside the target, or by an exchange of its entries. */
  readonly install: "rename" | "in_place";
  /** Whether the target is the top of a volume. */
  readonly isVolume: boolean;
  /** What the user should know of it. */
  readonly warnings: readonly string[];
}

/** What is asked of {@linkcode planInstall}. */
export interface InstallWish {
  /**
   * Whether the target itself is to stay, and its entries are exchanged.
   *
   * @default {false}
   */
  inPlace?: boolean;
  /**
   * Whether nothing may be made to find out.
   *
   * @default {false}
   */
  lookOnly?: boolean;
}

const BY_RENAME: InstallPlan = {
  install: "rename",
  isVolume: false,
  warnings: [],
};

/** Codes of the rename of a directory over one that is not empty. */
const MOVABLE: ReadonlySet<string> = new Set(["EEXIST", "ENOTEMPTY"]);
const NOT_ALLOWED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * Decides how a tree is put in place, and refuses a target that cannot be
 * replaced, or in which something is mounted: that would be removed with it.
 *
 * @param target The target.
 * @param wish What is wanted.
 * @throws {ExistsError} When it cannot be replaced.
 */
export async function planInstall(
  target: Target,
  { inPlace = false, lookOnly = false }: InstallWish = {},
): Promise<InstallPlan> {
  const { out, parent } = target;
  const seen = lookAt(out);
  if (seen?.isDirectory !== true) return BY_RENAME;
  const points = await mountPoints();
  const inner = mountBelow(points ?? [], out) ??
    (points !== undefined && await isOfOnePart(out)
      ? undefined
      : await deviceBelow(out, seen.dev));
  if (inner !== undefined) throw mountedInside(out, inner);
  const isMount = points?.includes(out);
  const isVolume = isMount ?? isOtherDevice(parent, seen.dev);
  if (inPlace) return { install: "in_place", isVolume, warnings: [] };
  if (isMount) throw mountPoint(out);
  if (currentDirectory() === out) {
    // Whoever stands in it would stand in nothing.
    const warning =
      `${quoteText(out)} is the current directory and stays: its entries ` +
      "are exchanged one by one";
    const isEmpty = Deno.readDirSync(out)[Symbol.iterator]().next().done;
    return {
      install: "in_place",
      isVolume,
      warnings: isEmpty ? [] : [warning],
    };
  }
  const code = lookOnly ? undefined : probeRename(target);
  if (code === "EBUSY") throw mountPoint(out);
  if (code !== undefined && NOT_ALLOWED.has(code)) throw notOurs(target);
  if (code !== "EXDEV") return BY_RENAME;
  return {
    install: "in_place",
    isVolume: false,
    warnings: [
      `${quoteText(out)} is of a lower layer (overlayfs) and cannot be ` +
      "renamed: its entries are exchanged one by one instead",
    ],
  };
}

/**
 * Whether all below a directory has its device unless something is mounted there:
 * then nobody has to look at each directory. On file systems of other machines
 * theirs may be mounted.
 */
async function isOfOnePart(out: string): Promise<boolean> {
  const { kind, hasSubvolumes } = await volumeOf(out);
  return kind === "local" && hasSubvolumes === false;
}

/** Not where the process may not look: then it may not rename there, either. */
function isOtherDevice(path: string, dev: number): boolean {
  try {
    return lookAt(path)?.dev !== dev;
  } catch (error) {
    if (error instanceof PermissionError) return false;
    throw error;
  }
}

/**
 * Finds the first directory of another device below one: a mount where the
 * system tells of none, or a subvolume.
 */
async function deviceBelow(
  root: string,
  dev: number,
): Promise<string | undefined> {
  const pending = [root];
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(dir)) {
        if (!isDirectory) continue;
        const path = joinPath(dir, name);
        const seen = lookAt(path);
        if (seen === undefined) continue;
        if (seen.dev !== dev) return path;
        pending.push(path);
      }
    } catch {
      // What may not be read, or is gone, is met again when it is removed.
    }
  }
  return undefined;
}

/**
 * Tries to rename the target over a directory that is not empty, which no
 * system does: it says only whether that is what is in the way. All names are
 * below a parent that was judged before, so that nobody else changes them
 * meanwhile.
 *
 * @returns The code of what else is in the way.
 */
function probeRename(target: Target): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  const { out, parent, base } = target;
  const name = besideName(base, `.probe_${randomToken()}`);
  const probe = joinPath(parent, name);
  try {
    Deno.mkdirSync(probe, { mode: 0o700 });
  } catch (error) {
    return osErrorCode(error);
  }
  try {
    Deno.mkdirSync(joinPath(probe, "full"), { mode: 0o700 });
    Deno.renameSync(out, probe);
  } catch (error) {
    const code = osErrorCode(error);
    const isAnswer = code !== undefined && !MOVABLE.has(code) &&
      renamesOwnWith(probe) !== code;
    removeProbe(
      probe,
      parent,
      () => Deno.removeSync(probe, { recursive: true }),
    );
    return isAnswer ? code : undefined;
  }
  // One that does it all the same has it put back.
  attempt("put back", out, () => Deno.renameSync(probe, out));
  return undefined;
}

/**
 * Tries the same with a directory of our own: SFTP, for one, has a single code
 * for all that fails, which then says nothing.
 *
 * @param full A directory that is not empty.
 * @returns The code.
 */
function renamesOwnWith(full: string): string | undefined {
  const own = joinPath(full, "own");
  const other = joinPath(full, "other");
  try {
    Deno.mkdirSync(own, { mode: 0o700 });
    const options = { recursive: true, mode: 0o700 };
    Deno.mkdirSync(joinPath(other, "full"), options);
    Deno.renameSync(own, other);
    return undefined;
  } catch (error) {
    return osErrorCode(error);
  }
}

function mountedInside(out: string, inner: string): ExistsError {
  return new ExistsError(
    `Cannot replace ${quoteText(out)}: another file system is mounted in it, ` +
      `at ${quoteText(inner)}`,
    {
      hint: "unmount it, or choose another target",
      fields: { path: out, mounted: inner },
    },
  );
}

function mountPoint(out: string): ExistsError {
  return new ExistsError(
    `Cannot replace ${quoteText(out)}: it is a mount point, which cannot be ` +
      "renamed",
    {
      hint: "fill it with --in-place, or choose a path below it",
      fields: { path: out },
    },
  );
}

function notOurs({ out, parent }: Target): ExistsError {
  return new ExistsError(
    `Cannot replace ${quoteText(out)}: ${quoteText(parent)}, the directory ` +
      "it is in, does not let it be renamed",
    {
      hint: "fill it with --in-place, or choose another target",
      fields: { path: out },
    },
  );
}
