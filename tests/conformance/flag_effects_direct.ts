/** `--direct`: whether a session by way of a relay goes on past it. */

import { words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import { effect, type FlagEffect, type FlagEffects } from "./flag_effect.ts";
import { NOWHERE as KEY, type Place } from "./place.ts";

/** Long enough for a path to be found, at 10 MiB. */
const SLOWLY = words`--limit-rate 4M`;

type Fetching = "recv-blob" | "recv-dir";

/** What a command line tells that goes to a holder by way of a relay. */
async function told(
  place: Place,
  holding: readonly string[],
  commandOf: (refs: readonly { ref: string }[]) => readonly string[],
) {
  const home = await Deno.makeTempDir({ dir: place.dir });
  const psk = ["--psk-hex", KEY];
  await using relay = await startHolder(`${home}/relay`, ["--relay", ...psk]);
  const via = `${relay.address}#${relay.ready.node_pubkey}`;
  const sources = [place.source("large.bin"), place.source("six")];
  await using holder = await startHolder(
    `${home}/holder`,
    [...sources, "--via", via, ...psk, ...holding],
  );
  const { stdout } = await place.run`${commandOf(holder.refs)} --output json
    ${relay.attach(psk)} --from ${holder.ready.node_pubkey}`;
  return JSON.parse(stdout);
}

async function routeOf(
  place: Place,
  verb: Fetching,
  holding: readonly string[],
  fetching: readonly string[],
): Promise<unknown> {
  const { route } = await told(
    place,
    holding,
    ([blob, dir]) => [
      verb,
      ...(verb === "recv-blob"
        ? ["--blob-ref", blob.ref]
        : ["--remote-ref", dir.ref]),
      ...words`--out ${place.dir}/got-${crypto.randomUUID()}`,
      ...SLOWLY,
      ...fetching,
    ],
  );
  return route;
}

const NEVER = words`--direct never`;

const fetched = (verb: Fetching): FlagEffect =>
  effect("the result tells which way the bytes came", async (place) => [
    await routeOf(place, verb, [], []),
    await routeOf(place, verb, [], NEVER),
  ]);

/** The effects. */
export const DIRECT_FLAG_EFFECTS: FlagEffects = {
  "serve --direct": effect(
    "a fetch stays relayed",
    async (place) => [
      await routeOf(place, "recv-blob", [], []),
      await routeOf(place, "recv-blob", NEVER, []),
    ],
  ),
  "recv-blob --direct": fetched("recv-blob"),
  "recv-dir --direct": fetched("recv-dir"),
  "doctor --direct": effect(
    "the route that is measured is the one by way of the relay",
    async (place) => {
      const isDirect = async (...flags: string[]) => {
        const { checks } = await told(
          place,
          [],
          () => [...words`doctor --measure 50ms`, ...flags],
        );
        const route = checks.find((found: { check: string }) =>
          found.check === "route"
        );
        return route.direct;
      };
      return [await isDirect(), await isDirect(...NEVER)] as const;
    },
  ),
};
