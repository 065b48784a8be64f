/**
 * Every verb there is. Adding one is a line here and a file in `verbs/`.
 *
 * @module
 */

import type { CommandEntry } from "./command.ts";

/** The verbs and groups of verbs, in the order of the help page. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "version",
    summary: "Print the versions of the program and its runtime",
    load: () => import("./verbs/version.ts"),
  },
];
