/**
 * Swaps a tree in and is killed between the two renames.
 *
 * Arguments: the directory of the target `out`, the finished tree.
 */

import { swapIn } from "../../lib/landing/worker/swap.ts";
import { splitTarget } from "../../lib/landing/worker/target.ts";
import { REAL_OPERATIONS } from "./swap.ts";

const [parent, temp] = Deno.args;
swapIn(
  {
    ...REAL_OPERATIONS,
    rename(from, to) {
      if (from === temp) Deno.kill(Deno.pid, "SIGKILL");
      Deno.renameSync(from, to);
    },
  },
  splitTarget(`${parent}/out`),
  temp,
);
