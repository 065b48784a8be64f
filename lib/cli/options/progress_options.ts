/**
 * `--progress`: how it is told how far long work has come.
 *
 * @module
 */

import { type Option, withDefault } from "../framework/options/option.ts";
import { choice } from "../framework/options/value_kind.ts";

/** How progress is told. */
export type ProgressMode = "auto" | "bar" | "json" | "none";

/** The options of a verb that takes long. */
export const PROGRESS_OPTIONS: { readonly progress: Option<ProgressMode> } = {
  progress: withDefault(
    "progress",
    choice("HOW", ["auto", "bar", "json", "none"]),
    "auto",
    {
      help:
        "Tell on stderr how far it has come: as a bar, as json events, or not at all",
      shownDefault:
        "a bar on a terminal, unless --quiet or --output is for programs",
    },
  ),
};
