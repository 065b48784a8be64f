/**
 * How much of a link a transfer gets, on emulated links of many kinds and for
 * each congestion control: `deno task bench:links [RUNG,…] [SECONDS] [SEED]`.
 * It is computed on a virtual clock with the product's own connections at both
 * ends, so that it does not depend on the machine. Without arguments all rungs
 * run for 60 seconds, and the table of docs/performance.md is written anew.
 */

import { fromFileUrl } from "@std/path";
import { type RungFigures, RUNGS, runRung } from "../lib/wire/testing/rungs.ts";

const DOCUMENT = fromFileUrl(
  new URL("../docs/performance.md", import.meta.url),
);
const BEGIN = "<!-- bench:links -->";
const END = "<!-- /bench:links -->";
const SECONDS = 60;

const percent = (share: number) => `${(100 * share).toFixed(1)}`;
const milliseconds = (ms: number) => ms === Infinity ? "–" : ms.toFixed(0);

/** One row of the table. */
function row(name: string, congestion: string, figures: RungFigures): string {
  const cells = [
    name,
    congestion,
    percent(figures.share),
    percent(figures.steadyShare),
    figures.shares.length > 1 ? figures.shares.map(percent).join(" / ") : "",
    figures.shares.length > 1 ? figures.fairness.toFixed(3) : "",
    milliseconds(figures.queueMs),
    percent(figures.overflowed),
    milliseconds(figures.requestMs),
    figures.closes.join("; "),
  ];
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) {
  const [names = Object.keys(RUNGS).join(","), seconds = SECONDS, seed = 1] =
    Deno.args;
  const lines = [
    "| Link | Control | Share % | After 5 s % | Each flow % | Fairness | Queue p95 ms | Overflow % | 1 KiB p99 ms | Ended |",
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --- |",
  ];
  console.log(lines.join("\n"));
  for (const word of names.split(",")) {
    const rung = RUNGS[word];
    if (rung === undefined) {
      console.error(
        `no such link: ${word}; known: ${Object.keys(RUNGS).join(", ")}`,
      );
      Deno.exit(2);
    }
    for (const congestion of ["cubic", "bbr"] as const) {
      const figures = runRung(
        rung,
        congestion,
        1000 * Number(seconds),
        Number(seed),
      );
      lines.push(row(rung.name, congestion, figures));
      console.log(lines.at(-1));
    }
  }
  if (Deno.args.length === 0) {
    const text = await Deno.readTextFile(DOCUMENT);
    const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
    const after = text.slice(text.indexOf(END));
    await Deno.writeTextFile(
      DOCUMENT,
      `${before}\n\n${lines.join("\n")}\n\n${after}`,
    );
  }
}
