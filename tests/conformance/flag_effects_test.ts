/**
 * Every flag of every verb does something: the tables of options are held
 * against the effects that are seen. A flag without an effect fails, and an
 * effect without a flag.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ATTACH_OPTIONS } from "../../lib/cli/node/node_options.ts";
import type {
  CommandEntry,
  VerbTables,
} from "../../lib/cli/framework/program.ts";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { GLOBAL_OPTIONS } from "../../lib/cli/options/global_options.ts";
import type { Option } from "../../lib/cli/framework/options/option.ts";
import { Fixture, type Found, lookAtAll } from "./fixture.ts";
import type { FlagEffect, Group, Seen } from "./flag_effect.ts";
import { FLAG_EFFECTS } from "./flag_effects.ts";
import {
  ATTACHING,
  attachSets,
  GLOBAL_FLAGS,
  SHARED_FLAG_EFFECTS,
} from "./flag_effects_shared.ts";
import { Skipped } from "./row.ts";

const EFFECTS = [...FLAG_EFFECTS, ...SHARED_FLAG_EFFECTS];
const GROUPS: Readonly<Record<Group, readonly Option[]>> = {
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
  for (const [words, { options }] of await allVerbs()) {
    for (const spec of Object.values(options)) {
      // The very same options: the same code reads them.
      if (GROUPS.attach.includes(spec)) continue;
      flags.push(`${words} --${spec.name}`);
    }
  }
  return flags.sort();
}

function isSeen(found: Found<Seen>): found is Seen {
  return Array.isArray(found);
}

const label = ({ of, flag }: FlagEffect) => `${of} --${flag}`;

Deno.test("every flag has an effect that is seen, and every effect a flag", async () => {
  assertEquals(EFFECTS.map(label).sort(), await allFlags());
});

Deno.test("a test that is said to be about a flag uses it", async () => {
  for (const entry of EFFECTS) {
    assertEquals(entry.look === undefined, entry.test !== undefined);
    if (entry.test === undefined) continue;
    const { file, name } = entry.test;
    const text = await Deno.readTextFile(
      new URL(`../${file}`, import.meta.url),
    );
    const at = text.indexOf(`"${name}`);
    assert(at >= 0, `${file} has no test '${name}…'`);
    const end = text.indexOf("\nDeno.test(", at);
    const body = text.slice(at, end < 0 ? undefined : end);
    assert(
      new RegExp(`--${entry.flag}(?![a-z-])`).test(body),
      `'${name}…' does not use --${entry.flag}`,
    );
  }
});

Deno.test({
  name: "a flag makes a difference that is seen",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using fixture = await Fixture.start();
    const visible = EFFECTS.filter(({ look }) => look !== undefined);
    const seen = await lookAtAll<Seen>(
      fixture,
      visible.flatMap(({ look }) => look ?? []),
    );
    for (const [at, entry] of visible.entries()) {
      const found = seen[at];
      const skipped = found instanceof Skipped;
      if (skipped) console.warn(`${label(entry)} skipped: ${found.message}`);
      await t.step({
        name: `${label(entry)}: ${entry.how}`,
        ignore: skipped,
        fn() {
          if (!isSeen(found)) throw new Error(Deno.inspect(found));
          assertNotEquals(found[0], found[1]);
        },
      });
    }

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
              const { code, stderr } = await place.run(...args(place), ...set);
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
            const { code, stdout } = await place.run(
              ...[...words.split(" "), ...GLOBAL_FLAGS],
            );
            assertEquals([code, stdout.includes("Usage")], [0, true], words);
          }
        }),
    );
  },
});
