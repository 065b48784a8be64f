/**
 * The flags of `get`: those that it has from the verbs that fetch are seen as
 * those are, with what they name in a ticket.
 */

import { toHex } from "../../lib/text/hex.ts";
import { loadIdentity } from "../../lib/mesh/mod.ts";
import { words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import {
  effect,
  type FlagEffect,
  type FlagEffects,
  seenWith,
} from "./flag_effect.ts";
import { asGet } from "./as_get.ts";
import { HURRY, NOWHERE as KEY, type Place } from "./place.ts";

/** Flags that `get` does not have, or that mean something of its own. */
const OTHERS = ["blob-ref", "remote-ref", "replace", "progress"];

/** The same effects, seen at `get`; those of trees where both verbs have them. */
export function effectsOfGet(
  effects: readonly (readonly [string, FlagEffect])[],
): FlagEffects {
  const found: Record<string, FlagEffect> = {};
  for (const verb of ["recv-blob", "recv-dir"]) {
    for (const [flag, { how, look }] of effects) {
      const [of, option] = flag.split(" --");
      if (of !== verb || OTHERS.includes(option)) continue;
      found[`get --${option}`] = effect(
        how,
        (place) => look(place.with(asGet)),
      );
    }
  }
  return found;
}

/** A command line of `get` by what the holder has, without a key in the ticket. */
function getting(place: Place, attach: readonly string[] = []): string[] {
  const node = place.attach([]);
  return asGet(
    words`recv-blob --blob-ref ${place.refs.small} --out ${
      place.at("out")
    } ${node} ${attach}`,
  );
}

function code(place: Place, ...more: string[]): Promise<number> {
  return place.run`${getting(place)} ${more} ${HURRY}`
    .then(({ code }) => code);
}

/** The effects of the flags that are its own. */
export const GET_FLAG_EFFECTS: FlagEffects = {
  "get --yes": seenWith(
    "nothing is asked, so that no answer is missed",
    ["--yes"],
    async (place, more) => {
      const [, ticket] = asGet(
        words`recv-blob --blob-ref ${place.refs.small} ${place.attach()}`,
      );
      const line = `get ${ticket} --out ${place.at("out")} --quiet ${
        more.join(" ")
      }`;
      await place.terminal(
        `exec script -qec "$* ${line}" /dev/null < /dev/null`,
      );
      return await place.size("out");
    },
  ),
  "get --force": seenWith(
    "what is there is replaced",
    ["--force"],
    async (place, more) => {
      await place.write("out", "old");
      const [, ticket] = getting(place);
      await place.run`get ${ticket} --psk-hex ${place.four.psk} --out ${
        place.at("out")
      } ${more}`;
      return await place.size("out");
    },
  ),
  "get --progress": seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) => {
      const line = getting(place, ["--psk-hex", place.four.psk]);
      return (await place.run`${line} ${more}`).stderr.includes("{");
    },
  ),
  "get --psk-hex": effect("its key is right or wrong", async (place) => [
    await code(place, "--psk-hex", KEY),
    await code(place, "--psk-hex", place.four.psk),
  ]),
  "get --psk-file": effect("its key is right or wrong", async (place) => [
    await code(place, "--psk-file", await place.write("wrong", KEY)),
    await code(place, "--psk-file", place.holder.pskFile),
  ]),
  "get --insecure-permissions": effect(
    "a key that others can read is accepted",
    async (place) => {
      const open = await place.write("open", place.four.psk, 0o644);
      const file = ["--psk-file", open];
      return [
        await code(place, ...file),
        await code(place, ...file, "--insecure-permissions"),
      ];
    },
  ),
  "get --identity": effect("its key is one that may attach", async (place) => {
    const file = await place.write("id.toml", `seed_hex = "${KEY}"\n`);
    const allowed = toHex((await loadIdentity(file)).x25519Public);
    await using holder = await startHolder(place.dir, [
      ...[place.source("small.bin"), "--allow", allowed, "--ticket-psk"],
    ]);
    const [{ ticket }] = holder.ready.refs;
    const get = async (...more: string[]) =>
      (await place.run`get ${ticket} --out ${place.at("out")} ${more} ${HURRY}`)
        .code;
    return [await get(), await get("--identity", file)];
  }),
  "get --connect-timeout": effect("it is what is waited", async (place) => {
    const [, publicKey] = place.attach([]).slice(2);
    const line = asGet(
      words`recv-blob --blob-ref ${KEY} --out ${place.at("out")}
        --node-addr 127.0.0.1:1 --node-pubkey ${publicKey} --psk-hex ${KEY}`,
    );
    const said = async (limit: string) =>
      (await place.run`${line} --connect-timeout ${limit}`).stderr;
    // What was waited is said, which on a busy machine is more.
    return [await said("200ms"), await said("3s")];
  }),
};
