/** Tells of entries that are not published as they lie, without a flood. */

import type { PublishCounts, PublishWarning } from "../../store/mod.ts";
import type { Log } from "../framework/terminal/log.ts";

/** So many of a kind are told by name; further ones with `-v`. */
export const NAMED_MAX = 20;

type Kind = keyof PublishCounts;

const KINDS: Readonly<Record<Kind, { named: string; more: string }>> = {
  changed: {
    named: "published as it was read, since it lives",
    more: "published as they were read, too",
  },
  vanished: {
    named: "left out, since it has vanished",
    more: "left out, since they have vanished, too",
  },
  unreadable: {
    named: "left out, since it cannot be published",
    more: "left out, since they cannot be published, too",
  },
  skipped: {
    named: "left out, since it is neither a file, a directory nor a link",
    more: "left out, since they are neither files, directories nor links",
  },
};

/** Names the first of each kind and counts the rest. */
export class WarningLog {
  readonly #log: Log;
  readonly #counts: PublishCounts = {
    changed: 0,
    vanished: 0,
    unreadable: 0,
    skipped: 0,
  };

  constructor(log: Log) {
    this.#log = log;
  }

  add({ kind, path, reason }: PublishWarning): void {
    const isNamed = kind !== "skipped" && ++this.#counts[kind] <= NAMED_MAX;
    if (kind === "skipped") this.#counts.skipped++;
    this.#log[isNamed ? "warn" : "info"](KINDS[kind].named, { path, reason });
  }

  /** Says how many were not named; to be called when there are no more. */
  finish(): void {
    for (const [kind, { more }] of Object.entries(KINDS)) {
      const all = this.#counts[kind as Kind];
      const entries = kind === "skipped" ? all : all - NAMED_MAX;
      if (entries > 0) this.#log.warn(more, { entries });
    }
  }
}
