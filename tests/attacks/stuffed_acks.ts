import type { HostilePeer } from "../../lib/wire/testing/hostile_peer.ts";
import type { Frame } from "../../lib/wire/testing/frames.ts";
import type { Attack } from "./attack.ts";
import { stuff } from "./support/stuffed.ts";

/** What a packet may carry where nothing is known of the path, and on loopback. */
const SIZES = [1150, 60_000];

/** Acknowledges every second packet that came, so that nothing new comes. */
function sparse({ received }: HostilePeer): Frame {
  const count = Math.floor((received.largest + 1) / 2);
  const ranges = Array.from(
    { length: count },
    (_, i) => ({ start: 2 * (count - i) - 1, end: 2 * (count - i) - 1 }),
  );
  return { type: "ack", ranges, delay: 0 };
}

export const attack: Attack = {
  name: "stuffed_acks",
  claim: "A packet full of ACK frames costs a node no more than one of them.",
  run() {
    const lines: string[] = [];
    let held = true;
    let worst = 0;
    for (const size of SIZES) {
      const pings = stuff(size, () => ({ type: "ping" }));
      const { ms, peer } = stuff(size, sparse);
      // Whatever each costs: the second one is the last.
      if (peer.closed?.by !== "error") held = false;
      worst = Math.max(worst, ms);
      lines.push(
        `${size} bytes of them: ${ms.toFixed(2)} ms` +
          (peer.closed === undefined ? "" : " and the end") +
          `, of PINGs ${pings.ms.toFixed(2)} ms`,
      );
    }
    return Promise.resolve({
      held,
      line: lines.join("; "),
      cost: {
        attacker: `a session and a packet of up to ${Math.max(...SIZES)} bytes`,
        node: `${worst.toFixed(2)} ms, and the session`,
      },
    });
  },
};
