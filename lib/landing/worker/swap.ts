/**
 * Installing a finished tree under its name, and undoing it.
 *
 * Two renames cannot be one system call here, so there is an instant in which
 * the target is absent while the old tree stands beside it as
 * `.<base>.replaced_<16 hex>`. A process killed in that instant leaves it so;
 * {@linkcode repairSwap} puts the old tree back before the next landing starts.
 */

import { IoError, type TransferError } from "../../errors.ts";
import { attempt, ioErrorOf, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { quoteText } from "../../text/escape.ts";
import { removeTree } from "./remove_tree.ts";
import { joinPath, type Target } from "./target.ts";
import { besideName } from "./temp_names.ts";

/** The file operations a swap needs, so that each can fail in a test. */
export interface SwapOperations {
  /** Whether anything is there; a dangling link is something. */
  exists(path: string): boolean;
  /** Whether it is there and belongs to us. */
  isOurs(path: string): boolean;
  /** The names in a directory. */
  list(dir: string): Iterable<string>;
  /** Renames, replacing nothing that holds anything. */
  rename(from: string, to: string): void;
  /** Removes a file, a link (never what it points to) or a whole tree. */
  remove(path: string): void;
  /** Makes renames in a directory durable, where that is asked for. */
  sync(dir: string): void;
  /** Sixteen random hex digits. */
  token(): string;
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
    *list(dir) {
      for (const entry of Deno.readDirSync(dir)) yield entry.name;
    },
    rename: (from, to) => Deno.renameSync(from, to),
    remove: removeTree,
    sync,
    token: randomToken,
  };
}

const BACKUP_TRIES = 8;

/**
 * Puts `temp` in the target's place.
 *
 * Whatever the target is, a link too, is moved aside, then removed once the new
 * tree is in place. When the tree cannot be moved in, the old one is restored.
 *
 * @param ops How files are moved.
 * @param target Where.
 * @param temp A finished tree, a sibling of the target.
 * @returns Sentences for the user: an old tree that could not be removed.
 * @throws {IoError} With the fields `target_state` (`untouched`,
 * `restored`, `absent`, or `replaced` when only a sync failed) and, when the old
 * tree stays beside the target, `kept`, its path.
 */
export function swapIn(
  ops: SwapOperations,
  target: Target,
  temp: string,
): string[] {
  const { out } = target;
  if (!ops.exists(out)) {
    attempt("install", out, () => ops.rename(temp, out), {
      target_state: "untouched",
    });
    attempt("sync", target.parent, () => ops.sync(target.parent), {
      target_state: "replaced",
    });
    return [];
  }
  const backup = attempt("move aside", out, () => moveAside(ops, target), {
    target_state: "untouched",
  });
  try {
    ops.rename(temp, out);
  } catch (error) {
    throw moveBack(ops, backup, out, error);
  }
  attempt("sync", target.parent, () => ops.sync(target.parent), {
    target_state: "replaced",
    kept: backup,
  });
  try {
    ops.remove(backup);
  } catch (error) {
    const why = ioErrorOf(error, "remove", backup).message;
    return [`the old tree stays behind as ${quoteText(backup)}: ${why}`];
  }
  return [];
}

/**
 * Repairs what a process killed between the two renames of {@linkcode swapIn}
 * left: where the target is absent and exactly one old tree of ours stands
 * beside it, that is put back. Where there are several nobody can tell which is
 * the right one, and they are left alone.
 *
 * @param ops How files are moved.
 * @param target Which target.
 * @returns Sentences for the user about what was found.
 * @throws {IoError} When the old tree cannot be put back.
 */
export function repairSwap(ops: SwapOperations, target: Target): string[] {
  const { out } = target;
  if (ops.exists(out)) return [];
  const start = backupPrefix(target);
  const backups: string[] = [];
  for (const name of ops.list(target.parent)) {
    if (!name.startsWith(start)) continue;
    if (!/^[0-9a-f]{16}$/.test(name.slice(start.length))) continue;
    const path = joinPath(target.parent, name);
    if (ops.isOurs(path)) backups.push(path);
  }
  if (backups.length === 0) return [];
  if (backups.length > 1) {
    return [
      `${quoteText(out)} is absent and ${backups.length} old trees stand ` +
      `beside it as ${quoteText(start + "…")}: look which one you need`,
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

function backupPrefix(target: Target): string {
  return besideName(target.base, ".replaced_");
}

function moveAside(ops: SwapOperations, target: Target): string {
  const { out } = target;
  for (let tries = 0; tries < BACKUP_TRIES; tries++) {
    const name = backupPrefix(target) + ops.token();
    const backup = joinPath(target.parent, name);
    if (ops.exists(backup)) continue;
    ops.rename(out, backup);
    return backup;
  }
  throw new IoError(
    `no free name to move ${quoteText(out)} to after ${BACKUP_TRIES} tries`,
    { fields: { path: out, target_state: "untouched" } },
  );
}

function moveBack(
  ops: SwapOperations,
  backup: string,
  out: string,
  cause: unknown,
): TransferError {
  try {
    ops.rename(backup, out);
  } catch (error) {
    const first = ioErrorOf(cause, "install", out);
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
  return ioErrorOf(cause, "install", out, { target_state: "restored" });
}
