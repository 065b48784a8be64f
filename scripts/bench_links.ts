/**
 * How much of a link a transfer gets, on emulated links of many kinds and for
 * each congestion control: `deno task bench:links [RUNG,…] [SECONDS] [SEEDS]`.
 * It is computed on a virtual clock with the product's own connections at both
 * ends, so that it does not depend on the machine. Without arguments all rungs
 * run for 60 seconds with three seeds each, slow ones with twelve, and the tables of
 * docs/performance.md are written anew. It fails when something of what must
 * hold does not, unless the link does not allow it.
 */

import { fromFileUrl } from "@std/path";
import { GOALS, judge, meanFigures } from "../lib/wire/testing/ladder_goals.ts";
import {
  requestP99,
  type RungFigures,
  RUNGS,
  runRung,
} from "../lib/wire/testing/rungs.ts";

const DOCUMENT = fromFileUrl(
  new URL("../docs/performance.md", import.meta.url),
);
const SECONDS = 60;
const SEEDS = 3;
/** So many times as many where a link carries few packets, and chance much. */
const SLOW_SEEDS = 4;
const SLOW_MBITS = 2;

const percent = (share: number) => `${(100 * share).toFixed(1)}`;
const milliseconds = (ms: number) => ms.toFixed(0);

/** One row of the table. */
function row(name: string, congestion: string, figures: RungFigures): string {
  const cells = [
    name,
    congestion,
    percent(figures.share),
    percent(figures.steadyShare),
    figures.halfAfterRtts === Infinity ? "–" : figures.halfAfterRtts.toFixed(1),
    figures.shares.length > 1 ? figures.shares.map(percent).join(" / ") : "",
    figures.shares.length > 1 ? figures.fairness.toFixed(3) : "",
    milliseconds(figures.queueMs),
    percent(figures.overflowed),
    percent(figures.retransmitted),
    milliseconds(requestP99(figures)),
    figures.closes.join("; "),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Runs the rungs, prints a row for each control, and returns the default's. */
function runAll(
  names: readonly string[],
  seconds: number | undefined,
  seeds: number,
  print: (line: string) => void,
): Map<string, RungFigures> {
  const byDefault = new Map<string, RungFigures>();
  print(
    "| Link | Control | Share % | After 5 s % | Half after RTT | Each flow % | Fairness | Queue p95 ms | Overflow % | Sent again % | 1 KiB p99 ms | Ended |",
  );
  print(
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |",
  );
  for (const word of names) {
    const rung = RUNGS[word];
    const duration = 1000 * (seconds ?? rung.seconds ?? SECONDS);
    const isSlow = rung.link.rate <= SLOW_MBITS;
    for (const congestion of ["cubic", "bbr"] as const) {
      const runs = Array.from(
        { length: isSlow ? SLOW_SEEDS * seeds : seeds },
        (_, i) => runRung(rung, congestion, duration, i + 1),
      );
      const figures = meanFigures(runs);
      if (congestion === "bbr") byDefault.set(word, figures);
      print(row(rung.name, congestion, figures));
    }
  }
  return byDefault;
}

/** Prints what must hold of the rungs that ran; returns whether it does. */
function judgeAll(
  byRung: ReadonlyMap<string, RungFigures>,
  print: (line: string) => void,
): boolean {
  print("| Link | What | Figure | Bound | Reach | Holds |");
  print("| --- | --- | --: | --: | --: | --- |");
  let all = true;
  for (const goal of GOALS) {
    const figures = byRung.get(goal.rung);
    if (figures === undefined) continue;
    const value = goal.value(figures);
    const verdict = judge(goal, value);
    if (verdict === "no") all = false;
    const bound = `${goal.least ? "≥" : "≤"} ${goal.bound}`;
    const reach = goal.reach?.toFixed(3) ?? "";
    const cells = [
      RUNGS[goal.rung].name,
      goal.what,
      value.toFixed(3),
      bound,
      reach,
      verdict,
    ];
    print(`| ${cells.join(" | ")} |`);
  }
  return all;
}

/** Replaces what stands between two marks of a document. */
function replace(text: string, mark: string, lines: readonly string[]): string {
  const begin = `<!-- ${mark} -->`;
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  const after = text.slice(text.indexOf(`<!-- /${mark} -->`));
  return `${before}\n\n${lines.join("\n")}\n\n${after}`;
}

if (import.meta.main) {
  const [names = Object.keys(RUNGS).join(","), seconds, seeds = SEEDS] =
    Deno.args;
  const words = names.split(",");
  const unknown = words.find((word) => RUNGS[word] === undefined);
  if (unknown !== undefined) {
    const known = Object.keys(RUNGS).join(", ");
    console.error(`no such link: ${unknown}; known: ${known}`);
    Deno.exit(2);
  }
  const printTo = (lines: string[]) => (line: string) => {
    lines.push(line);
    console.log(line);
  };
  const rows: string[] = [];
  const goals: string[] = [];
  const duration = seconds === undefined ? undefined : Number(seconds);
  const byRung = runAll(words, duration, Number(seeds), printTo(rows));
  console.log();
  const holds = judgeAll(byRung, printTo(goals));
  if (Deno.args.length === 0) {
    const text = await Deno.readTextFile(DOCUMENT);
    await Deno.writeTextFile(
      DOCUMENT,
      replace(replace(text, "bench:links", rows), "bench:goals", goals),
    );
  }
  if (!holds) Deno.exit(1);
}
