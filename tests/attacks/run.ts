/**
 * Tries attacks, all of them if none is named, and prints one line for each.
 * Exits 1 when one of them succeeded.
 *
 * `deno run -A tests/attacks/run.ts [NAME…]`
 */

import { attackNames, loadAttack, verdictLine } from "./attack.ts";

let broken = 0;
for (const name of Deno.args.length > 0 ? Deno.args : attackNames()) {
  const { lacks, run } = await loadAttack(name);
  const lacking = await lacks?.();
  if (lacking !== undefined) {
    console.log(`skipped: ${name}: ${lacking}`);
    continue;
  }
  const verdict = await run();
  if (!verdict.held) broken++;
  console.log(verdictLine(name, verdict));
}
Deno.exit(broken === 0 ? 0 : 1);
