import { assert } from "@std/assert";
import { hasMore, soak } from "../../scripts/soak.ts";
import { unless } from "../support/unless.ts";

const elsewhere = Deno.build.os === "linux" ? undefined : "only on Linux";

Deno.test({
  ...unless(
    elsewhere,
    "a holder keeps nothing of transfers that are over, be they whole or given up",
  ),
  async fn() {
    const seed = Date.now() % 1e9;
    const { before, after, aborted } = await soak(40, 20, seed, Infinity);
    const figures = JSON.stringify({ seed, before, after });
    assert(aborted > 0, figures);
    assert(!hasMore(after, before), figures);
  },
});
