import { killFetches } from "../../scripts/kill_fetches.ts";
import { onWindows, unless } from "../support/unless.ts";

Deno.test({
  ...unless(
    onWindows,
    "fetches that are killed at random are gone on with, and nothing on the disk is fetched again",
  ),
  async fn() {
    const seed = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1e9);
    try {
      await killFetches(4, seed);
    } catch (error) {
      throw new Error(`KILL_SEED=${seed}`, { cause: error });
    }
  },
});
