/** The flags that say what a fetch takes from this machine. */

import { dirname } from "@std/path";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import { type FlagEffects, seenWith } from "./flag_effect.ts";
import { threads } from "./flag_effects.ts";
import type { Place } from "./place.ts";

type Fetching = "recv-blob" | "recv-dir";

/** What was not fetched, of all. */
async function reused(
  place: Place,
  verb: Fetching,
  more: readonly string[],
): Promise<number> {
  const fetch = verb === "recv-blob"
    ? place.recvBlob(place.refs.large, "out", ...more)
    : place.recvDir(place.refs.tree, "out", ...more);
  return JSON.parse((await fetch).stdout).bytes_reused;
}

function found(verb: Fetching): FlagEffects {
  const source = (place: Place) =>
    place.source(verb === "recv-blob" ? "large.bin" : "tree");
  return {
    [`${verb} --reuse`]: seenWith(
      "what another path has is not fetched",
      (place) => Promise.resolve(["--reuse", source(place)]),
      (place, more) => reused(place, verb, more),
    ),
    [`${verb} --store`]: seenWith(
      "what a store has is not fetched",
      async (place) => {
        const store = place.at("../own-store");
        const publish = verb === "recv-blob" ? "send-blob" : "send-dir";
        await place.run`${publish} ${source(place)} --store ${store}`;
        return ["--store", store];
      },
      (place, more) => reused(place, verb, more),
    ),
    [`${verb} --jobs`]: threads(async (place, tracer, jobs) => {
      // Less is hashed where it is read.
      const old = place.at(verb === "recv-blob" ? "out" : "out/big");
      await Deno.mkdir(dirname(old), { recursive: true });
      await Deno.writeFile(old, new Uint8Array(32 * 2 ** 20));
      const what = verb === "recv-blob"
        ? ["--blob-ref", place.refs.large]
        : ["--remote-ref", place.refs.tree];
      const args = words`${verb} ${what} --out ${place.at("out")} --replace
        --jobs ${jobs} --no-hash-cache ${place.attach()}`;
      return await runProgram([...tracer, ...sourceProgram()], args);
    }),
  };
}

/** The effects. */
export const FOUND_EFFECTS: FlagEffects = {
  ...found("recv-blob"),
  ...found("recv-dir"),
};
