/**
 * Runs a test with many seeds, some that never change and some that never were,
 * and says how to repeat the one that failed.
 */

import { Random } from "./random.ts";

/** Environment variable with the one seed to run. */
const SEED_VARIABLE = "FUZZ_SEED";

/** How many seeds a fuzz test tries. */
export interface SeedCounts {
  /** Seeds 1, 2, 3 and so on, in every run. */
  fixed: number;
  /** Seeds that are new in every run. */
  fresh: number;
}

/**
 * Calls `fuzz` with each seed, or with that of `FUZZ_SEED` alone.
 *
 * @returns Whether all seeds were tried: only then do figures over all of them
 * mean anything.
 * @throws {Error} What `fuzz` threw, with the seed and how to run it again.
 */
export function forEachSeed(
  counts: SeedCounts,
  fuzz: (random: Random) => void,
): boolean {
  const only = Deno.env.get(SEED_VARIABLE);
  const start = Math.floor(Math.random() * 2 ** 31);
  const seeds = only !== undefined ? [Number(only)] : [
    ...Array.from({ length: counts.fixed }, (_, i) => i + 1),
    ...Array.from({ length: counts.fresh }, (_, i) => start + i),
  ];
  for (const seed of seeds) {
    try {
      fuzz(new Random(seed));
    } catch (error) {
      throw new Error(
        `seed ${seed}: ${error}\nrun it again with ${SEED_VARIABLE}=${seed}`,
        { cause: error },
      );
    }
  }
  return only === undefined;
}
