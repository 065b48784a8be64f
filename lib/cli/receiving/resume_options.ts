/** Whether a fetch goes on with what an earlier run has left. */

import {
  flag,
  type Option,
  type OptionTable,
} from "../framework/options/option.ts";

export const RESUME_OPTIONS: Record<"resume" | "noResume", Option<boolean>> = {
  resume: flag("resume", {
    conflicts: ["no-resume"],
    help:
      "Go on with what an earlier run left that was stopped, once it is checked [default]",
  }),
  noResume: flag("no-resume", {
    conflicts: ["resume"],
    help: "Begin anew, whatever an earlier run left",
  }),
};

/** Of a tree: what is left of a file is always used, whatever it is of. */
export const CLEAN_OPTION = {
  clean: flag("clean", {
    help:
      "Remove what stopped fetches of other trees left at the target; without it that goes after a week",
  }),
} satisfies OptionTable;
