/** The options of `share`, and what does not fit together. */

import { DIR_NAME_MAX } from "../../limits.ts";
import { UsageError } from "../../errors.ts";
import {
  type ArgumentTable,
  flag,
  grouped,
  optional,
  type OptionTable,
  repeatable,
  restArguments,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import { TIME_SPAN } from "../framework/options/duration.ts";
import { HEX32 } from "../framework/options/hex32.ts";
import {
  choice,
  count,
  FILE,
  PATH,
  readable,
  type ValueKind,
} from "../framework/options/value_kind.ts";
import { dialSource } from "../node/named_node.ts";
import { QR_MODES } from "./qr_code.ts";
import { MEETING_OPTIONS } from "./meeting_options.ts";
import { CONGESTION, DIRECT } from "../node/node_options.ts";
import { ADVERTISED_ADDRESS, LISTEN_ADDRESS } from "../options/address.ts";
import { PATH_FILTER_OPTIONS } from "../options/path_filter_options.ts";
import { SERVE_RATES } from "../options/rate.ts";
import { HASHING_OPTIONS, NOTIFY_OPTION } from "../options/work_options.ts";
import { STRICT_OPTION } from "../publishing/publish.ts";

/** The path that is stdin. */
export const STDIN = "-";

/** Fetches that are waited for at most. */
const COUNT_MAX = 1_000_000;

/** A name for others to fetch by: one path component. */
const NAME: ValueKind<string> = {
  metavar: "NAME",
  parse(value) {
    if (value === "" || /[/\0]/.test(value)) {
      throw new RangeError("expected one name, without a slash");
    }
    if (new TextEncoder().encode(value).length > DIR_NAME_MAX) {
      throw new RangeError(`longer than ${DIR_NAME_MAX} bytes`);
    }
    return value;
  },
};

export const SHARE_ARGUMENTS = {
  paths: restArguments(
    readable(PATH),
    "Files and directories to share as they lie, or - for stdin; several become one directory",
  ),
} satisfies ArgumentTable;

export const SHARE_OPTIONS = {
  name: optional("name", NAME, {
    help: "What it is called on the other machine",
    shownDefault: "the name of the path; shared when there are several",
  }),
  once: flag("once", {
    conflicts: ["count"],
    help: "End when somebody has fetched all of it",
  }),
  count: optional("count", count(1, COUNT_MAX), {
    conflicts: ["once"],
    help: "End after so many whole fetches",
  }),
  for: optional("for", TIME_SPAN, {
    help:
      "End after this long; what was to be fetched by then and was not is a failure",
  }),
  to: repeatable("to", HEX32, {
    help:
      "Only the node with this public key may fetch it: what identity show prints there; it needs get --identity",
  }),
  qr: withDefault("qr", choice("WHEN", QR_MODES), "never", {
    bare: "always",
    help:
      "Draw the ticket as a QR code, too: always, or auto for where the terminal has room for it beside the rest",
  }),
  noCode: flag("no-code", {
    help: "Print the ticket alone, and announce nothing on the local network",
  }),
  ...MEETING_OPTIONS,
  ...grouped("Network options", {
    via: optional("via", dialSource("RELAY"), {
      conflicts: ["meet"],
      help:
        "Stay attached to this relay, to be reached through it: a ticket, @FILE with it, or ADDR:PORT#KEY",
    }),
    listen: optional("listen", LISTEN_ADDRESS, {
      help: "Address and UDP port to listen on; port 0 takes any free one",
      shownDefault: "[::]:0",
    }),
    advertise: repeatable("advertise", ADVERTISED_ADDRESS, {
      help: "Address to print instead of those of this machine",
    }),
    direct: DIRECT,
    congestion: CONGESTION,
    ...SERVE_RATES,
  }),
  ...grouped("Access options", {
    identity: optional("identity", FILE, {
      help: "Identity file",
      shownDefault: "a fresh key for each run",
    }),
    insecurePermissions: flag("insecure-permissions", {
      help: "Accept an identity file that others can read",
    }),
  }),
  ...PATH_FILTER_OPTIONS,
  ...STRICT_OPTION,
  ...HASHING_OPTIONS,
  ...NOTIFY_OPTION,
} satisfies OptionTable;

export type ShareValues =
  & ValuesOf<typeof SHARE_ARGUMENTS>
  & ValuesOf<typeof SHARE_OPTIONS>;

export function checkShareValues({ paths, excludeFrom }: ShareValues): void {
  if (paths.length === 0) {
    throw new UsageError("nothing to share: there is no PATH", {
      hint: "net-transfer share ./photos",
    });
  }
  const readers = [...paths, ...excludeFrom].filter((path) => path === STDIN);
  if (readers.length > 1) {
    throw new UsageError("stdin can be read once", {
      hint: "name the rest by its path",
    });
  }
}

/** How many whole fetches it ends after, if it does. */
export function wantedCount(
  { once, count }: Pick<ShareValues, "once" | "count">,
): number | undefined {
  return once ? 1 : count;
}
