/**
 * A tree put in place without a rename of the target: its entries are exchanged
 * one by one. For mount points, and for directories whose parent is not ours.
 *
 * All names are those of a target called `net-transfer` inside the directory.
 * The order of the steps, and what a crash leaves:
 *
 * 1. `.net-transfer.fetch_…` grows. A crash leaves the old tree, and garbage.
 * 2. `.net-transfer.replaced_…` is made, with an empty directory for the old
 *    entries and a journal of both lists of names; each is synced, with `fsync`
 *    the new tree before it. A crash before the journal has its name leaves the
 *    old tree, and garbage.
 * 3. The entries are exchanged (`exchange.ts`). A crash leaves a mixture, which
 *    the next run finishes before anything else. When an entry cannot move,
 *    all are put back at once.
 * 4. The directory is synced, and `.net-transfer.replaced_…` is renamed to
 *    `.net-transfer.removing_…`: nothing is left to be finished, and only now
 *    old entries are removed.
 */

import { IoError, TransferError, UnsafePathError } from "../../errors.ts";
import { JOURNAL_MAX } from "../../limits.ts";
import { attempt, ioErrorOf } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import {
  type Exchange,
  type ExchangeOperations,
  finishExchange,
  undoExchange,
} from "./exchange.ts";
import { findLeftovers, insideTarget, leftoverPath } from "./leftovers.ts";
import { isOfVolume, isOwnEntry } from "./own_entries.ts";
import type { Placement } from "./placement.ts";
import {
  markForRemoval,
  staysBehind,
  type SwapOperations,
  type Swapped,
  syncReplaced,
  type TreeLook,
  withState,
} from "./swap.ts";
import { joinPath, type Target } from "./target.ts";

/** The file operations of a placement, so that a process can end in each. */
export interface InPlaceOperations extends SwapOperations, ExchangeOperations {
  /** Makes a directory that only we can enter. */
  makePrivate(path: string): void;
  /** Writes a new file and makes it durable. */
  write(path: string, text: string): void;
  /**
   * The content of a file.
   *
   * @returns Nothing where nothing is, and no text where there is something else
   * than a regular file of ours of at most `max` bytes: it is not opened.
   */
  read(path: string, max: number): string | undefined;
  /** Makes the names in a directory durable, whatever was asked for. */
  settle(dir: string): void;
}

/** What the journal says; names of directories are relative to the target. */
interface Journal {
  readonly version: 1;
  readonly fresh: string;
  readonly oldNames: readonly string[];
  readonly newNames: readonly string[];
}

const JOURNAL = "journal";
const ENTRIES = "entries";
/** Longest name there is, in bytes. */
const NAME_MAX = 255;
/** Bytes that a character of a text may take. */
const UTF8_MAX = 3;
const utf8 = new TextEncoder();

/** Puts trees in place inside a directory. */
export class InPlace implements Placement {
  readonly #inside: Target;
  /** An exchange that is written down, and of which nothing has moved. */
  #prepared: { aside: string; exchange: Exchange } | undefined;
  /** Old entries with a journal that says nothing: nobody knows whose. */
  readonly #unreadable = new Set<string>();

  /**
   * Prepares; nothing is made yet.
   *
   * @param site The directory.
   * @param ops How files are moved.
   * @param isVolume Whether it is the top of a volume, whose own entries stay.
   */
  constructor(
    readonly site: string,
    private readonly ops: InPlaceOperations,
    private readonly isVolume: boolean,
  ) {
    this.#inside = insideTarget(site);
  }

