import { ATTACH_BUDGET_MS, KEYRING_MAX } from "../../lib/limits.ts";
import type { Attack } from "./attack.ts";
import { countMacs } from "./support/count_macs.ts";
import { HandshakeSimulation } from "./support/handshake_simulation.ts";

const INITIAL_BITS = 8 * 1200;
const MEGABITS = [1.4, 8.6, 50];
/** MACs of one key in a second that a flood may cost, and for each packet of it. */
const MACS_PER_SECOND = 50_000;
const MACS_PER_PACKET = 1;

export const attack: Attack = {
  name: "full_keyring_flood",
  claim:
    "Packets with no valid mac1 cost a node with as many PSKs as it may have a " +
    "bounded number of MACs in a second, and new peers attach beside them.",
  run() {
    const faults: string[] = [];
    let [slowest, peers, worst] = [0, 0, 0];
    for (const addresses of [1, 254, Infinity]) {
      for (const megabits of MEGABITS) {
        const perSecond = megabits * 1e6 / INITIAL_BITS;
        const [result, macs] = countMacs(() =>
          new HandshakeSimulation(
            { kind: "no PSK", addresses, psks: KEYRING_MAX },
            perSecond,
          ).run()
        );
        const each = macs * 1000 / result.spanMs;
        const what = `${megabits} Mbit/s from ${addresses} addresses`;
        if (each > MACS_PER_SECOND + MACS_PER_PACKET * perSecond) {
          faults.push(`${what} cost ${Math.round(each)} MACs in a second`);
        }
        if (result.slowestMs > ATTACH_BUDGET_MS) {
          faults.push(`${what} keep new peers out`);
        }
        worst = Math.max(worst, each);
        slowest = Math.max(slowest, result.slowestMs);
        peers += result.peers;
      }
    }
    return Promise.resolve({
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${peers} new peers attached beside floods of up to ` +
          `${MEGABITS.at(-1)} Mbit/s, the slowest in ${slowest} ms`,
      cost: {
        attacker: "1200 bytes for an Initial",
        node: `${Math.round(worst)} MACs in a second at most, ` +
          `with ${KEYRING_MAX} keys`,
      },
    });
  },
};
