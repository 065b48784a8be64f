/**
 * Every flag of every verb does something: the tables of options are held
 * against the effects that are seen. A flag without an effect fails, and an
 * effect without a flag.
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { ATTACH_OPTIONS } from "../../lib/cli/node/node_options.ts";
import type {
  CommandEntry,
  VerbTables,
} from "../../lib/cli/framework/program.ts";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { GLOBAL_OPTIONS } from "../../lib/cli/options/global_options.ts";
import type { Option } from "../../lib/cli/framework/options/option.ts";
import { unless } from "../support/unless.ts";
import { Fixture, lookAtAll } from "./fixture.ts";
import type { FlagEffect } from "./flag_effect.ts";
import { FLAG_EFFECTS } from "./flag_effects.ts";
import { DIRECT_FLAG_EFFECTS } from "./flag_effects_direct.ts";
import { DOCTOR_FLAG_EFFECTS } from "./flag_effects_doctor.ts";
import { FOUND_EFFECTS } from "./flag_effects_found.ts";
import { effectsOfGet, GET_FLAG_EFFECTS } from "./flag_effects_get.ts";
import { MEETING_FLAG_EFFECTS } from "./flag_effects_meeting.ts";
import { METADATA_FLAG_EFFECTS } from "./flag_effects_metadata.ts";
import { PSK_FLAG_EFFECTS } from "./flag_effects_psk.ts";
import { PUBLISH_FLAG_EFFECTS } from "./flag_effects_publish.ts";
import { SERVE_FLAG_EFFECTS } from "./flag_effects_serve.ts";
import { SHARE_FLAG_EFFECTS } from "./flag_effects_share.ts";
import { SOURCE_FLAG_EFFECTS } from "./flag_effects_sources.ts";
import { STORE_FLAG_EFFECTS } from "./flag_effects_store.ts";
import { TRUST_FLAG_EFFECTS } from "./flag_effects_trust.ts";
import {
  ATTACHING,
  attachSets,
  GLOBAL_FLAGS,
  SHARED_FLAG_EFFECTS,
} from "./flag_effects_shared.ts";

const OWN_EFFECTS = [
  FLAG_EFFECTS,
  DIRECT_FLAG_EFFECTS,
  DOCTOR_FLAG_EFFECTS,
  FOUND_EFFECTS,
  GET_FLAG_EFFECTS,
  MEETING_FLAG_EFFECTS,
  METADATA_FLAG_EFFECTS,
  PSK_FLAG_EFFECTS,
  PUBLISH_FLAG_EFFECTS,

  SERVE_FLAG_EFFECTS,
  SHARE_FLAG_EFFECTS,
  SHARED_FLAG_EFFECTS,
  SOURCE_FLAG_EFFECTS,
  STORE_FLAG_EFFECTS,
  TRUST_FLAG_EFFECTS,
]
  .flatMap(Object.entries<FlagEffect>);
const EFFECTS = [...OWN_EFFECTS, ...Object.entries(effectsOfGet(OWN_EFFECTS))];
/** Options that many verbs take and one piece of code reads. */
const GROUPS: Readonly<Record<string, readonly Option[]>> = {
  attach: Object.values(ATTACH_OPTIONS),
  global: Object.values(GLOBAL_OPTIONS),
};

/** All verbs, by their words. */
async function allVerbs(
  entries: readonly CommandEntry[] = COMMANDS,
  words: readonly string[] = [],
): Promise<Map<string, VerbTables>> {
  const found = new Map<string, VerbTables>();
  for (const entry of entries) {
    const path = [...words, entry.name];
    if ("verbs" in entry) {
      for (const more of await allVerbs(entry.verbs, path)) found.set(...more);
    } else found.set(path.join(" "), (await entry.load()).verb);
  }
  return found;
}

/** The flags there are: of each verb, those of groups once. */
async function allFlags(): Promise<string[]> {
  const flags = Object.entries(GROUPS).flatMap(([group, specs]) =>
    specs.map(({ name }) => `${group} --${name}`)
  );
  for (const [line, { options }] of await allVerbs()) {
    for (const spec of Object.values(options)) {
      // The very same options: the same code reads them.
      if (GROUPS.attach.includes(spec)) continue;
      flags.push(`${line} --${spec.name}`);
    }
  }
  return flags.sort();
}

Deno.test("every flag has an effect that is seen, and every effect a flag", async () => {
  assertEquals(EFFECTS.map(([flag]) => flag).sort(), await allFlags());
});

Deno.test({
  ...unless(
    Deno.build.os === "linux" ? undefined : "only on Linux",
    "a flag makes a difference that is seen",
  ),
  async fn(t) {
    await using fixture = await Fixture.start();
    await lookAtAll(
      t,
      fixture,
      EFFECTS.map(([flag, { how, look }]) => ({
        name: `${flag}: ${how}`,
        look,
        expect: ([without, with_]) => assertNotEquals(without, with_),
      })),
    );

    await t.step(
      "every verb that attaches does so with each flag",
      () =>
        fixture.withPlace(async (place) => {
          const verbs = [...await allVerbs()].filter(([, { options }]) =>
            Object.values(options).some((spec) => GROUPS.attach.includes(spec))
          ).map(([words]) => words);
          assertEquals(Object.keys(ATTACHING).sort(), verbs.sort());
          const sets = await attachSets(place);
          const used = sets.flat().filter((word) => word.startsWith("--"));
          assertEquals(
            [...new Set(used)].sort(),
            GROUPS.attach.map(({ name }) => `--${name}`).sort(),
          );
          for (const [words, args] of Object.entries(ATTACHING)) {
            for (const set of sets) {
              const { code, stderr } = await place.run`${args(place)} ${set}`;
              assertEquals(code, 0, `${words}: ${stderr}`);
            }
          }
        }),
    );

    await t.step(
      "every verb takes the global flags, before and behind",
      () =>
        fixture.withPlace(async (place) => {
          for (const [words] of await allVerbs()) {
            const { code, stdout } = await place
              .run`${words.split(" ")} ${GLOBAL_FLAGS}`;
            assertEquals([code, stdout.includes("Usage")], [0, true], words);
          }
        }),
    );
  },
});
