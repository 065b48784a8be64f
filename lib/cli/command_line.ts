/** The command line of this program as data for the framework. */

import type { Verb } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import {
  EXIT_CONNECTION,
  EXIT_GENERIC,
  EXIT_OK,
  EXIT_SIGHUP,
  EXIT_SIGINT,
  EXIT_SIGTERM,
  EXIT_TRANSFER,
  EXIT_USAGE,
} from "./exit_codes.ts";
import type { Program } from "./framework/program.ts";
import { COMMON_OPTIONS, GLOBAL_OPTIONS } from "./options/global_options.ts";
import { PROGRAM, VERSION } from "./version.ts";

const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT_OK, "Success; for serve also after SIGINT, SIGTERM or SIGHUP."],
  [
    EXIT_GENERIC,
    "A local file, stdin or stdout could not be read or written, except inside recv-dir.",
  ],
  [
    EXIT_USAGE,
    "The command line, a profile, a key or a reference cannot be used.",
  ],
  [
    EXIT_TRANSFER,
    "The transfer failed: content not held, a time-out, damaged data, an unsafe tree, a store, a file that recv-dir could not write, a request that was refused, or a configuration file that cannot be read.",
  ],
  [
    EXIT_CONNECTION,
    "No session with the node: no answer, a wrong key, no network.",
  ],
  [EXIT_SIGHUP, "Ended by SIGHUP: its terminal was closed."],
  [EXIT_SIGINT, "Ended by SIGINT."],
  [EXIT_SIGTERM, "Ended by SIGTERM."],
];

/** All that help, the manual and completion say of the program. */
export const COMMAND_LINE: Program<Verb> = {
  name: PROGRAM,
  summary: "Move content-addressed blobs and directory trees between machines",
  version: VERSION,
  commands: COMMANDS,
  globals: GLOBAL_OPTIONS,
  common: COMMON_OPTIONS,
  ignoredWord: "transfer",
  names: { args: "completion --list profiles", option: "--config" },
  example: {
    does:
      "Serve a directory, then fetch it on another machine with what was printed",
    lines: [
      "serve ./photos",
      "recv-dir --out ./photos --ticket TICKET --psk-file node.psk",
    ],
  },
  exitStatus: EXIT_MEANINGS.map(([code, meaning]) => ({
    name: String(code),
    meaning,
  })),
  variables: [
    {
      name: "NO_COLOR",
      meaning: "Not empty: no colour on a terminal; --color always beats it.",
    },
    {
      name: "CI, TERM",
      meaning:
        "CI set, or TERM=dumb: nothing is drawn over on a terminal; --progress bar prints lines.",
    },
    {
      name: "NET_TRANSFER_TICKET",
      meaning: "The ticket of get, where it has no argument.",
    },
    {
      name: "NET_MESH_LOG",
      meaning:
        "The log level: off, error, warn, info, debug or trace; or directives such as warn,net_transfer=debug. Beats -q and -v.",
    },
    {
      name: "XDG_CONFIG_HOME, HOME",
      meaning: "Where the configuration directory is.",
    },
  ],
  files: [
    {
      name: "~/.config/net-mesh/config.toml",
      meaning:
        "The configuration file, with a table [default] and a table [profiles.NAME] for each profile. On macOS the directory is ~/Library/Application Support/net-mesh, on Windows %APPDATA%\\net-mesh.",
    },
    {
      name: "~/.config/net-mesh/identities/node.toml",
      meaning: "The identity of serve, made on first use.",
    },
    {
      name: "~/.config/net-mesh/identities/node.psk",
      meaning: "The pre-shared key of serve, made on first use.",
    },
  ],
};
