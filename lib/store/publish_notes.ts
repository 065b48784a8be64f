/**
 * What is not published as it lies, because the tree lives or does not let
 * itself be read: noted and counted, or with `strict` an error.
 */

import { isOsError, osErrorCode, osErrorWords } from "../os/os_error.ts";
import { isMissing } from "./if_present.ts";
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
}

/** Counts what is not published as it lies, and tells of it. */
export class PublishNotes {
  readonly counts: PublishCounts = {
    changed: 0,
    vanished: 0,
    unreadable: 0,
    skipped: 0,
  };
  readonly #strict: boolean;
  readonly #onWarning: (warning: PublishWarning) => void;

  constructor({ strict = false, onWarning }: PublishNotesOptions = {}) {
    this.#strict = strict;
    this.#onWarning = onWarning ?? (() => {});
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

  #note(
    kind: PublishWarning["kind"],
    source: SourcePath,
    reason: string,
  ): void {
    this.counts[kind]++;
    this.#onWarning({ kind, path: showPath(source), reason });
  }
}

/** What a system runs out of; the next entry would fail for the same reason. */
const EXHAUSTED: readonly (string | undefined)[] = [
  "EMFILE",
  "ENFILE",
  "ENOMEM",
];

/** Whether it is the entry that cannot be read, and the next one may. */
function concernsEntry(why: unknown): boolean {
  if (!(why instanceof Error)) return true;
  return why instanceof Deno.errors.NotCapable ||
    (isOsError(why) && !EXHAUSTED.includes(osErrorCode(why)));
}
