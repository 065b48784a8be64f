/** Another user of the machine, who renames things as fast as they can. */

import { onWindows } from "../../support/unless.ts";

/** Who attacks: nobody, who owns nothing. */
export const ATTACKER = 65534;

/** Tells why no file can be given to another user here: a container's root may not. */
export async function lacksStranger(
  uid = ATTACKER,
): Promise<string | undefined> {
  if (onWindows !== undefined) return onWindows;
  if (Deno.uid() !== 0) return "only root has a second user";
  const file = await Deno.makeTempFile();
  try {
    await Deno.chown(file, uid, uid);
    return undefined;
  } catch (error) {
    const code = error instanceof Error ? error.message : String(error);
    return `this root cannot give a file to another user: ${code}`;
  } finally {
    await Deno.remove(file);
  }
}

/** Tells what is missing to have another user at work here. */
export async function lacksAttacker(): Promise<string | undefined> {
  const lacking = await lacksStranger();
  if (lacking !== undefined) return lacking;
  try {
    const { success } = await new Deno.Command("perl", {
      args: ["-MPOSIX", "-e", "1"],
      uid: ATTACKER,
      gid: ATTACKER,
    }).output();
    return success ? undefined : "perl does not run as another user";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no perl";
    return "this root cannot run a program as another user";
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
