/** Directories above a target that another user may change. */

import type { TempDir } from "../../../scripts/temp_dir.ts";
import { attackRuns, type Verdict } from "../attack.ts";
import { ATTACKER } from "./flipper.ts";
import { type LandingRace, openTo, raceLandings } from "./landing_race.ts";

type Openness = Parameters<typeof openTo>[1];

/**
 * An ancestor `p` of the targets in a directory that the attacker may change,
 * who exchanges it for a link to the victim.
 *
 * @param how Why the attacker may.
 */
export function swappedAncestor(how: Openness): LandingRace {
  return {
    async world(dir: TempDir, victim: string) {
      const above = await dir.mkdir("above");
      await dir.mkdir("above/p");
      await Deno.symlink(victim, `${above}/l`);
      for (const name of ["p", "l"]) {
        if (how !== "owner") continue;
        new Deno.Command("chown", {
          args: ["-h", `${ATTACKER}`, `${above}/${name}`],
        }).outputSync();
      }
      await openTo(above, how, ATTACKER);
      return { parent: `${above}/p`, args: [`${above}/p`, `${above}/l`] };
    },
    body: "swap($ARGV[0], $ARGV[1]);",
    // To fill it in place `p` itself would have to be real.
    ways: ["a tree", "a tree over an old one", "a blob", "a tree in place"],
  };
}

/**
 * What a landing makes beside its target, or inside it, in a directory that the
 * attacker may change, who takes it and puts a link in its place.
 *
 * @param like Which names, as a regular expression.
 * @param to What in the victim the link leads to.
 */
export function takenNames(
  how: Openness,
  like: string,
  to: string,
): LandingRace {
  return {
    async world(dir: TempDir, victim: string) {
      const parent = await dir.mkdir("parent");
      await openTo(parent, how, ATTACKER);
      return { parent, args: [parent, like, `${victim}${to}`] };
    },
    body: `
      for my $name (names($ARGV[0], $ARGV[1])) {
        my $path = "$ARGV[0]/$name";
        next if -l $path;
        rename($path, "$ARGV[0]/taken$turn") and plant($path, $ARGV[2]);
      }`,
  };
}

/**
 * Runs races one after another, and sums up.
 *
 * @param usual How many landings in all, where nothing else is said.
 */
export async function raceAll(
  races: readonly LandingRace[],
  usual: number,
): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  const runs = Math.ceil(attackRuns(usual) / races.length);
  for (const race of races) {
    verdicts.push(await raceLandings(race, runs));
  }
  return {
    held: verdicts.every(({ held }) => held),
    line: verdicts.map(({ line }) => line).join("; "),
  };
}
