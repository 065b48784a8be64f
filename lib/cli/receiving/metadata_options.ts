/** How what lies beside the content of files arrives: links, modes, holes. */

import type { TreeOptions } from "../../landing/mod.ts";
import {
  flag,
  type Option,
  type OptionTable,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import { choice } from "../framework/options/value_kind.ts";

/** What may become of the symbolic links of a tree. */
const LINK_POLICIES = ["inside", "keep", "skip"] as const;

/** The options of a file and of a tree. */
export const SPARSE_OPTIONS: Record<"sparse" | "noSparse", Option<boolean>> = {
  sparse: flag("sparse", {
    conflicts: ["no-sparse"],
    help:
      "Leave runs of zeros out of files, where the file system has holes [default]",
  }),
  noSparse: flag("no-sparse", {
    conflicts: ["sparse"],
    help: "Write all zeros, so that files have their room on the disk",
  }),
};

/** The options of a tree. */
export const METADATA_OPTIONS = {
  links: withDefault("links", choice("POLICY", LINK_POLICIES), "inside", {
    help:
      "What becomes of symbolic links: inside refuses a tree with one that leads out of it, keep makes all as they are, skip leaves all out",
  }),
  noPerms: flag("no-perms", {
    help:
      "Give files and directories the modes that new ones have, not those of the tree",
  }),
  preserveSetid: flag("preserve-setid", {
    conflicts: ["no-perms"],
    help: "Keep the set-user-id and set-group-id bits of the tree",
  }),
  ...SPARSE_OPTIONS,
} satisfies OptionTable;

/** What the options of a tree say. */
export function metadataOf(
  { links, noPerms, preserveSetid, noSparse }: ValuesOf<
    typeof METADATA_OPTIONS
  >,
): Pick<TreeOptions, "links" | "perms" | "preserveSetid" | "sparse"> {
  return { links, perms: !noPerms, preserveSetid, sparse: !noSparse };
}
