/** Whether a fetch goes on with what an earlier run has left. */

import { flag, type Option } from "../framework/options/option.ts";

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
