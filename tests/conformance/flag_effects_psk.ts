/** The flags of the verbs that give keys out and revoke them. */

import { type FlagEffects, seenWith } from "./flag_effect.ts";
import type { Place } from "./place.ts";

const KEY = "ab".repeat(32);

/** A keyring with one key, for its owner or for all eyes, and the flag of its node. */
async function keyring(place: Place, mode = 0o600): Promise<string[]> {
  const text = `[psk.ann]\npsk_hex = "${KEY}"\n`;
  await Deno.chmod(await place.write("id.keyring", text), mode);
  return ["--identity", place.at("id.toml")];
}

/** A keyring in a directory that everybody may write to. */
async function inOpen(place: Place): Promise<string[]> {
  await Deno.mkdir(place.at("open"), { recursive: true });
  await Deno.writeTextFile(
    place.at("open", "id.keyring"),
    `[psk.ann]\npsk_hex = "${KEY}"\n`,
    { mode: 0o600 },
  );
  await Deno.chmod(place.at("open"), 0o777);
  return ["--identity", place.at("open", "id.toml")];
}

/** What each verb does that is seen. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  list: ["psk", "list"],
  add: ["psk", "add", "ben"],
  revoke: ["psk", "revoke", "ann"],
};

function effectsOf(verb: string): FlagEffects {
  const line = RUNS[verb];
  const writes = verb !== "list";
  return {
    [`psk ${verb} --identity`]: seenWith(
      "it is the keyring beside that identity",
      keyring,
      async (place, more) => {
        const { code, stdout } = await place.run`${line} ${more}`;
        return code === 0 && JSON.parse(stdout).path;
      },
    ),
    [`psk ${verb} --insecure-permissions`]: seenWith(
      "a keyring for others' eyes is read",
      ["--insecure-permissions"],
      async (place, more) => {
        const of = await keyring(place, 0o644);
        return (await place.run`${line} ${of} ${more}`).code;
      },
    ),
    ...(writes && {
      [`psk ${verb} --trust-parent`]: seenWith(
        "it writes where everybody could redirect it",
        ["--trust-parent"],
        async (place, more) => {
          const of = await inOpen(place);
          return (await place.run`${line} ${of} ${more}`).code;
        },
      ),
    }),
  };
}

/** The effects. */
export const PSK_FLAG_EFFECTS: FlagEffects = {
  ...effectsOf("list"),
  ...effectsOf("add"),
  ...effectsOf("revoke"),
  "psk add --replace": seenWith(
    "a name that has a key gets another one",
    ["--replace"],
    async (place, more) => {
      const of = await keyring(place);
      return (await place.run`psk add ann ${of} ${more}`).code;
    },
  ),
};
