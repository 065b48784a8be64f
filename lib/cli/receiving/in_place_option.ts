/** Whether a directory stays, and its entries are exchanged. */

import { flag, type OptionTable } from "../framework/options/option.ts";

export const IN_PLACE_OPTION = {
  inPlace: flag("in-place", {
    help:
      "Keep the directory that is there and exchange its entries one by one: for mount points, and below directories that are not yours",
  }),
} satisfies OptionTable;
