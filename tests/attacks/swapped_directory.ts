import { type Attack, attackRuns } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { publishSecret } from "./support/publish_secret.ts";

export const attack: Attack = {
  name: "swapped_directory",
  claim:
    "Who may rename things in a tree that is published cannot have another file published by exchanging a directory for a link.",
  lacks: lacksAttacker,
  run: () => publishSecret("d", attackRuns(30)),
};
