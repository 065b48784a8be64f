/**
 * Runs many command lines in one process, which is faster than one process for
 * each. The argument is a file with one JSON list a line; before each run its
 * number is printed on both streams.
 */

import { main } from "../lib/cli/mod.ts";

/** What stands before the number of a run. */
export const MARK = "@@run ";

if (import.meta.main) {
  const text = await Deno.readTextFile(Deno.args[0]);
  const encoder = new TextEncoder();
  for (const [at, line] of text.trimEnd().split("\n").entries()) {
    const mark = encoder.encode(`${MARK}${at}\n`);
    Deno.stdout.writeSync(mark);
    Deno.stderr.writeSync(mark);
    await main(JSON.parse(line));
  }
}
