/** The options of `verify`. */

import { UsageError } from "../../errors.ts";
import {
  flag,
  optional,
  type OptionTable,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import { choice, DIR, FILE } from "../framework/options/value_kind.ts";
import { JOBS_OPTION, PROGRESS_OPTIONS } from "../options/work_options.ts";

/** What is right of content; nothing of a store. */
const CONTENT_OPTIONS = {
  manifest: optional("manifest", FILE, {
    help:
      "File with the manifest of the directory, as recv-blob fetches it by the same reference",
    shownDefault: "that of the store, else of the fetch that made the tree",
  }),
  links: withDefault("links", choice("POLICY", ["keep", "skip"]), "keep", {
    help: "Whether symbolic links have to be there, or are left out",
  }),
  noPerms: flag("no-perms", { help: "Do not compare modes" }),
  preserveSetid: flag("preserve-setid", {
    conflicts: ["no-perms"],
    help:
      "Have set-user-id and set-group-id bits be as they were; a fetch leaves them out",
  }),
  hashCache: flag("hash-cache", {
    help:
      "Take files that have not changed since they were hashed for right, and do not read them: damage of a disk does not show then",
  }),
} satisfies OptionTable;

export const VERIFY_OPTIONS = {
  store: optional("store", DIR, {
    help:
      "Store directory: alone every chunk of it is checked, beside a reference it tells what that needs",
  }),
  ...CONTENT_OPTIONS,
  ...JOBS_OPTION,
  ...PROGRESS_OPTIONS,
} satisfies OptionTable;

export type VerifyValues = ValuesOf<typeof VERIFY_OPTIONS>;

/** Options that say how content is compared have nothing to say of a store. */
export function refuseIdle(values: VerifyValues): void {
  const { manifest, links, noPerms, preserveSetid, hashCache } = values;
  const given = {
    manifest: manifest !== undefined,
    links: links !== "keep",
    "no-perms": noPerms,
    "preserve-setid": preserveSetid,
    "hash-cache": hashCache,
  };
  const [idle] = Object.entries(given).find(([, isGiven]) => isGiven) ?? [];
  if (idle === undefined) return;
  throw new UsageError(`--${idle} has no effect on a whole store`, {
    hint: "give a reference and a path, or leave it out",
  });
}
