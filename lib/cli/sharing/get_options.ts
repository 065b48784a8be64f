/** The options of `get`: those of both verbs that fetch, under one roof. */

import {
  flag,
  grouped,
  optional,
  optionalArgument,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { PATH } from "../framework/options/value_kind.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { NOTIFY_OPTION } from "../options/work_options.ts";
import { fsyncOptions, PLACE_OPTIONS } from "../receiving/receive.ts";
import { FILE_OPTIONS } from "../verbs/recv_blob.ts";
import { TREE_OPTIONS } from "../verbs/recv_dir.ts";
import { MEETING_OPTIONS } from "./meeting_options.ts";
import { GIVEN_TICKET } from "./given_ticket.ts";

export const GET_ARGUMENTS = {
  ticket: optionalArgument(
    GIVEN_TICKET,
    "The code or ticket that 'net-transfer share' printed, @FILE with it, or - for stdin; without it NET_TRANSFER_TICKET, or what is typed",
  ),
};

const { pskHex, pskFile, insecurePermissions, identity, connectTimeout } =
  ATTACH_OPTIONS;

const { progress, ...fileOptions } = FILE_OPTIONS;
const { progress: _, ...treeOptions } = TREE_OPTIONS;

export const GET_OPTIONS = {
  out: optional("out", PATH, {
    help:
      "Where it goes: a path, DIR/ for the published name in a directory, or - for stdout",
    shownDefault: "the published name, made safe, in the current directory",
  }),
  yes: flag("yes", { short: "y", help: "Fetch it without a question" }),
  force: flag("force", { help: "Replace what is there" }),
  progress,
  ...NOTIFY_OPTION,
  ...grouped("Writing options", {
    ...treeOptions,
    ...fileOptions,
    ...fsyncOptions({
      fsync: "default for a file",
      noFsync: "default for a directory",
    }),
  }),
  ...MEETING_OPTIONS,
  ...grouped("Network options", PLACE_OPTIONS),
  ...grouped("Attach options", {
    pskHex: { ...pskHex },
    pskFile: { ...pskFile, isUsual: false },
    insecurePermissions: { ...insecurePermissions },
    identity: { ...identity },
    connectTimeout: { ...connectTimeout },
  }),
} satisfies OptionTable;

export type GetValues =
  & ValuesOf<typeof GET_ARGUMENTS>
  & ValuesOf<typeof GET_OPTIONS>;

/** The options that were given and mean nothing where a file is fetched. */
export function treeOptionsIn(values: GetValues): string[] {
  const given: Readonly<Record<string, boolean>> = {
    concurrency: values.concurrency !== 0,
    include: values.include.length > 0,
    exclude: values.exclude.length > 0,
    "exclude-from": values.excludeFrom.length > 0,
    clean: values.clean,
    "in-place": values.inPlace,
    "keep-going": values.keepGoing,
    links: values.links !== "inside",
    "no-perms": values.noPerms,
    "preserve-setid": values.preserveSetid,
  };
  return Object.keys(given).filter((name) => given[name]);
}
