/** What `doctor` prints. */

import { escapeText } from "../../text/escape.ts";
import type { Fields, PageReport } from "../framework/output/report.ts";
import { formatRate } from "../../text/human.ts";
import type { Paint } from "../framework/terminal/paint.ts";
import type { Check, CheckStatus } from "./checks.ts";
import { type Limit, remedy } from "./limiting_stage.ts";
import { mib } from "./machine_checks.ts";

/** What limits, in words. */
export const REASONS: Readonly<Record<Limit["reason"], string>> = {
  slower: "it is the slowest stage",
  processor: "a thread is busy with it",
  drops: "its buffer overflows",
  buffer: "no more is sent at once than its buffer holds",
  rate_limit: "it keeps to a rate that was set there",
  nothing_to_send: "it had nothing to send for most of the time",
  window: "the window of flow control is small for this round trip",
  loss: "CUBIC takes its losses for congestion",
  path: "it takes no more",
  busy: "it was busy nearly all the time",
};

function limitCheck(limit: Limit): Check {
  const { stage, reason, rate } = limit;
  return {
    check: "limit",
    status: "ok",
    said: `${stage}, at ${formatRate(rate)}: ${REASONS[reason]}`,
    hint: remedy(limit, Deno.build.os),
  };
}

/** A limit for programs. */
export function stageFields(limit: Limit): Fields {
  const { stage, reason, rate } = limit;
  return {
    stage,
    reason,
    rate_mib_s: mib(rate),
    hint: remedy(limit, Deno.build.os),
  };
}

function checkFields({ check, status, said, hint, figures }: Check): Fields {
  return { check, status, said, hint, ...figures };
}

function marksOf(paint: Paint): Record<CheckStatus, (text: string) => string> {
  return {
    ok: (text) => text,
    warn: paint.notice,
    failed: paint.bad,
    skipped: paint.faint,
  };
}

/** One line for each check, and one more where something can be done. */
function page(checks: readonly Check[], paint: Paint): string {
  const marks = marksOf(paint);
  const width = Math.max(...checks.map(({ check }) => check.length));
  return checks.flatMap(({ check, status, said, hint }) => {
    const line = `${marks[status](status.padEnd(7))}  ${
      paint.strong(check.padEnd(width))
    }  ${escapeText(said)}`;
    if (hint === undefined) return [line];
    const margin = " ".repeat(9 + width + 2);
    return [line, `${margin}${paint.faint("hint:")} ${escapeText(hint)}`];
  }).join("\n");
}

/**
 * All that was seen.
 *
 * @param exitCode That of the program, and of the verbs that would fail.
 */
export function doctorReport(
  checks: readonly Check[],
  limit: Limit | undefined,
  exitCode: number,
): PageReport {
  const all = limit === undefined ? checks : [...checks, limitCheck(limit)];
  const failed = checks.find(({ status }) => status === "failed");
  return {
    fields: {
      ok: failed === undefined,
      exit_code: exitCode,
      failed: failed?.check,
      limit: limit && stageFields(limit),
      checks: checks.map(checkFields),
    },
    page: (paint) => page(all, paint),
  };
}
