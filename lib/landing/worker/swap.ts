/**
 * Installing a finished tree under its name, and undoing it.
 *
 * What a crash can leave is decided by the order of the steps, and by names
 * that say how far a run has come (`leftovers.ts`):
 *
 * 1. The new tree is whole under a name of its own; with `fsync` each file, then
 *    each directory, then the tree itself is on the disk. A crash leaves the old
 *    tree in place and garbage beside it.
 * 2. The old tree is renamed aside. Two renames cannot be one system call here,
 *    so for an instant the target is absent. A crash leaves it so, and
 *    {@linkcode repairSwap} puts the old tree, which is whole, back.
 * 3. The new tree is renamed into its place, and with `fsync` the parent is
 *    synced: from here on the new tree is there after a power failure, too. A
 *    crash leaves both whole; the next run removes the old one, once its own
 *    tree is in place.
 * 4. Only then the old tree gets the name of what is being removed, which with
 *    `fsync` is synced again, and only after that its first file goes. So what
 *    is put back in 2 has always been whole.
 *
 * Where a rename cannot be relied on, the new tree is looked at in its place,
 * and put aside again when something of it is lost; so is the old one when it is
 * moved aside. What a crash leaves is what it leaves in 2 or 3.
 *
 * Without `fsync` nothing is waited for. File systems with a journal keep the
 * order of these names all the same; what they may lose is the content of files
 * written last.
 */

import { type ErrorField, IoError, TransferError } from "../../errors.ts";
import { lostInRename } from "../../os/lost_content.ts";
import { attempt, ioErrorOf, isOsError, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { quoteText } from "../../text/escape.ts";
import { type LeftoverOperations, leftoverPath } from "./leftovers.ts";
import type { Target } from "./target.ts";

/** The file operations a swap needs, so that each can fail in a test. */
export interface SwapOperations extends LeftoverOperations {
  /** Whether anything is there; a dangling link is something. */
  exists(path: string): boolean;
  /** Renames, replacing nothing that holds anything. */
  rename(from: string, to: string): void;
  /** Makes renames in a directory durable, where that is asked for. */
  sync(dir: string): void;
  /** Sixteen random hex digits. */
  token(): string;
}

/**
 * Looks whether a tree is whole where it is now, and throws when it is not.
 * None where a rename can be relied on.
 */
export type TreeLook = (path: string) => void;

/** What {@linkcode swapIn} did. */
export interface Swapped {
  /** What is to be removed, under names that say so. */
  old: string[];
  /** Sentences for the user. */
  warnings: string[];
}

/**
 * The operations on the real disk.
 *
 * @param uid Our owner on this file system.
 * @param sync Makes renames in a directory durable, where that is asked for.
 */
export function swapOperations(
  uid: number | null,
  sync: SwapOperations["sync"],
): SwapOperations {
  return {
    exists: (path) => lookAt(path) !== undefined,
    isOurs: (path) => lookAt(path)?.uid === uid,
    list: (dir) =>
      attempt(
        "list",
        dir,
        () => Array.from(Deno.readDirSync(dir), ({ name }) => name),
      ),
    rename: (from, to) => Deno.renameSync(from, to),
    sync,
    token: randomToken,
  };
}

const NAME_TRIES = 8;

/**
 * Puts `temp` in the target's place.
 *
 * Whatever the target is, a link too, is moved aside. When the tree cannot be
 * moved in, the old one is restored.
 *
 * @param ops How files are moved.
 * @param target Where.
 * @param temp A finished tree, a sibling of the target.
 * @param look Looks at it again when it is in its place.
 * @returns What is to be removed, under a name that says so.
 * @throws {IoError} With the fields `target_state` (`untouched`,
 * `restored`, `absent`, `lost` when the file system lost the old tree, too, or
 * `replaced` when only a sync failed) and, when the old
 * tree stays beside the target, `kept`, its path.
 */
export function swapIn(
  ops: SwapOperations,
  target: Target,
  temp: string,
  look?: TreeLook,
): Swapped {
  const { out, parent } = target;
  const place = () => {
    ops.rename(temp, out);
    if (look !== undefined) lookOrTakeBack(ops, temp, out, look);
  };
  if (!ops.exists(out)) {
    try {
      place();
    } catch (error) {
      throw withState(ioErrorOf(error, "install", out), "untouched");
    }
    syncReplaced(() => ops.sync(parent), parent);
    return { old: [], warnings: [] };
  }
  const before = look === undefined ? 0 : entriesOf(ops, out);
  const backup = attempt(
    "move aside",
    out,
    () => move(ops, target, out, "replaced"),
    { target_state: "untouched" },
  );
  try {
    requireEntries(ops, backup, before);
    place();
  } catch (error) {
    throw moveBack(ops, backup, out, error, before);
  }
  syncReplaced(() => ops.sync(parent), parent, { kept: backup });
  try {
    return { old: [markForRemoval(ops, target, backup)], warnings: [] };
  } catch (error) {
    return { old: [], warnings: [staysBehind(backup, error)] };
  }
}

/** Looks at the tree in its place, which becomes free again when it is not whole. */
function lookOrTakeBack(
  ops: SwapOperations,
  temp: string,
  out: string,
  look: TreeLook,
): void {
  try {
    look(out);
  } catch (error) {
    ops.rename(out, temp);
    throw error;
  }
}

/** How many entries a tree has at its top; a file or a link has none. */
function entriesOf(ops: SwapOperations, path: string): number {
  try {
    return ops.list(path).length;
  } catch (error) {
    const cause = error instanceof IoError ? error.cause : error;
    if (isOsError(cause)) return 0;
    throw error;
  }
}

function requireEntries(
  ops: SwapOperations,
  path: string,
  count: number,
): void {
  const found = count === 0 ? 0 : entriesOf(ops, path);
  if (found >= count) return;
  throw lostInRename(path, `${found} of ${count} entries are there`);
}

/**
 * Gives a tree beside a target the name of what is being removed.
 *
 * @param ops How files are moved.
 * @param target The target.
 * @param path The tree; one that has such a name keeps it.
 * @returns Its new path.
 * @throws {IoError} When it cannot be renamed.
 */
export function markForRemoval(
  ops: SwapOperations,
  target: Target,
  path: string,
): string {
  const marked = attempt(
    "rename",
    path,
    () => move(ops, target, path, "removing"),
  );
  try {
    ops.sync(target.parent);
  } catch (error) {
    throw withFields(ioErrorOf(error, "sync", target.parent), { kept: marked });
  }
  return marked;
}

/** Says that a tree could not be removed. */
export function staysBehind(path: string, error: unknown): string {
  const { message, fields: { kept } } = ioErrorOf(error, "remove", path);
  const where = typeof kept === "string" ? kept : path;
  return `the old tree stays behind as ${quoteText(where)}: ${message}`;
}

/**
 * Makes it durable that a target was replaced.
 *
 * @param sync How.
 * @param dir The directory whose names have changed.
 * @param fields More structured facts for the error.
 * @throws {IoError} When that fails; it says that the target was replaced.
 */
export function syncReplaced(
  sync: () => void,
  dir: string,
  fields: Record<string, ErrorField> = {},
): void {
  try {
    sync();
  } catch (error) {
    const failure = ioErrorOf(error, "sync", dir);
    throw withFields(failure, { ...fields, target_state: "replaced" });
  }
}

/**
 * Repairs what a process killed between the two renames of {@linkcode swapIn}
 * left: where the target is absent and exactly one old tree of ours stands
 * beside it, that is put back. Where there are several nobody can tell which is
 * the right one, and they are left alone.
 *
 * @param ops How files are moved.
 * @param target Which target.
 * @param backups Old trees of ours that were moved aside.
 * @returns Sentences for the user about what was found.
 * @throws {IoError} When the old tree cannot be put back.
 */
export function repairSwap(
  ops: SwapOperations,
  target: Target,
  backups: readonly string[],
): string[] {
  const { out } = target;
  if (backups.length === 0 || ops.exists(out)) return [];
  if (backups.length > 1) {
    const start = leftoverPath(target, "replaced", "…");
    return [
      `${quoteText(out)} is absent and ${backups.length} old trees stand ` +
      `beside it as ${quoteText(start)}: look which one you need`,
    ];
  }
  attempt("restore", out, () => ops.rename(backups[0], out), {
    kept: backups[0],
  });
  return [
    `an earlier run was stopped while it replaced ${quoteText(out)}: the old ` +
    "tree was put back first",
  ];
}

/** Renames to a free name beside the target. */
function move(
  ops: SwapOperations,
  target: Target,
  from: string,
  kind: "replaced" | "removing",
): string {
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    const to = leftoverPath(target, kind, ops.token());
    if (ops.exists(to)) continue;
    ops.rename(from, to);
    return to;
  }
  throw new IoError(
    `no free name to move ${quoteText(from)} to after ${NAME_TRIES} tries`,
    { fields: { path: from, target_state: "untouched" } },
  );
}

