/** The flags of `discover`, and of holders that it finds. */

import { PermissionError } from "../../lib/errors.ts";
import { findNumber } from "../../lib/meeting/meeting_point_rpc.ts";
import { Node } from "../../lib/mesh/mod.ts";
import { fromHex } from "../../lib/text/hex.ts";
import { words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import { effect, type FlagEffects } from "./flag_effect.ts";
import type { Place } from "./place.ts";

/** Where tests look: nothing leaves this machine. */
const HERE = words`--interface lo`;

/** Whether a holder is found by its name, which no other test has. */
async function isFound(
  place: Place,
  look: readonly string[],
  announce = true,
): Promise<boolean> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  const name = home.slice(-40);
  const flags = announce ? ["--announce", name] : [];
  await using _holder = await startHolder(home, [
    place.source("small.bin"),
    ...flags,
  ]);
  const { stdout } = await place.run`discover --output json ${look}`;
  const { nodes }: { nodes: { name: string }[] } = JSON.parse(stdout);
  return nodes.some((node) => node.name === name);
}

/** Whether a node that relays tells which share has a number. */
async function knowsNumbers(
  place: Place,
  flags: readonly string[],
): Promise<boolean> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  await using relay = await startHolder(home, ["--relay", ...flags]);
  await using session = await Node.attach({
    address: relay.address,
    publicKey: fromHex(relay.ready.node_pubkey),
    psk: fromHex((await Deno.readTextFile(relay.pskFile)).trim()),
    connections: 1,
    keepMs: 0,
  });
  try {
    return await findNumber(session, 7) === undefined;
  } catch (error) {
    if (error instanceof PermissionError) return false;
    throw error;
  }
}

/** Whether answers were waited for for so many seconds. */
async function hasWaited(place: Place, wait: string): Promise<boolean> {
  const { stdout } = await place.run`discover ${HERE} --for ${wait}`;
  return Number(JSON.parse(stdout).duration_secs) >= 2;
}

/** The effects. */
export const MEETING_FLAG_EFFECTS: FlagEffects = {
  "serve --announce": effect(
    "the holder is found on the local network",
    async (place) => [
      await isFound(place, HERE, false),
      await isFound(place, HERE),
    ],
  ),
  "serve --rendezvous": effect(
    "it is asked which share has a number",
    async (place) => [
      await knowsNumbers(place, []),
      await knowsNumbers(place, ["--rendezvous"]),
    ],
  ),
  "discover --interface": effect(
    "a holder is looked for there alone",
    async (place) => [
      await isFound(place, HERE),
      (await place.run`discover --interface none`).code === 0,
    ],
  ),
  "discover --for": effect(
    "answers are waited for as long",
    async (place) => [
      await hasWaited(place, "50ms"),
      await hasWaited(place, "2s"),
    ],
  ),
};
