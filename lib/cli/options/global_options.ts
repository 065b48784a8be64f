/** The options that may stand before or after any verb. */

import { OUTPUT_FORMATS } from "../framework/output/report.ts";
import { COLOR_MODES } from "../framework/terminal/paint.ts";
import { TIME_LIMIT } from "../framework/options/duration.ts";
import {
  counted,
  flag,
  optional,
  type OptionTable,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import {
  choice,
  DECIMAL_U64,
  FILE,
  text,
  type ValueKind,
} from "../framework/options/value_kind.ts";

/** Global options that mean something to every verb. */
export const COMMON_OPTIONS = {
  output: optional("output", choice("FORMAT", OUTPUT_FORMATS), {
    help: "Print the result as json, ndjson, yaml, table or text",
    shownDefault: "table on a terminal, else json",
  }),
  quiet: flag("quiet", {
    short: "q",
    help: "Log errors only and draw no progress",
  }),
  verbose: counted("verbose", {
    short: "v",
    help: "Log more: -v info, -vv debug, -vvv trace",
  }),
  color: withDefault(
    "color",
    choice("WHEN", COLOR_MODES),
    "auto",
    { help: "Colour on a terminal, always or never; see also NO_COLOR" },
  ),
  noColor: flag("no-color", {
    help: "The same as --color never",
    conflicts: ["color"],
  }),
  logFormat: withDefault(
    "log-format",
    choice("FORMAT", ["text", "json"]),
    "text",
    {
      help: "Write log lines as text or as JSON",
    },
  ),
  help: flag("help", { short: "h", help: "Print help; with -h in short" }),
  version: flag("version", { short: "V", help: "Print the version" }),
} satisfies OptionTable;

const PROFILE_NAME: ValueKind<string> = { ...text("NAME"), completes: "names" };

export const PROFILE_OPTIONS = {
  config: optional("config", FILE, {
    env: "NET_MESH_CONFIG",
    help: "Configuration file",
    shownDefault: "net-mesh/config.toml in the user's configuration directory",
  }),
  profile: withDefault("profile", PROFILE_NAME, "default", {
    env: "NET_MESH_PROFILE",
    help: "Profile of the configuration file",
  }),
} satisfies OptionTable;

export const REQUEST_OPTIONS = {
  timeout: optional("timeout", TIME_LIMIT, {
    help: "Give up after this long without progress, 0 for never",
    shownDefault: "30s; 5m for a holder that fell silent, as it may be asleep",
  }),
} satisfies OptionTable;

/** What the reference takes and nothing here reads: never among those of a verb. */
export const SUPERVISOR_OPTIONS = {
  node: optional("node", DECIMAL_U64, {
    help: "Taken for scripts that give it; it has no effect",
  }),
} satisfies OptionTable;

export const GLOBAL_OPTIONS = {
  ...PROFILE_OPTIONS,
  ...REQUEST_OPTIONS,
  ...COMMON_OPTIONS,
  ...SUPERVISOR_OPTIONS,
} satisfies OptionTable;

export type GlobalValues = ValuesOf<typeof GLOBAL_OPTIONS>;

/**
 * What a verb reads: nothing, the configuration file, a profile, or that and
 * another node.
 */
export type Scope = "local" | "config" | "profile" | "remote";

export function globalOptionsFor(scope: Scope): OptionTable {
  const { config } = PROFILE_OPTIONS;
  return {
    ...(scope === "config" ? { config } : {}),
    ...(scope === "profile" || scope === "remote" ? PROFILE_OPTIONS : {}),
    ...(scope === "remote" ? REQUEST_OPTIONS : {}),
    ...COMMON_OPTIONS,
  };
}

/**
 * Names of global options that mean nothing to a verb: accepted, for scripts
 * that always give them.
 */
export function idleOptions(
  globals: OptionTable,
  onCommandLine: ReadonlySet<string>,
): string[] {
  const meaningful = new Set(Object.values(globals).map(({ name }) => name));
  return Object.values(GLOBAL_OPTIONS).map(({ name }) => name)
    .filter((name) => onCommandLine.has(name) && !meaningful.has(name));
}
