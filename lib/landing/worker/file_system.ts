/**
 * What the file system of a target can do, found out in one place: asked for
 * where it may be asked, and else tried in a private directory beside the
 * target.
 *
 * What cannot be tried without harm or cost (locks, syncs) is left to the call
 * that needs it, and `isLacking` tells then whether the file system
 * is what is missing.
 */

import { TransferError } from "../../errors.ts";
import { isFailing } from "../../os/lacking.ts";
import { attempt, isOsError, lookAt, osErrorCode } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import type { VolumeKind } from "../../os/volume_kind.ts";
import { removeProbe } from "./probe_removal.ts";
import { joinPath, type Target } from "./target.ts";
import { besideName } from "./temp_names.ts";

/** What a file system does with what is written there. */
export interface FileSystemTraits {
  /** Who keeps the bytes. */
  readonly volume: VolumeKind;
  /** The owner it gives to what we make; `null` where files have none. */
  readonly uid: number | null;
  /** Whether it keeps the permission bits that it is given. */
  readonly keepsModes: boolean;
  /** Whether a file may have several names. */
  readonly hardLinks: boolean;
  /** Whether it takes names that differ by case only for the same. */
  readonly foldsCase: boolean;
  /** Whether it takes composed and decomposed letters for the same. */
  readonly foldsUnicode: boolean;
  /** Whether names have the rules of Windows: no `:`, no `?`. */
  readonly windowsNames: boolean;
  /** Whether dots and spaces at the end of a name are dropped. */
  readonly dropsDots: boolean;
  /** Whether it takes names of ASCII alone. */
  readonly asciiNames: boolean;
  /** Whether what is never written takes no room. */
  readonly holes: boolean;
  /** Whether a file keeps its inode number while nobody looks at it. */
  readonly stableInodes: boolean;
  /** Whether a directory still holds what was in it when it is renamed. */
  readonly keepsRenamed: boolean;
  /** Permission bits that a new file has if nothing is said; only the system knows. */
  readonly newFileMode: number;
}

/** The calls of a probe, so that each can answer otherwise in a test. */
export interface ProbeOperations {
  /** Makes a directory for us alone. */
  mkdir(path: string): void;
  /** Makes a new file of mode 0600 and tells its owner and mode. */
  create(path: string): Pick<Deno.FileInfo, "uid" | "mode">;
  /** Makes a new file without saying a mode, and tells which it has. */
  createPlain(path: string): number | null;
  /** Sets the mode and tells what it is then. */
  chmod(path: string, mode: number): number | null;
  /** Gives a file a second name. */
  link(from: string, to: string): void;
  /** Renames to where nothing is. */
  rename(from: string, to: string): void;
  /** The names in a directory. */
  list(path: string): string[];
  /** Whether anything is there. */
  exists(path: string): boolean;
  /** Makes a file longer without writing, and tells the blocks that it takes. */
  extend(path: string, size: number): number | null;
  /** Removes a directory with all in it. */
  remove(path: string): void;
}

/** The calls on the real disk. */
export const PROBE_OPERATIONS: ProbeOperations = {
  mkdir: (path) => Deno.mkdirSync(path, { mode: 0o700 }),
  create(path) {
    const options = { write: true, createNew: true, mode: 0o600 };
    using file = Deno.openSync(path, options);
    return file.statSync();
  },
  createPlain(path) {
    using file = Deno.openSync(path, { write: true, createNew: true });
    return file.statSync().mode;
  },
  chmod(path, mode) {
    Deno.chmodSync(path, mode);
    return Deno.lstatSync(path).mode;
  },
  link: (from, to) => Deno.linkSync(from, to),
  rename: (from, to) => Deno.renameSync(from, to),
  list: (path) => Array.from(Deno.readDirSync(path), ({ name }) => name),
  exists: (path) => lookAt(path) !== undefined,
  extend(path, size) {
    Deno.truncateSync(path, size);
    return Deno.lstatSync(path).blocks;
  },
  remove: (path) => Deno.removeSync(path, { recursive: true }),
};

const WINDOWS = Deno.build.os === "windows";

/** A file whose mode is not the default of any mount. */
const ODD_MODE = 0o710;
/** Length of a file without content: more than any file system keeps in a node. */
const HOLE_BYTES = 65_536;

/** Times a probe may be removed under us, by who has the target's lock. */
const TRIES = 3;

