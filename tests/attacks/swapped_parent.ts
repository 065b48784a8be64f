import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, swappedAncestor } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "swapped_parent",
  claim:
    "Somebody who may rename a directory above a target cannot redirect what is written by a link in its place.",
  lacks: lacksAttacker,
  run: () => raceAll([swappedAncestor("everybody")], 8),
};
