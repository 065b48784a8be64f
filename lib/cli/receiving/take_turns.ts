/** Fetches into one target take turns. */

import { ExistsError } from "../../errors.ts";
import {
  isHeldTarget,
  resolveTarget,
  untilTargetIsFree,
} from "../../landing/mod.ts";
import type { Context } from "../command.ts";
import {
  flag,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { StageFailure } from "../stage.ts";
import type { TargetDecision } from "./decide_target.ts";
import {
  type FormerTarget,
  formerTarget,
  identitiesOf,
} from "./former_targets.ts";

export const WAIT_OPTION = {
  wait: flag("wait", {
    help:
      "Wait while another process fetches into the same target, then fetch what is still missing",
  }),
} satisfies OptionTable;

/** How often a target may be made by others before we give up. */
const TURNS_MAX = 8;

/** A fetch to a target that others may fetch to as well. */
interface Turn<T> {
  readonly out: string;
  /** Judges the target. */
  readonly decide: () => Promise<TargetDecision | undefined>;
  /** What it came to before the network was touched. */
  readonly decision: TargetDecision | undefined;
  readonly run: (decision: TargetDecision | undefined) => Promise<T>;
  /** What a fetch is known to have made there; another one in tests. */
  readonly former?: (path: string) => Promise<FormerTarget | undefined>;
  /** Waits until the target is free; at once in tests. */
  readonly untilFree?: typeof untilTargetIsFree;
}

/**
 * Runs a fetch. Where another process is at the target it fails at once, or
 * waits for that and begins anew. Where another one has made the target
 * meanwhile it begins anew, too, as if it had been started after that.
 */
export async function takeTurns<T>(
  turn: Turn<T>,
  { wait }: ValuesOf<typeof WAIT_OPTION>,
  { log, signal }: Pick<Context, "log" | "signal">,
): Promise<{ result: T; decision: TargetDecision | undefined }> {
  const { out, decide, run, untilFree = untilTargetIsFree } = turn;
  let { decision } = turn;
  let isTold = false;
  for (let turns = 1;; turns++) {
    try {
      return { result: await run(decision), decision };
    } catch (error) {
      if (isHeldTarget(error)) {
        if (!wait) throw new StageFailure("target_held", error);
        if (!isTold) log.warn(`waiting: ${error.message}`);
        isTold = true;
        await untilFree(out, signal);
      } else if (
        turns > TURNS_MAX || !await wasMadeMeanwhile(error, turn, decision)
      ) {
        throw error;
      }
    }
    decision = await decide();
  }
}

/** Whether a fetch of ours made the target since it was judged. */
async function wasMadeMeanwhile(
  error: unknown,
  { out, former: lookUp = formerTarget }: Pick<Turn<unknown>, "out" | "former">,
  decision: TargetDecision | undefined,
): Promise<boolean> {
  if (!(error instanceof ExistsError)) return false;
  const former = await lookUp(resolveTarget(out).out);
  const known = decision?.former ?? [];
  return former !== undefined &&
    identitiesOf(former).some(({ ino, born }) =>
      !known.some((one) => one.ino === ino && one.born === born)
    );
}
