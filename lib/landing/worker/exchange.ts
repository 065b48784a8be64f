/**
 * Exchanging the entries of a directory that itself stays: old ones go out to a
 * directory inside it, new ones come in from another.
 *
 * No step of it is the one that decides, so a journal does. What is to be
 * exchanged is written down and is on the disk before the first entry moves,
 * and it is written down when the new tree is whole. So from the journal on the
 * exchange can always be finished, by {@linkcode finishExchange} of this or any
 * later run: what is still to be done shows by where each entry is. Without a
 * journal nothing has moved.
 */

import { IoError } from "../../errors.ts";
import { quoteText } from "../../text/escape.ts";
import { joinPath } from "./target.ts";

/** The file operations of an exchange, so that each can fail in a test. */
export interface ExchangeOperations {
  /** What is there: a link is a file. */
  kindOf(path: string): "directory" | "file" | undefined;
  /**
   * Whether a path is a directory of ours or root's in which nobody else may
   * change a name, if nobody can give its own name to something else.
   */
  isClosed(path: string): boolean;
  /** The names in a directory. */
  list(dir: string): string[];
  /**
   * Renames where nothing is.
   *
   * @returns Whether it could be; a directory of another layer cannot.
   */
  tryRename(from: string, to: string): boolean;
  /** Makes a directory with the access of another. */
  makeLike(path: string, like: string): void;
  /** Removes an empty directory. */
  removeEmpty(path: string): void;
}

/** What is exchanged. */
export interface Exchange {
  /** The directory whose entries are exchanged. */
  readonly directory: string;
  /** The directory inside it that holds the new ones. */
  readonly fresh: string;
  /** The directory inside it that takes the old ones. */
  readonly aside: string;
  /** Names of the old entries. */
  readonly oldNames: readonly string[];
  /** Names of the new entries. */
  readonly newNames: readonly string[];
}

/**
 * Exchanges what has not been yet, name by name, so that each is absent for as
 * short as can be.
 *
 * @param ops How entries move.
 * @param exchange What is exchanged.
 * @throws Whatever an operation throws; it can be called again, or undone.
 */
export function finishExchange(
  ops: ExchangeOperations,
  exchange: Exchange,
): void {
  const { directory, fresh, aside, oldNames, newNames } = exchange;
  const isNew = new Set(newNames);
  const isOld = new Set(oldNames);
  for (const name of oldNames) {
    if (isNew.has(name)) continue;
    // What is of the name of a file that went is somebody else's.
    if (ops.kindOf(joinPath(aside, name)) === "file") continue;
    move(ops, directory, aside, name);
  }
  for (const name of newNames) {
    if (ops.kindOf(joinPath(fresh, name)) === undefined) continue;
    // The new one is still to come, so what is there is the old one.
    if (isOld.has(name)) move(ops, directory, aside, name);
    move(ops, fresh, directory, name);
  }
}

/**
 * Puts all entries back where they were.
 *
 * @param ops How entries move.
 * @param exchange What was exchanged, in whole or in part.
 * @throws Whatever an operation throws.
 */
export function undoExchange(
  ops: ExchangeOperations,
  exchange: Exchange,
): void {
  const { directory, fresh, aside, oldNames, newNames } = exchange;
  const isOld = new Set(oldNames);
  for (const name of newNames) {
    const came = ops.kindOf(joinPath(fresh, name)) === undefined;
    if (came) move(ops, directory, fresh, name);
    if (isOld.has(name)) move(ops, aside, directory, name);
  }
  const isNew = new Set(newNames);
  for (const name of oldNames) {
    if (!isNew.has(name)) move(ops, aside, directory, name);
  }
}

/**
 * Moves an entry, if it is there. A directory that cannot be renamed is made
 * anew, and its entries move one by one; what was moved before stays where it
 * is.
 *
 * A name is moved whatever has it. A directory is entered by its name, and its
 * entries with it, so only where nobody else can change one of them between the
 * look and the use: from the directory that is exchanged, which was judged,
 * each directory on the way is closed.
 *
 * @throws {IoError} When it would have to enter one that is not.
 */
function move(
  ops: ExchangeOperations,
  from: string,
  to: string,
  name: string,
): void {
  const source = joinPath(from, name);
  const kind = ops.kindOf(source);
  if (kind === undefined) return;
  const target = freeName(ops, to, name, kind);
  const begun = ops.kindOf(target) !== undefined;
  if (!begun && ops.tryRename(source, target)) return;
  if (!ops.isClosed(source)) throw open(source);
  if (!begun) ops.makeLike(target, source);
  for (const inner of ops.list(source)) move(ops, source, target, inner);
  ops.removeEmpty(source);
}

/**
 * Where an entry goes: to a directory of its name, which it was on its way to,
 * else where nothing is: somebody has made something of its name meanwhile.
 */
function freeName(
  ops: ExchangeOperations,
  to: string,
  name: string,
  kind: "directory" | "file",
): string {
  for (let tries = 0;; tries++) {
    const target = joinPath(to, tries === 0 ? name : `${name}.${tries}`);
    const there = ops.kindOf(target);
    if (there === undefined) return target;
    const isSame = kind === "directory" && there === "directory";
    if (isSame && ops.isClosed(target)) return target;
  }
}

function open(path: string): IoError {
  return new IoError(
    `Cannot move ${quoteText(path)}: it cannot be renamed, and others may ` +
      "change what is in it meanwhile",
    {
      hint: "chmod go-w it and chown it to you, or remove it by hand",
      fields: { path },
    },
  );
}
