import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, swappedAncestor } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "group_parent",
  claim:
    "A group that may write to a directory above a target cannot redirect what is written.",
  lacks: lacksAttacker,
  run: () => raceAll([swappedAncestor("group")], 8),
};
