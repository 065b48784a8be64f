import type { Attack } from "./attack.ts";
import { beside, describeBeside, RSS_MAX } from "./support/beside.ts";
import { closedWindows, holderOfChunks } from "./support/closed_window.ts";

/** Sessions and keys, one after the other. */
const ROUNDS = Deno.env.has("ATTACK_RUNS")
  ? [[8, 8], [64, 1], [64, 64], [500, 500]]
  : [[8, 8], [64, 1], [64, 64]];

export const attack: Attack = {
  name: "closed_windows",
  claim:
    "Clients that ask for chunks and take none of them keep no memory from others.",
  async run() {
    await using stack = new AsyncDisposableStack();
    const holder = await holderOfChunks(stack);
    const lines: string[] = [];
    let held = true;
    for (const [sessions, keys] of ROUNDS) {
      using clients = new DisposableStack();
      let attached = 0;
      const result = await beside(holder, async () => {
        attached = await closedWindows(holder, sessions, keys, clients);
      }, 3000);
      held &&= result.rss <= RSS_MAX;
      lines.push(
        `${attached} sessions of ${keys} keys: ${describeBeside(result)}`,
      );
    }
    return { held, line: lines.join("; ") };
  },
};
