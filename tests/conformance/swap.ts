/**
 * The two renames that replace a tree: failures between them cannot be brought
 * about from outside at a known moment, so these rows work with the function
 * that does the renames, on real directories, and make one of its operations
 * fail. The killed process is a real one.
 */

import { fromFileUrl, join } from "@std/path";
import {
  swapIn,
  type SwapOperations,
  swapOperations,
} from "../../lib/landing/worker/swap.ts";
import { splitTarget } from "../../lib/landing/worker/target.ts";
import { ROOT, runProgram, words } from "../../scripts/program.ts";
import type { Place } from "./place.ts";
import { from, type Outcome, type Rows } from "./row.ts";

/** The operations on the real disk, in directories of our own. */
export const REAL_OPERATIONS: SwapOperations = {
  ...swapOperations(null, () => {}),
  isOurs: () => true,
};

/** A target with an old file and, beside it, a finished tree with a new one. */
async function makeTrees(place: Place): Promise<string> {
  const temp = `.out.fetch_${"ab".repeat(8)}`;
  await place.oldTree();
  await Deno.mkdir(place.at(temp));
  await place.write(join(temp, "new"), "new");
  return place.at(temp);
}

async function swapWith(
  place: Place,
  operations: Partial<SwapOperations>,
  present = true,
): Promise<Outcome> {
  const temp = await makeTrees(place);
  if (!present) await Deno.remove(place.at("out"), { recursive: true });
  const ops = { ...REAL_OPERATIONS, ...operations };
  const target = splitTarget(join(place.dir, "out"));
  let result = "installed";
  try {
    swapIn(ops, target, temp);
  } catch {
    result = "failed";
  }
  // The caller removes the tree that was not installed.
  await Deno.remove(temp, { recursive: true }).catch(() => {});
  return {
    result,
    inside: await place.names("out").catch(() => null),
    beside: await place.names(),
  };
}

/** Fails at the given calls of `rename`, counted from 1. */
function failingRename(...calls: number[]): Partial<SwapOperations> {
  let call = 0;
  return {
    rename(from, to) {
      if (calls.includes(++call)) throw new Deno.errors.Busy("busy");
      Deno.renameSync(from, to);
    },
  };
}

/** A process that is killed by its own hand before the second rename. */
async function killBetween(place: Place): Promise<number> {
  const temp = await makeTrees(place);
  const program = fromFileUrl(new URL("./killed_swap.ts", import.meta.url));
  const { code } = await runProgram(
    [Deno.execPath()],
    words`run -A --quiet --no-check --config ${join(ROOT, "deno.json")}
      ${program} ${place.dir} ${temp}`,
  );
  return code;
}

/** The rows. */
export const SWAP_ROWS: Rows = from("src/adapter/net/dataforts/dir.rs", {
  "swap-absent-rename-fails": {
    description: "a tree that cannot be renamed to where nothing is",
    reference: { result: "failed", inside: null, beside: [] },
    run: (place) => swapWith(place, failingRename(1), false),
  },
  "swap-move-in-fails": {
    description: "the new tree cannot be moved in: the old one is restored",
    reference: { result: "failed", inside: ["old"], beside: ["out"] },
    run: (place) => swapWith(place, failingRename(2)),
  },
  "swap-restore-fails": {
    description: "and cannot be restored: it stays beside the target",
    reference: { result: "failed", inside: null, beside: [".out.replaced_*"] },
    run: (place) => swapWith(place, failingRename(2, 3)),
  },
  "swap-backup-stays": {
    description: "the old tree cannot be removed: the new one is in place",
    reason:
      "what may be gone in part never has the name of what the next run puts back",
    reference: {
      result: "installed",
      inside: ["new"],
      beside: [".out.replaced_*", "out"],
    },
    ours: {
      result: "installed",
      inside: ["new"],
      beside: [".out.removing_*", "out"],
    },
    // Its removal comes after the swap, or, here, not at all.
    run: (place) => swapWith(place, {}),
  },
  "swap-killed-between": {
    description: "killed between the two renames: both trees are beside",
    reference: { ended: 137, beside: [".out.fetch_*", ".out.replaced_*"] },
    async run(place) {
      const ended = await killBetween(place);
      return { ended, beside: await place.names() };
    },
  },
  "swap-killed-then-refused": {
    description: "the run after that, when it cannot fetch its tree",
    reason: "the old tree is put back before anything else is done",
    reference: { code: 3, inside: null },
    ours: { code: 3, inside: ["old"] },
    async run(place) {
      await killBetween(place);
      const { code } = await place.recvDir(place.refs.hollow);
      const inside = await place.names("out").catch(() => null);
      return { code, inside };
    },
  },
});
