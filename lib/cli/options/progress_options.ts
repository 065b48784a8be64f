import { PROGRESS_MODES } from "../framework/progress/progress_display.ts";
import { type OptionTable, withDefault } from "../framework/options/option.ts";
import { choice } from "../framework/options/value_kind.ts";

export const PROGRESS_OPTIONS = {
  progress: withDefault(
    "progress",
    choice("HOW", PROGRESS_MODES),
    "auto",
    {
      help:
        "Tell on stderr how far it has come: as a bar, as json events, or not at all",
      shownDefault:
        "a bar on a terminal, unless --quiet or --output is for programs",
    },
  ),
} satisfies OptionTable;
