/** A holder that runs for one observation. */

import type {
  HolderOptions,
  HolderProcess,
} from "../../scripts/holder_process.ts";
import { startHolder } from "../support/cli.ts";
import type { Place } from "./place.ts";

/** What is seen of a holder that was started with some flags. */
export async function serving<T>(
  place: Place,
  flags: readonly string[],
  look: (holder: HolderProcess) => T | Promise<T>,
  options: HolderOptions = {},
): Promise<T> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  const args = [place.source("small.bin"), ...flags];
  await using holder = await startHolder(home, args, options);
  return await look(holder);
}
