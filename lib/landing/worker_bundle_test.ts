import { assert } from "@std/assert";
import { bundleWorker } from "../../scripts/bundle_worker.ts";

Deno.test("worker_bundle.ts is what its sources bundle to", async () => {
  const committed = await Deno.readTextFile(
    new URL("worker_bundle.ts", import.meta.url),
  );
  const fresh = await bundleWorker();
  assert(
    fresh === committed,
    "worker_bundle.ts is stale: run deno task bundle-worker",
  );
});