function moveBack(
  ops: SwapOperations,
  backup: string,
  out: string,
  cause: unknown,
  count: number,
): TransferError {
  const first = ioErrorOf(cause, "install", out);
  try {
    ops.rename(backup, out);
  } catch (error) {
    const second = ioErrorOf(error, "restore", out);
    return new IoError(
      `${first.message}; then ${second.message}; the old tree is kept as ` +
        `${quoteText(backup)}, and the next run puts it back`,
      {
        cause: new AggregateError([cause, error]),
        fields: { path: out, target_state: "absent", kept: backup },
      },
    );
  }
  try {
    requireEntries(ops, out, count);
  } catch (error) {
    return withState(ioErrorOf(error, "restore", out), "lost");
  }
  return withState(first, "restored");
}

/**
 * An error with what has become of the target.
 *
 * @param error Why the tree is not in place.
 * @param target_state What is there now.
 */
export function withState(
  error: TransferError,
  target_state: "untouched" | "restored" | "lost",
): TransferError {
  return withFields(error, { target_state });
}

/** An error with more structured facts. */
function withFields(
  error: TransferError,
  more: Record<string, ErrorField>,
): TransferError {
  const { kind, message, hint, cause } = error;
  const fields = { ...error.fields, ...more };
  const options = { cause, hint, fields };
  return error instanceof IoError
    ? new IoError(message, options)
    : new TransferError(kind, message, options);
}
