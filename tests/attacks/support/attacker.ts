/** A process of another user, who changes names as fast as the system lets them. */

import { ATTACKER } from "./flipper.ts";

/** What a body of an attacker may call, and how it is repeated. */
const FRAME = String.raw`
use strict; no warnings; use POSIX ();
my $changes = 0;
$SIG{TERM} = sub { print "$changes\n"; exit 0 };
my ($exchange) = grep { defined } { x86_64 => 316, aarch64 => 276 }->{(POSIX::uname())[4]};
# Two names change places; where there is no call for it, one after the other.
sub swap {
  my ($one, $other) = @_;
  my $done = defined $exchange
    ? syscall($exchange, -100, $one, -100, $other, 2) == 0
    : rename($one, "$one.aside") && rename($other, $one) && rename("$one.aside", $other);
  $changes++ if $done;
  return $done;
}
sub plant { my ($path, $to) = @_; symlink($to, $path) and $changes++ }
sub names { my ($dir, $like) = @_; opendir(my $all, $dir) or return (); return grep { /$like/ && !/^\.\.?$/ } readdir($all) }
my $parent = getppid();
my $turn = 0;
$| = 1;
`;

/** An attacker at work. */
export interface Attacker extends AsyncDisposable {
  /** Ends it and tells how many changes it has made. */
  end(): Promise<number>;
}

/**
 * Starts an attacker.
 *
 * @param body Perl, repeated until it is ended: `swap(one, other)` exchanges two
 * names, `plant(path, to)` makes a link, `names(dir, like)` lists, `$turn`
 * counts, `@ARGV` are the arguments.
 * @param args The arguments.
 * @param before Perl that runs once.
 */
export async function startAttacker(
  body: string,
  args: readonly string[],
  before = "",
): Promise<Attacker> {
  const source = `${FRAME}${before}; print "ready\\n";
    while (getppid() == $parent) { $turn++; ${body} }`;
  const child = new Deno.Command("perl", {
    args: ["-e", source, "--", ...args],
    uid: ATTACKER,
    gid: ATTACKER,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the attacker did not start");
    said += value;
  }
  let ending: Promise<number> | undefined;
  const end = async () => {
    child.kill("SIGTERM");
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      said += value;
    }
    await child.status;
    return Number(said.trim().split("\n")[1] ?? 0);
  };
  return {
    end: () => ending ??= end(),
    async [Symbol.asyncDispose]() {
      await (ending ??= end());
    },
  };
}
