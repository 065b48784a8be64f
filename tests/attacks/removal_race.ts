import { TreeRemoval } from "../../lib/landing/worker/remove_tree.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { startAttacker } from "./support/attacker.ts";
import { lacksAttacker } from "./support/flipper.ts";

const INNER = 100;

/** It stands in the directory, so that it may go on when that is moved. */
const BODY = String.raw`
  my $name = "x" . int(rand ${INNER});
  next unless rename($name, ".taken");
  plant($name, $ARGV[1]);
  unlink($name);
  rename(".taken", $name);`;

export const attack: Attack = {
  name: "removal_race",
  claim:
    "Somebody who may write inside an old tree cannot have anything outside removed.",
  lacks: lacksAttacker,
  async run() {
    const runs = attackRuns(4);
    let [broken, changes] = [0, 0];
    for (let run = 0; run < runs; run++) {
      await using dir = await TempDir.make();
      await Deno.chmod(dir.path, 0o755);
      const victim = dir.at("victim");
      await dir.write("victim/kept", "x");
      const shared = dir.at("old", "shared");
      for (let i = 0; i < INNER; i++) {
        await Deno.mkdir(`${shared}/x${i}`, { recursive: true });
      }
      await Deno.chmod(shared, 0o777);
      await Deno.chmod(dir.at("old"), run % 2 === 0 ? 0o777 : 0o755);
      await using attacker = await startAttacker(
        BODY,
        [shared, victim],
        "chdir($ARGV[0])",
      );
      const removal = new TreeRemoval(dir.at("old"));
      try {
        removal.step();
      } catch {
        // What cannot be removed stays, which is no harm.
      }
      changes += await attacker.end();
      const kept = await Deno.stat(`${victim}/kept`).catch(() => undefined);
      if (kept === undefined) broken++;
    }
    return {
      held: broken === 0,
      line: broken === 0
        ? `nothing outside was removed in ${runs} removals while ${changes} ` +
          "links were put in the place of directories"
        : `${broken} of ${runs} removals removed a file outside`,
    };
  },
};
