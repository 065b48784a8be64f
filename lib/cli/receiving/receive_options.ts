import {
  flag,
  type Option,
  optional,
  type OptionTable,
} from "../framework/options/option.ts";
import { NODE_SOURCE } from "../node/named_node.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { REFERENCE, type ReferenceSource } from "../node/reference.ts";

/** Makes the option that says what is fetched. */
export function referenceOption(
  name: string,
  publisher: string,
): Option<ReferenceSource | undefined> {
  return optional(name, REFERENCE, {
    help:
      `What to fetch: the hex that ${publisher} printed, a ticket, @FILE, or - for stdin`,
    shownDefault: "what the ticket names",
  });
}

/** The options that say where from, and whether at all. */
export const RECEIVE_OPTIONS = {
  from: optional("from", NODE_SOURCE, {
    help:
      "Fetch from this node behind the attached one, which must be a relay: an id, a public key, a ticket, or @FILE with a ticket",
    shownDefault: "the attached node",
  }),
  dryRun: flag("dry-run", {
    help:
      "Tell what would be fetched and replaced, and whether the node has it; write nothing",
  }),
  ...ATTACH_OPTIONS,
} satisfies OptionTable;

export interface FsyncOptions {
  readonly fsync: Option<boolean>;
  readonly noFsync: Option<boolean>;
}

/** The options that say whether what was fetched is flushed to the disk. */
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
