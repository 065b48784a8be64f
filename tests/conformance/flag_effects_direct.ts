/** `--direct`: whether a session by way of a relay goes on past it. */

import { words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import { ShareProcess } from "../support/share_process.ts";
import { effect, type FlagEffect, type FlagEffects } from "./flag_effect.ts";
import { NOWHERE as KEY, type Place } from "./place.ts";

/** Long enough for a path to be found, at 10 MiB. */
const SLOWLY = words`--limit-rate 4M`;

/** Nothing listens there. */
const NOBODY = "127.0.0.1:9";

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

/** The route to a share that can be reached by way of its relay alone. */
async function routeToShare(
  place: Place,
  sharing: readonly string[],
): Promise<unknown> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  const flags = ["--relay", "--ticket-psk", "--psk-hex", KEY];
  await using relay = await startHolder(`${home}/relay`, flags);
  const via = `${home}/relay.ticket`;
  await Deno.writeTextFile(via, relay.ready.ticket, { mode: 0o600 });
  await using share = await ShareProcess.start([
    place.source("large.bin"),
    ...words`--via @${via} --advertise ${NOBODY}`,
    ...sharing,
  ]);
  const { stdout } = await place.run`get ${share.ready.ticket} --yes
    --out ${home}/got ${SLOWLY} --output json`;
  return JSON.parse(stdout).route;
}

/** The effects. */
export const DIRECT_FLAG_EFFECTS: FlagEffects = {
  "serve --direct": effect(
    "a fetch stays relayed",
    async (place) => [
      await routeOf(place, "recv-blob", [], []),
      await routeOf(place, "recv-blob", NEVER, []),
    ],
  ),
  "share --direct": effect(
    "what is shared stays relayed",
    async (place) => [
      await routeToShare(place, []),
      await routeToShare(place, NEVER),
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
