import { type Attack, attackRuns } from "./attack.ts";
import { ATTACKER, lacksAttacker } from "./support/flipper.ts";
import { openTo, raceLandings } from "./support/landing_race.ts";

/**
 * Takes, replaces and removes what it finds there, and now and then plants what
 * a landing is about to make: a link, a pipe, a file, a directory, a hard link.
 */
const BODY = String.raw`
  for my $name (names($ARGV[0], '^\.?(out|new|net-transfer)')) {
    my $path = "$ARGV[0]/$name";
    rename($path, "$ARGV[0]/taken$turn") and $changes++;
    swap($path, $own) if $turn % 3 == 0;
    unlink($path) and $changes++;
    rmdir($path) and $changes++;
  }
  my $name = (".out.fetch_lock", ".out.fetch_owner", "out.partial", "out", "new",
    ".net-transfer.fetch_lock", ".out.fetch_0123456789abcdef",
    ".out.replaced_0123456789abcdef", ".out.removing_0123456789abcdef",
    ".net-transfer.replaced_0123456789abcdef")[rand 10];
  my $path = "$ARGV[0]/$name";
  my $kind = int(rand 5);
  if ($kind == 0) { plant($path, rand() < 0.5 ? $ARGV[1] : "$ARGV[1]/kept") }
  elsif ($kind == 1) { POSIX::mkfifo($path, 0666) and $changes++ }
  elsif ($kind == 2) { if (open(my $f, ">>", $path)) { $changes++ } }
  elsif ($kind == 3) { mkdir($path, 0777) and $changes++; plant("$path/journal", "$ARGV[1]/kept"); plant("$path/entries", $ARGV[1]) }
  else { link($own, $path) and $changes++ }
  # So that some landings find nothing in their way.
  select(undef, undef, undef, rand() / 500);
  for my $inner ("journal", "entries") { unlink("$path/$inner") }
  unlink($path); rmdir($path);
  select(undef, undef, undef, rand() / 100);`;

export const attack: Attack = {
  name: "sticky_parent",
  claim:
    "In a sticky directory as /tmp nobody can redirect what is written, whatever they plant or take there, nor keep a landing waiting.",
  lacks: lacksAttacker,
  run: () =>
    raceLandings({
      async world(dir, victim) {
        const parent = await dir.mkdir("tmp");
        await openTo(parent, "sticky", ATTACKER);
        return { parent, args: [parent, victim] };
      },
      before: `our $own = "$ARGV[0]/own"; symlink($ARGV[1], $own)`,
      body: BODY,
    }, attackRuns(10)),
};
