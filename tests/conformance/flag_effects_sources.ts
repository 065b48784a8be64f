/** The flags that say where else a fetch gets its chunks. */

import { fromHex } from "../../lib/text/hex.ts";
import { encodeTicket } from "../../lib/mesh/mod.ts";
import { words } from "../../scripts/program.ts";
import { effect, type FlagEffects, seenWith } from "./flag_effect.ts";
import type { Place } from "./place.ts";
import { Skipped } from "./row.ts";

type Fetching = "recv-blob" | "recv-dir";

/** A command line that fetches what the holder has, from a node. */
function fetching(
  place: Place,
  verb: Fetching,
  attach: string[],
  out = "out",
): string[] {
  const what = verb === "recv-blob"
    ? ["--blob-ref", place.refs.large]
    : ["--remote-ref", place.refs.six];
  return words`${verb} ${what} --out ${place.at(out)} ${attach}`;
}

/** A ticket of the holder. */
function ticketOf({ four }: Place): string {
  return encodeTicket({
    publicKey: fromHex(four.publicKey),
    addresses: [four.address],
    psk: fromHex(four.psk),
  });
}

/** How many sockets a fetch opens. */
async function socketsWith(
  place: Place,
  verb: Fetching,
  count: string,
): Promise<number> {
  const log = place.at("calls");
  const line = fetching(place, verb, place.attach(), `out${count}`);
  const { code, stderr } = await place.shell(
    `exec strace -f -qq -e trace=bind -o '${log}' "$@"`,
    ...[...line, "--connections", count],
  );
  if (code !== 0) throw new Skipped(`strace does not work here: ${stderr}`);
  return (await Deno.readTextFile(log)).match(/bind\(.*AF_INET/g)?.length ?? 0;
}

function fetches(verb: Fetching): FlagEffects {
  return {
    [`${verb} --source`]: seenWith(
      "what the node lacks comes from the other source",
      (place) => Promise.resolve(["--source", ticketOf(place)]),
      async (place, more) =>
        (await place.run`${fetching(place, verb, place.attachIdle())} ${more}`)
          .code,
    ),
    [`${verb} --connections`]: effect(
      "as many sockets are opened",
      async (place) => [
        await socketsWith(place, verb, "1"),
        await socketsWith(place, verb, "2"),
      ],
    ),
  };
}

/** The effects. */
export const SOURCE_FLAG_EFFECTS: FlagEffects = {
  ...fetches("recv-blob"),
  ...fetches("recv-dir"),
};
