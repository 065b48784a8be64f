import { assert, assertEquals, assertThrows } from "@std/assert";
import { testAlone } from "../../../tests/support/own_process.ts";
import { forEachSeed } from "./fuzz.ts";

/** Runs `act` with `FUZZ_SEED` set to `seed`, or not set. */
function withVariable(seed: string | undefined, act: () => void): void {
  const before = Deno.env.get("FUZZ_SEED");
  const set = (value: string | undefined) =>
    value === undefined
      ? Deno.env.delete("FUZZ_SEED")
      : Deno.env.set("FUZZ_SEED", value);
  set(seed);
  try {
    act();
  } finally {
    set(before);
  }
}

function run(): { seeds: number[]; all: boolean } {
  const seeds: number[] = [];
  const all = forEachSeed({ fixed: 3, fresh: 5 }, ({ seed }) => {
    seeds.push(seed);
  });
  return { seeds, all };
}

testAlone(
  import.meta.url,
  "the same fixed seeds run every time, and fresh ones besides",
  () => {
    withVariable(undefined, () => {
      const runs = [1, 2].map(() => run());
      assertEquals(runs.map(({ all }) => all), [true, true]);
      const fixed = runs.map(({ seeds }) => seeds.slice(0, 3).join());
      assertEquals(fixed, ["1,2,3", "1,2,3"]);
      assertEquals(new Set(runs.flatMap(({ seeds }) => seeds)).size, 13);
    });
  },
);

testAlone(
  import.meta.url,
  "a failure says how to repeat it, and then fails in the same way",
  () => {
    const fuzz = (random: { chance(p: number): boolean; seed: number }) => {
      const drawn = [1, 2, 3].map(() => random.chance(0.5));
      if (random.seed > 1) throw new Error(`drew ${drawn}`);
    };
    const message = () =>
      assertThrows(() => {
        forEachSeed({ fixed: 1, fresh: 1 }, fuzz);
      }, Error).message;
    let first = "";
    withVariable(undefined, () => first = message());
    const seed = /FUZZ_SEED=(\d+)$/.exec(first)?.[1];
    assert(seed !== undefined, first);
    withVariable(seed, () => assertEquals(message(), first));
  },
);

testAlone(
  import.meta.url,
  "a repeated run tries one seed and says that it was not all",
  () => {
    withVariable("7", () => assertEquals(run(), { seeds: [7], all: false }));
  },
);
