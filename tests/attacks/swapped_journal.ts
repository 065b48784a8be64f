import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, takenNames } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "swapped_journal",
  claim:
    "Somebody who may write to the directory of a target cannot lead an exchange, its journal or a removal elsewhere.",
  lacks: lacksAttacker,
  run: () =>
    raceAll([
      takenNames("owner", "(replaced|removing)_", ""),
      takenNames("everybody", "(replaced|removing)_", ""),
    ], 10),
};
