import { TransferError } from "../../lib/errors.ts";
import { landTree } from "../../lib/landing/testing/trees.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { mountOverlay, noMounts } from "../support/mounts.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { startAttacker } from "./support/attacker.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { stateOf } from "./support/landing_race.ts";

const INNER = 60;

/** Empty directories can be removed by who may write there, and be links then. */
const BODY = String.raw`
  my $name = "$ARGV[0]/x" . int(rand ${INNER});
  rmdir($name) and plant($name, $ARGV[1]);
  unlink($name) and mkdir($name, 0755) if rand() < 0.5;`;

export const attack: Attack = {
  name: "lower_layer",
  claim:
    "An exchange that has to enter directories of a lower layer (overlayfs) is led nowhere by who may write to them.",
  lacks: async () => noMounts ?? await lacksAttacker(),
  async run() {
    const runs = attackRuns(4);
    let [lost, changes, refused] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      await using dir = await TempDir.make();
      await Deno.chmod(dir.path, 0o755);
      for (let i = 0; i < INNER; i++) {
        await dir.mkdir(`lower/target/shared/x${i}`);
      }
      await Deno.chmod(dir.at("lower", "target", "shared"), 0o777);
      await using _overlay = await mountOverlay(dir.path);
      await dir.write("merged/victim/kept", "precious");
      await Deno.chmod(dir.at("merged", "victim"), 0o700);
      const state = stateOf(dir.at("merged", "victim"));
      const target = dir.at("merged", "target");
      await using attacker = await startAttacker(BODY, [
        `${target}/shared`,
        dir.at("merged", "victim"),
      ]);
      try {
        await landTree(target, [["new", { file: "x" }]], {
          plan: { install: "in_place", isVolume: false, warnings: [] },
        });
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
        refused++;
      }
      changes += await attacker.end();
      if (stateOf(dir.at("merged", "victim")) !== state) lost++;
    }
    return {
      held: lost === 0,
      line: lost === 0
        ? `nothing outside was moved in ${runs} exchanges, ${refused} of them ` +
          `refused, ${changes} links in the place of directories`
        : `${lost} of ${runs} exchanges moved files from outside`,
    };
  },
};
