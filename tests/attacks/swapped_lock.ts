import type { Attack } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { raceAll, takenNames } from "./support/unsafe_parents.ts";

export const attack: Attack = {
  name: "swapped_lock",
  claim:
    "Somebody who may write to the directory of a target cannot have a file of ours overwritten by a link in the place of the lock.",
  lacks: lacksAttacker,
  run: () =>
    raceAll([
      takenNames("owner", "fetch_(lock|owner)$", "/kept"),
      takenNames("group", "fetch_(lock|owner)$", "/kept"),
    ], 10),
};
