import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, takenNames } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "swapped_temp_tree",
  claim:
    "Somebody who owns a directory above a target cannot redirect what is written.",
  lacks: lacksAttacker,
  run: () =>
    raceAll([
      takenNames("owner", "(fetch|probe)_[0-9a-f]", ""),
      takenNames("group", "(fetch|probe)_[0-9a-f]", ""),
    ], 10),
};
