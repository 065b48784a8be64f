/** Whether what is at a target may be replaced, decided before the network is touched. */

import {
  judgeTarget,
  type Loss,
  resolveTarget,
  type TargetIdentity,
} from "../../landing/mod.ts";
import { ExistsError } from "../../errors.ts";
import { quoteText } from "../../text/escape.ts";
import type { Context } from "../command.ts";
import { flag, type Option } from "../framework/options/option.ts";
import type { Fields } from "../framework/output/report.ts";
import { askYes, canAsk } from "../framework/terminal/ask.ts";
import { formatBytes } from "../../text/human.ts";
import { formerTarget, identitiesOf } from "./former_targets.ts";

/** What may be replaced at a target. */
export interface TargetDecision {
  readonly replace: boolean;
  /** What an earlier fetch made there. */
  readonly former?: readonly TargetIdentity[];
  /**
   * What would be lost, where it was counted. Of a tree that may be replaced it
   * is counted when it is: one that is equal stays, and counting takes as long as
   * finding that out.
   */
  loss?: Loss;
}

/** What the command line says of it. */
export interface TargetWish {
  readonly out: string;
  readonly replace: boolean;
  readonly inPlace?: boolean;
  readonly trustParent: boolean;
  readonly dryRun: boolean;
}

export function replaceOption(
  help: string,
): Record<"replace", Option<boolean>> {
  return { replace: flag("replace", { help }) };
}

/**
 * Decides about a directory: one that is not empty, and that no earlier fetch
 * made, is replaced only when that was said, is answered on a terminal, or is
 * the rule of the reference, whose first word was used.
 */
export async function decideTree(
  { out, replace, inPlace, trustParent, dryRun }: TargetWish,
  context: Context,
): Promise<TargetDecision> {
  const note = await formerTarget(resolveTarget(out).out);
  const former = note && identitiesOf(note);
  const judged = await judgeTarget(out, "tree", {
    replace,
    former,
    inPlace,
    trustParent,
    lookOnly: dryRun,
  });
  const { refusal, loss, warnings } = judged;
  for (const warning of warnings) context.log.warn(warning);
  const decision = {
    // Also what a killed run left aside, and is put back first.
    replace: replace || context.asReference,
    former,
    loss,
  };
  if (refusal === undefined) return decision;
  if (dryRun) {
    context.log.warn(`${refusal.message}: without --replace it would stay`);
    return decision;
  }
  if (context.asReference) {
    context.log.warn(
      `${refusal.message}: it is replaced, as the reference does`,
    );
    return decision;
  }
  if (!canAsk()) throw refusal;
  context.screen.line(refusal.message);
  if (await askYes("Replace it?", context.signal)) {
    return { ...decision, replace: true };
  }
  throw refusal;
}

/** Decides about a file, which is replaced as the reference does, and said. */
export async function decideFile(
  { out, replace, trustParent, dryRun }: TargetWish,
  context: Context,
): Promise<TargetDecision> {
  const judged = await judgeTarget(out, "blob", {
    replace: true,
    trustParent,
    lookOnly: dryRun,
    count: true,
  });
  const { found, loss, target } = judged;
  if (loss !== undefined && !replace && !dryRun) {
    const what = found === "link" ? "a link" : formatBytes(loss.bytes);
    context.log.warn(
      `${quoteText(target.out)} (${what}) is replaced when all is there; ` +
        "--replace says that this is meant",
    );
  }
  return { replace: true, loss };
}

/**
 * Decides about a target that is to be new: whatever is there stays, an earlier
 * fetch's, too, unless it is an empty directory or was said to be replaced.
 */
export async function decideNew(
  { out, replace, inPlace, trustParent, dryRun }: TargetWish,
  kind: "blob" | "tree",
  context: Context,
): Promise<TargetDecision> {
  const judged = await judgeTarget(out, kind, {
    replace,
    inPlace,
    trustParent,
    lookOnly: dryRun,
    count: replace,
  });
  for (const warning of judged.warnings) context.log.warn(warning);
  const { loss, target, found } = judged;
  const isTaken = found !== "nothing" && found !== "empty";
  if (!replace && isTaken) {
    const message = `${quoteText(target.out)} exists`;
    if (!dryRun) {
      throw new ExistsError(message, {
        hint: "choose another name with --out, or replace it with --force",
        fields: { path: target.out },
      });
    }
    context.log.warn(`${message}: without --force it would stay`);
  }
  return { replace, loss };
}

/** What is lost, as a result has it. */
export function lossFields(
  { files, bytes, isWhole }: Loss = { files: 0, bytes: 0, isWhole: true },
): Fields {
  return {
    replaced: { files, bytes, at_least: isWhole ? undefined : true },
  };
}
