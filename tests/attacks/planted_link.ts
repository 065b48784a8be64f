import { type Attack, attackRuns } from "./attack.ts";
import { ATTACKER, lacksAttacker } from "./support/flipper.ts";
import { openTo, raceLandings } from "./support/landing_race.ts";

/** Makes links in each temp tree where the landing is about to make its own. */
const BODY = String.raw`
  for my $name (names($ARGV[0], 'fetch_[0-9a-f]{16}$')) {
    my $tree = "$ARGV[0]/$name";
    for my $inner ("d0", "d0/l", "d1/f", "d39/l") {
      plant("$tree/$inner", $ARGV[1]);
      rename("$tree/$inner", "$tree/taken$turn") and plant("$tree/$inner", $ARGV[1]);
    }
    chmod(0777, $tree) and $changes++;
  }`;

export const attack: Attack = {
  name: "planted_link",
  claim:
    "Nobody else can make a link where a landing is about to make one, or a file or a directory.",
  lacks: lacksAttacker,
  async run() {
    const verdict = await raceLandings({
      async world(dir, victim) {
        const parent = await dir.mkdir("tmp");
        await openTo(parent, "sticky", ATTACKER);
        return { parent, args: [parent, victim] };
      },
      body: BODY,
      ways: ["a tree", "a tree over an old one", "a tree in place"],
    }, attackRuns(3));
    // Nor can it keep one from becoming whole.
    const tries = / in (\d+) landings/.exec(verdict.line)?.[1];
    const whole = / (\d+) whole/.exec(verdict.line)?.[1];
    return { ...verdict, held: verdict.held && tries === whole };
  },
};
