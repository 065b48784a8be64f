/**
 * What the program has to do with its surroundings, as data for the manual and
 * the reference: exit codes, environment variables, files.
 *
 * @module
 */

import { everyPage, optionsOf, type Page } from "./framework/catalog.ts";
import {
  EXIT_CONNECTION,
  EXIT_GENERIC,
  EXIT_OK,
  EXIT_SIGINT,
  EXIT_SIGTERM,
  EXIT_TRANSFER,
  EXIT_USAGE,
} from "./exit_codes.ts";
import { displayOption } from "./framework/options/option.ts";

/** Something by name, and what it means, in whole sentences. */
export interface Entry {
  /** Its name. */
  readonly name: string;
  /** What it means. */
  readonly meaning: string;
}

const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [
    EXIT_OK,
    "Success; for serve also after SIGINT or SIGTERM.",
  ],
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
  [EXIT_SIGINT, "Ended by SIGINT."],
  [EXIT_SIGTERM, "Ended by SIGTERM."],
];

/** The exit codes. */
export const EXIT_STATUS: readonly Entry[] = EXIT_MEANINGS.map((
  [code, meaning],
) => ({ name: String(code), meaning }));

/** Variables that no option stands for. */
const OTHER_VARIABLES: readonly Entry[] = [
  {
    name: "NO_COLOR",
    meaning: "Not empty: no colour on a terminal; --color always beats it.",
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
];

/** The environment variables that matter to a page, or below it. */
export function environmentOf(page: Page): readonly Entry[] {
  const options = new Map<string, Set<string>>();
  for (const spec of [...everyPage(page)].flatMap(optionsOf)) {
    if (spec.env === undefined) continue;
    const names = options.get(spec.env) ?? new Set<string>();
    options.set(spec.env, names.add(displayOption(spec)));
  }
  return [
    ...[...options].map(([name, shown]) => ({
      name,
      meaning: `Stands for ${[...shown].join(" and ")}.`,
    })),
    ...OTHER_VARIABLES,
  ];
}

/** The files the program looks for by itself. */
export const FILES: readonly Entry[] = [
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
];
