/** Another user of the machine, who renames things as fast as they can. */

import { onWindows } from "../../support/unless.ts";

/** Who attacks: nobody, who owns nothing. */
export const ATTACKER = 65534;

/** Tells what is missing to have another user at work here. */
export function lacksAttacker(): Promise<string | undefined> {
  if (onWindows !== undefined) return Promise.resolve(onWindows);
  if (Deno.uid() !== 0) return Promise.resolve("only root has a second user");
  try {
    new Deno.Command("perl", { args: ["-e", "1"] }).outputSync();
    return Promise.resolve(undefined);
  } catch {
    return Promise.resolve("there is no perl");
  }
}

/** Gives a tree to the attacker. */
export function giveAway(path: string): void {
  new Deno.Command("chown", { args: ["-hR", `${ATTACKER}`, path] })
    .outputSync();
}

/** Puts `other` in the place of `path` and takes it away, until it is killed. */
const FLIP = `
my ($path, $other) = @ARGV;
my $aside = "$path.aside";
while (getppid() != 1) {
  rename($path, $aside); rename($other, $path);
  select(undef, undef, undef, rand() / 2000) if rand() < 0.5;
  rename($path, $other); rename($aside, $path);
}`;

/** Flips two names until it is disposed of. */
export function flip(path: string, other: string): AsyncDisposable {
  const child = new Deno.Command("perl", {
    args: ["-e", FLIP, path, other],
    uid: ATTACKER,
    gid: ATTACKER,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}
