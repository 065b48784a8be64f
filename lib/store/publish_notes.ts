/**
 * What is not published as it lies, because the tree lives or does not let
 * itself be read: noted and counted, or with `strict` an error.
 */

import { isExhausted, isOsError, osErrorWords } from "../os/os_error.ts";
import { isMissing } from "./if_present.ts";
import {
  attributesOf,
  type EntryFacts,
  type NotCarried,
  type NotCarriedNote,
  notCarriedOf,
} from "./not_carried.ts";
import { showPath, type SourcePath } from "./raw_paths.ts";
import { unreadable } from "./unreadable.ts";

/** How many entries were not published as they lie. */
export interface PublishCounts {
  /**
   * Files that are published as they were read, and were another length when
   * they were listed, or were written to meanwhile.
   */
  changed: number;
  /** Entries that were listed, and gone when they were to be read: left out. */
  vanished: number;
  /** Entries that cannot be read, or that no receiver accepts: left out. */
  unreadable: number;
  /** Sockets, FIFOs and devices: left out. */
  skipped: number;
}

/** One entry that is not published as it lies. */
export interface PublishWarning {
  /** What became of it, and which count it is in. */
  kind: keyof PublishCounts;
  /** Where it lies; what is not UTF-8 became U+FFFD. */
  path: string;
  /** Why, as the end of a sentence. */
  reason: string;
}

/** Options of {@linkcode PublishNotes}. */
export interface PublishNotesOptions {
  /**
   * Whether what changes, vanishes or cannot be read is an error, as in the
   * reference.
   *
   * @default {false}
   */
  strict?: boolean;
  /** Told of each entry that is not published as it lies. */
  onWarning?: (warning: PublishWarning) => void;
  /**
   * Told of what entries have and the formats cannot carry. Extended attributes
   * are looked for only where somebody is told.
   */
  onNotCarried?: (note: NotCarriedNote) => void;
}

/** Counts what is not published as it lies, and tells of it. */
export class PublishNotes {
  readonly counts: PublishCounts = {
    changed: 0,
    vanished: 0,
    unreadable: 0,
    skipped: 0,
  };
  readonly notCarried: NotCarried = { hardLinks: 0, sparse: 0, owners: 0 };
  readonly #strict: boolean;
  readonly #onWarning: (warning: PublishWarning) => void;
  readonly #onNotCarried: PublishNotesOptions["onNotCarried"];

  constructor(options: PublishNotesOptions = {}) {
    const { strict = false, onWarning, onNotCarried } = options;
    this.#strict = strict;
    this.#onWarning = onWarning ?? (() => {});
    this.#onNotCarried = onNotCarried;
  }

  /** Counts what an entry has that cannot be carried. */
  lookAt(
    source: SourcePath,
    entry: EntryFacts,
    root: Pick<EntryFacts, "uid" | "gid">,
  ): void {
    for (const [kind, what] of notCarriedOf(entry, root)) {
      this.#lose(kind, source, what);
    }
    if (this.#onNotCarried === undefined) return;
    const attributes = attributesOf(source);
    if (attributes === undefined) return;
    this.notCarried.xattrs ??= 0;
    if (attributes.length > 0) {
      this.#lose("xattrs", source, attributes.join(", "));
    }
  }

  /** Leaves out what is neither a file, a directory nor a link. */
  skip(source: SourcePath): void {
    this.#note("skipped", source, "it is a socket, a pipe or a device");
  }

  /**
   * Leaves out what was there when it was listed; `why` in words, or what looking
   * at it threw.
   */
  vanish(source: SourcePath, why: unknown): void {
    if (this.#strict) throw unreadable(source, why);
    this.#note("vanished", source, osErrorWords(why));
  }

  /** Publishes what was read of a file that is not as it was. */
  change(source: SourcePath, reason: string): void {
    if (this.#strict) {
      const advice = "publish it when nobody writes to it";
      throw unreadable(source, `${reason}; ${advice}`);
    }
    this.#note("changed", source, reason);
  }

  /** Leaves out what cannot be published, or is no longer there: `why` as above. */
  leaveOut(source: SourcePath, why: unknown, hint?: string): void {
    if (isMissing(why)) return this.vanish(source, why);
    if (this.#strict || !concernsEntry(why)) {
      throw unreadable(source, why, hint);
    }
    this.#note("unreadable", source, osErrorWords(why));
  }

  #lose(kind: keyof NotCarried, source: SourcePath, what: string): void {
    this.notCarried[kind] = (this.notCarried[kind] ?? 0) + 1;
    this.#onNotCarried?.({ kind, path: showPath(source), what });
  }

  #note(
    kind: PublishWarning["kind"],
    source: SourcePath,
    reason: string,
  ): void {
    this.counts[kind]++;
    this.#onWarning({ kind, path: showPath(source), reason });
  }
}

/** Whether it is the entry that cannot be read, and the next one may. */
function concernsEntry(why: unknown): boolean {
  if (!(why instanceof Error)) return true;
  return why instanceof Deno.errors.NotCapable ||
    (isOsError(why) && !isExhausted(why));
}
