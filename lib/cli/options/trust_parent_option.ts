/** Whether to write where other users could redirect what is written. */

import { flag, type OptionTable } from "../framework/options/option.ts";

export const TRUST_PARENT_OPTION = {
  trustParent: flag("trust-parent", {
    help:
      "Write also below directories that other users own or may write to: each of them could have anything overwritten that you may write",
  }),
} satisfies OptionTable;