  places(): Target[] {
    return [this.#inside];
  }

  tempPath(token: string): string {
    return leftoverPath(this.#inside, "fetch", token);
  }

  /**
   * Refuses a tree with an entry that has to stay as it is, and a directory
   * with one that cannot be moved.
   *
   * @param names The top of the tree.
   */
  check(names: Iterable<string>): void {
    for (const name of names) {
      if (!isOwnEntry(name) && !this.#isKept(name)) continue;
      throw new UnsafePathError(
        `the tree holds ${quoteText(name)}, which cannot be put in place ` +
          `inside ${quoteText(this.site)}: it has one of its own`,
        { hint: "choose a directory below it", fields: { path: this.site } },
      );
    }
    this.#oldNames();
  }

  /**
   * As {@linkcode Placement.repair}.
   *
   * @param fate What becomes of old entries whose journal cannot be read.
   */
  repair(
    fate = "stays; look whether you miss what is in it, and remove it",
  ): string[] {
    const { replaced } = findLeftovers(this.ops, this.#inside);
    return replaced.flatMap((aside) => {
      const exchange = this.#read(aside);
      if (exchange === undefined) return [];
      if (exchange === "unreadable") {
        this.#unreadable.add(aside);
        return [
          `${
            quoteText(aside)
          } has no readable journal, though an exchange of ` +
          `entries was stopped there: it ${fate}`,
        ];
      }
      const what = this.#finishOrUndo(aside, exchange);
      return [
        `an earlier run was stopped while it replaced what is in ` +
        `${quoteText(this.site)}: ${what} first`,
      ];
    });
  }

  collect(): string[] {
    const { probe, replaced, removing } = findLeftovers(
      this.ops,
      this.#inside,
    );
    const marked = replaced.filter((path) => !this.#unreadable.has(path)).map(
      (path) => markForRemoval(this.ops, this.#inside, path),
    );
    return [...probe, ...removing, ...marked];
  }

  prepare(temp: string): void {
    const aside = leftoverPath(this.#inside, "replaced", this.ops.token());
    try {
      const exchange = attempt(
        "prepare the exchange in",
        this.site,
        () => this.#write(aside, temp),
        { target_state: "untouched" },
      );
      this.#prepared = { aside, exchange };
    } catch (error) {
      this.#forget(aside);
      throw error;
    }
  }

  /** What was not said to have begun is not to be finished by the next run. */
  #forget(aside: string): void {
    try {
      markForRemoval(this.ops, this.#inside, aside);
    } catch {
      // It was not made, or its disk fails: the error that led here says more.
    }
  }

  cancel(): string[] {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return prepared === undefined
      ? []
      : [markForRemoval(this.ops, this.#inside, prepared.aside)];
  }

  install(temp: string, look?: TreeLook): Swapped {
    if (this.#prepared === undefined) {
      throw new TransferError("internal", "the exchange was not prepared");
    }
    const { aside, exchange } = this.#prepared;
    this.#prepared = undefined;
    try {
      finishExchange(this.ops, exchange);
      look?.(this.site);
    } catch (error) {
      throw this.#undo(aside, exchange, error);
    }
    syncReplaced(() => this.ops.settle(this.site), this.site, { kept: aside });
    return this.#tidyUp(aside, temp);
  }

  /** The new tree is in its place: what cannot be removed is told of. */
  #tidyUp(aside: string, temp: string): Swapped {
    const old: string[] = [];
    const warnings: string[] = [];
    try {
      old.push(markForRemoval(this.ops, this.#inside, aside));
    } catch (error) {
      warnings.push(staysBehind(aside, error));
    }
    try {
      this.ops.removeEmpty(temp);
    } catch (error) {
      warnings.push(ioErrorOf(error, "remove", temp).message);
    }
    return { old, warnings };
  }

  /** What was moved aside belongs to an exchange, which is finished first. */
  superseded(): string[] {
    return [];
  }

  /** Names of what is replaced. */
  #oldNames(): string[] {
    const names = this.ops.list(this.site).filter((name) =>
      !isOwnEntry(name) && !this.#isKept(name)
    );
    const lost = names.find((name) =>
      this.ops.kindOf(joinPath(this.site, name)) === undefined
    );
    if (lost === undefined) return names;
    throw new IoError(
      `Cannot replace what is in ${quoteText(this.site)}: an entry, ` +
        `${quoteText(lost)}, has a name that is not UTF-8`,
      { hint: "rename or remove it", fields: { path: this.site } },
    );
  }

  #isKept(name: string): boolean {
    return this.isVolume && isOfVolume(name);
  }

  #write(aside: string, temp: string): Exchange {
    const { ops, site } = this;
    const journal: Journal = {
      version: 1,
      fresh: temp.slice(temp.lastIndexOf("/") + 1),
      oldNames: this.#oldNames(),
      newNames: ops.list(temp),
    };
    ops.makePrivate(aside);
    ops.makePrivate(joinPath(aside, ENTRIES));
    const path = joinPath(aside, JOURNAL);
    const text = JSON.stringify(journal);
    if (text.length > JOURNAL_MAX / UTF8_MAX) throw tooMany(site);
    ops.write(`${path}.new`, text);
    ops.rename(`${path}.new`, path);
    ops.settle(aside);
    ops.settle(site);
    return exchangeOf(site, aside, journal);
  }

  /**
   * Only what a landing has made: what a peer sent may have such names, too, and
   * a link among them would lead the exchange elsewhere.
   */
  #read(aside: string): Exchange | "unreadable" | undefined {
    if (!this.ops.isClosed(aside)) return undefined;
    const text = this.ops.read(joinPath(aside, JOURNAL), JOURNAL_MAX);
    if (text === undefined) return undefined;
    const journal = parseJournal(text);
    if (journal === undefined) return "unreadable";
    const exchange = exchangeOf(this.site, aside, journal);
    const { fresh, aside: entries } = exchange;
    const areOurs = this.ops.kindOf(entries) === "directory" &&
      this.ops.kindOf(fresh) !== "file";
    return areOurs ? exchange : undefined;
  }

  #finishOrUndo(aside: string, exchange: Exchange): string {
    try {
      finishExchange(this.ops, exchange);
    } catch (error) {
      // It throws where that fails, too.
      this.#undo(aside, exchange, error);
      return "the old tree was put back";
    }
    this.ops.settle(this.site);
    markForRemoval(this.ops, this.#inside, aside);
    return "that was finished";
  }

  /** Puts everything back, and makes the error that says so. */
  #undo(aside: string, exchange: Exchange, cause: unknown): Error {
    const { site, ops } = this;
    try {
      undoExchange(ops, exchange);
      ops.settle(site);
      markForRemoval(ops, this.#inside, aside);
    } catch (error) {
      const first = ioErrorOf(cause, "exchange entries of", site);
      const second = ioErrorOf(error, "put them back in", site);
      throw new IoError(
        `${first.message}; then ${second.message}; old entries are in ` +
          `${
            quoteText(joinPath(aside, ENTRIES))
          }, and the next run finishes it`,
        {
          cause: new AggregateError([cause, error]),
          fields: { path: site, target_state: "mixed", kept: aside },
        },
      );
    }
    const error = ioErrorOf(cause, "exchange entries of", site);
    return withState(error, "restored");
  }
}

function exchangeOf(
  directory: string,
  aside: string,
  { fresh, oldNames, newNames }: Journal,
): Exchange {
  return {
    directory,
    fresh: joinPath(directory, fresh),
    aside: joinPath(aside, ENTRIES),
    oldNames,
    newNames,
  };
}

/**
 * Reads the journal of an exchange; somebody else may have written it.
 *
 * @returns `undefined` for anything but a journal of this version.
 */
export function parseJournal(text: string): Journal | undefined {
  try {
    const journal: unknown = JSON.parse(text);
    return isJournal(journal) ? journal : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isJournal(value: unknown): value is Journal {
  if (typeof value !== "object" || value === null) return false;
  const { version, fresh, oldNames, newNames } = value as Partial<Journal>;
  return version === 1 && typeof fresh === "string" && isOwnEntry(fresh) &&
    [oldNames, newNames].every((names) =>
      Array.isArray(names) && names.every(isName)
    );
}

/**
 * What somebody else has written is not to lead out of the directory, nor to be a
 * name that no system takes: an exchange of it could never come to its end.
 */
function isName(name: unknown): boolean {
  return typeof name === "string" && name !== "" && name !== "." &&
    name !== ".." && !name.includes("/") && !name.includes("\0") &&
    name.isWellFormed() && utf8.encode(name).length <= NAME_MAX;
}

function tooMany(site: string): IoError {
  return new IoError(
    `there are too many entries in ${quoteText(site)} to exchange them`,
    {
      hint: "choose a target that can be renamed, without --in-place",
      fields: { path: site },
    },
  );
}
