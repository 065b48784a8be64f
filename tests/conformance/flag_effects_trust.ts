/** `--trust-parent`: where everybody may write nothing is, unless that is said. */

import { effect, type FlagEffects, seenWith } from "./flag_effect.ts";
import type { Place } from "./place.ts";
import { serving } from "./serving.ts";

const FLAG = "--trust-parent";

/** A path in a directory that everybody may write to. */
async function inOpen(place: Place, name: string): Promise<string> {
  await Deno.mkdir(place.at("open"), { recursive: true });
  await Deno.chmod(place.at("open"), 0o777);
  return place.at("open", name);
}

/** The effects. */
export const TRUST_FLAG_EFFECTS: FlagEffects = {
  "send-blob --trust-parent": seenWith(
    "it stages in a store that everybody could redirect",
    [FLAG],
    async (place, more) => {
      const store = await inOpen(place, "blobs");
      const path = place.source("small.bin");
      return (await place.run`send-blob ${path} --store ${store} ${more}`).code;
    },
  ),
  "send-dir --trust-parent": seenWith(
    "it stages in a store that everybody could redirect",
    [FLAG],
    async (place, more) => {
      const store = await inOpen(place, "trees");
      const path = place.source("tree");
      return (await place.run`send-dir ${path} --store ${store} ${more}`).code;
    },
  ),
  "store gc --trust-parent": seenWith(
    "it removes from a store that everybody could redirect",
    [FLAG],
    async (place, more) => {
      const store = await inOpen(place, "collected");
      const send = async (name: string) => {
        const path = await place.write(name, name);
        const { stdout } = await place
          .run`send-blob ${path} --store ${store} ${FLAG}`;
        return JSON.parse(stdout).blob_ref;
      };
      const kept = await send("kept");
      await send("gone");
      const run = await place.run`store gc ${store} --keep ${kept}
        --keep-newer 0 --delete ${more}`;
      return run.code;
    },
  ),
  "identity generate --trust-parent": seenWith(
    "it writes where everybody could redirect it",
    [FLAG],
    async (place, more) => {
      const out = await inOpen(place, "id.toml");
      return (await place.run`identity generate --out ${out} ${more}`).code;
    },
  ),
  "serve --trust-parent": effect(
    "its ready file is where everybody could redirect it",
    async (place) => {
      const file = await inOpen(place, "ready");
      const { code } = await place.run`serve ${place.source("small.bin")}
        --listen 127.0.0.1:0 --ready-file ${file}`;
      const ready = await serving(
        place,
        ["--ready-file", file, FLAG],
        () => place.size("open/ready"),
      );
      return [code, ready !== null];
    },
  ),
};