/**
 * Tries what the file system of a target can do, under names by which what a run
 * left that was killed meanwhile is found (`leftovers.ts`).
 *
 * @param target The target; the directory that holds it exists.
 * @param volume Who keeps the bytes.
 * @throws {IoError} When nothing can be made there.
 */
export function probeBeside(
  target: Pick<Target, "parent" | "base">,
  volume: VolumeKind,
): FileSystemTraits {
  const { parent, base } = target;
  for (let tries = 1;; tries++) {
    const name = besideName(base, `.probe_${randomToken()}`);
    const dir = joinPath(parent, name);
    try {
      return probeIn(dir, parent, volume, PROBE_OPERATIONS);
    } catch (error) {
      const isGone = osErrorCode(causeOf(error)) === "ENOENT";
      if (!isGone || tries === TRIES) throw error;
    }
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/**
 * Tries what the file system below a directory can do. About twenty calls, a
 * tenth of a millisecond on a disk of this machine.
 *
 * @param parent An existing directory that we may write to.
 * @param volume Who keeps the bytes.
 * @param ops The calls.
 * @throws {IoError} When nothing can be made in `parent`.
 */
export function probeFileSystem(
  parent: string,
  volume: VolumeKind,
  ops: ProbeOperations = PROBE_OPERATIONS,
): FileSystemTraits {
  const dir = joinPath(parent, `.probe_${randomToken()}`);
  return probeIn(dir, parent, volume, ops);
}

function probeIn(
  dir: string,
  parent: string,
  volume: VolumeKind,
  ops: ProbeOperations,
): FileSystemTraits {
  attempt("create a directory in", parent, () => ops.mkdir(dir));
  try {
    const name = joinPath(dir, "Case");
    const { uid } = attempt(
      "create a file in",
      parent,
      () => ops.create(name),
    );
    const composed = joinPath(dir, "\u00e9");
    const can = (does: () => boolean): boolean => {
      try {
        return does();
      } catch (error) {
        if (isOsError(error) || error instanceof TransferError) return false;
        throw error;
      }
    };
    const newFileMode = attempt(
      "create a file in",
      parent,
      () => ops.createPlain(joinPath(dir, "plain")),
    );
    return {
      volume,
      uid,
      newFileMode: (newFileMode ?? 0o600) & 0o777,
      keepsModes: !WINDOWS &&
        attempt("set the mode of", name, () => keepsModes(name, ops)),
      hardLinks: can(() => (ops.link(name, joinPath(dir, "link")), true)),
      foldsCase: can(() => ops.exists(joinPath(dir, "cASE"))),
      asciiNames: !can(() => (ops.create(composed), true)),
      foldsUnicode: can(() => ops.exists(joinPath(dir, "e\u0301"))),
      windowsNames: !can(() => (ops.create(joinPath(dir, "a:b")), true)),
      dropsDots: can(() => {
        ops.create(joinPath(dir, "dot."));
        return ops.exists(joinPath(dir, "dot"));
      }),
      holes: can(() => ops.extend(name, HOLE_BYTES) === 0),
      stableInodes: volume !== "user_space",
      keepsRenamed: volume === "local" || keepsRenamed(dir, ops),
    };
  } finally {
    removeProbe(dir, parent, () => ops.remove(dir));
  }
}

/**
 * Sets a mode. A disk that fails has modes all the same, and the tree would be
 * made without them.
 */
function keepsModes(path: string, { chmod }: ProbeOperations): boolean {
  try {
    return ((chmod(path, ODD_MODE) ?? 0) & 0o777) === ODD_MODE;
  } catch (error) {
    if (isOsError(error) && !isFailing(error)) return false;
    throw error;
  }
}

/**
 * Renames a directory with a file in it. It is listed then, as the system may
 * answer from memory for what it has seen there. A rename that fails loses
 * nothing: whoever needs one is told.
 */
function keepsRenamed(dir: string, ops: ProbeOperations): boolean {
  const [from, to] = ["from", "to"].map((name) => joinPath(dir, name));
  try {
    ops.mkdir(from);
    ops.create(joinPath(from, "file"));
    ops.rename(from, to);
  } catch (error) {
    if (isOsError(error)) return true;
    throw error;
  }
  return attempt("list", dir, () => ops.list(to)).includes("file");
}
