import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, swappedAncestor } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "foreign_home",
  claim:
    "What root receives into a directory of another user goes nowhere else: it is refused.",
  lacks: lacksAttacker,
  run: () => raceAll([swappedAncestor("owner")], 8),
};
