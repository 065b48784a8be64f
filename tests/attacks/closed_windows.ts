import { delivered } from "../../lib/transfer/testing/session_pair.ts";
import type { Attack } from "./attack.ts";
import { crowd, type Member } from "./support/crowd.ts";
import { describeCrowd, isServed } from "./support/crowd_verdict.ts";

/** Sessions and keys, one after the other. */
const ROUNDS = Deno.env.has("ATTACK_RUNS")
  ? [[8, 8], [64, 1], [64, 64], [500, 500]]
  : [[64, 1], [64, 64]];
/** Requests of each. */
const REQUESTS = 8;

/** Asks, and acknowledges nothing of what comes. */
async function fallSilent({ ask, session }: Member): Promise<void> {
  for (let i = 0; i < REQUESTS; i++) await ask();
  await delivered();
  session.mute();
}

export const attack: Attack = {
  name: "closed_windows",
  claim:
    "Clients that ask for chunks and acknowledge nothing keep no memory from others, and each has one chunk read.",
  async run() {
    const lines: string[] = [];
    let held = true;
    let read = 0;
    let asked = 0;
    for (const [sessions, keys] of ROUNDS) {
      const result = await crowd(sessions, keys, fallSilent);
      read = result.before + result.others;
      asked = sessions * REQUESTS;
      held &&= isServed(result) && read > 0 && read <= sessions;
      lines.push(`${sessions} of ${keys} keys: ${describeCrowd(result)}`);
    }
    return {
      held,
      line: lines.join("; "),
      cost: { attacker: `${asked} requests`, node: `${read} chunks read` },
    };
  },
};
