/** The flags of the verbs that publish, of how they take what they read. */

import { startHolder } from "../support/cli.ts";
import { LivingFile } from "../support/living_file.ts";
import { effect, type FlagEffect, type FlagEffects } from "./flag_effect.ts";
import { PATTERNS } from "./flag_effects.ts";
import type { Place } from "./place.ts";
import { serving } from "./serving.ts";

/** Whether a holder gets ready, and the bytes that it serves of a tree then. */
async function servedBytes(
  place: Place,
  path: string,
  flags: readonly string[],
): Promise<number | undefined> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  try {
    await using holder = await startHolder(home, [path, ...flags]);
    return holder.refs[0].size;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

function serveFilter(flag: string): FlagEffects {
  return {
    [`serve --${flag}`]: effect("less of a tree is served", async (place) => {
      const tree = place.source("tree");
      const given = await PATTERNS[flag](place);
      return [
        await servedBytes(place, tree, []),
        await servedBytes(place, tree, given),
      ];
    }),
  };
}

/** What becomes of a file that is written to while it is read. */
function strict(
  see: (
    place: Place,
    path: string,
    flags: readonly string[],
  ) => Promise<unknown>,
): FlagEffect {
  return effect("a file that lives is refused", async (place) => {
    await Deno.mkdir(place.at("living"));
    using file = await LivingFile.make(place.at("living", "file"));
    return [
      await see(place, file.path, []),
      await see(place, file.path, ["--strict"]),
    ];
  });
}

/** The effects. */
export const PUBLISH_FLAG_EFFECTS: FlagEffects = {
  ...serveFilter("include"),
  ...serveFilter("exclude"),
  ...serveFilter("exclude-from"),
  "send-blob --strict": strict(async (place, path, flags) =>
    (await place.run`send-blob ${path} ${flags}`).code
  ),
  "send-dir --strict": strict(async (place, _path, flags) =>
    (await place.run`send-dir ${place.at("living")} ${flags}`).code
  ),
  "serve --strict": strict(servedBytes),
  "serve --refresh": effect(
    "what has changed is published again when it is missed",
    async (place) => {
      const see = async (name: string, ...more: string[]) => {
        const dir = place.at(name);
        await Deno.mkdir(dir);
        await place.write(`${name}/file`, "before");
        return await serving(place, [dir, ...more], async (holder) => {
          await place.write(`${name}/file`, "after it");
          const { stderr } = await place.run`recv-dir --remote-ref
            ${holder.refs[1].ref} --out ${place.at("out")} ${holder.attach()}
            --output json`;
          return stderr.includes("successor");
        });
      };
      return [await see("one"), await see("two", "--refresh")];
    },
  ),
  "serve --no-hash-cache": effect(
    "no cache is looked for, so that none is missed",
    async (place) => {
      const env = { XDG_CACHE_HOME: await place.write("no-directory", "") };
      const see = (...more: string[]) =>
        serving(place, ["-v", ...more], async (holder) => {
          const { stderr } = await holder.stop();
          return stderr.includes("hash cache");
        }, { env });
      return [await see(), await see("--no-hash-cache")];
    },
  ),
};
