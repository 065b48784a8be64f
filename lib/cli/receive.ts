/**
 * What the verbs that fetch have in common.
 *
 * @module
 */

import { NODE_SOURCE, type NodeSource } from "./node_source.ts";
import { flag, type Option, optional } from "./option.ts";
import { Float } from "./output/report.ts";

/** `--from`. */
export const FROM: Option<NodeSource | undefined> = optional(
  "from",
  NODE_SOURCE,
  {
    help:
      "Fetch from this node behind the attached one, which must be a relay: an id, a public key, a ticket, or @FILE with a ticket",
    shownDefault: "the attached node",
  },
);

/** The options that say whether what was fetched is flushed to the disk. */
export interface FsyncOptions {
  /** `--fsync`. */
  readonly fsync: Option<boolean>;
  /** `--no-fsync`. */
  readonly noFsync: Option<boolean>;
}

/**
 * Makes the options that say whether what was fetched is flushed to the disk.
 *
 * @param byDefault What a verb does when neither is given.
 */
export function fsyncOptions(byDefault: boolean): FsyncOptions {
  const note = " [default]";
  return {
    fsync: flag("fsync", {
      conflicts: ["no-fsync"],
      help: `Flush everything to the disk before reporting success${
        byDefault ? note : ""
      }`,
    }),
    noFsync: flag("no-fsync", {
      conflicts: ["fsync"],
      help: `Leave flushing to the system${byDefault ? "" : note}`,
    }),
  };
}

/** The result fields that tell how fast it went. */
export interface Pace {
  /** Seconds. */
  readonly duration_secs: Float;
  /** Mebibytes per second, 0 when no time was measured. */
  readonly throughput_mib_s: Float;
}

/**
 * Tells how fast a transfer went.
 *
 * @param bytes Bytes of content.
 * @param milliseconds How long it took.
 */
export function paceOf(bytes: bigint, milliseconds: number): Pace {
  const seconds = milliseconds / 1000;
  const rate = seconds > 0 ? Number(bytes) / 2 ** 20 / seconds : 0;
  return {
    duration_secs: new Float(seconds),
    throughput_mib_s: new Float(rate),
  };
}
