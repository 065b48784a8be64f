/** The flags of `store`. */

import { words } from "../../scripts/program.ts";
import { effect, type FlagEffects, seenWith } from "./flag_effect.ts";
import type { Place } from "./place.ts";

/** A store with two files, and the references of both. */
async function stored(place: Place): Promise<[string, string, string]> {
  const store = place.at("collected");
  const refs: string[] = [];
  for (const name of ["one", "two"]) {
    const path = await place.write(name, name);
    const { stdout } = await place.run`send-blob ${path} --store ${store}`;
    refs.push(JSON.parse(stdout).blob_ref);
  }
  return [store, refs[0], refs[1]];
}

/** What a collection that keeps one of two files says. */
async function collect(
  place: Place,
  more: readonly string[],
): Promise<string> {
  const [store, kept] = await stored(place);
  return (await place.run`store gc ${store} --keep ${kept} ${more}`).stdout;
}

export const STORE_FLAG_EFFECTS: FlagEffects = {
  "store gc --keep": effect("what is named stays", async (place) => {
    const [store, one, two] = await stored(place);
    const line = words`store gc ${store} --keep-newer 0 --keep ${one}`;
    return [
      (await place.run`${line}`).stdout,
      (await place.run`${line} --keep ${two}`).stdout,
    ];
  }),
  "store gc --keep-newer": seenWith(
    "new chunks are removed, too",
    ["--keep-newer", "0"],
    collect,
  ),
  "store gc --delete": seenWith(
    "what is not needed is removed",
    ["--delete"],
    collect,
  ),
  "store gc --progress": seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) => {
      const [store, kept] = await stored(place);
      const run = await place.run`store gc ${store} --keep ${kept} ${more}`;
      return run.stderr !== "";
    },
  ),
};
