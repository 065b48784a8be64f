import type { Attack } from "./attack.ts";
import { stuff } from "./support/stuffed.ts";

const BYTES = 60_000;
/** Responses that may wait, and the packets that are sent anyway. */
const RESPONSES_MOST = 8;

export const attack: Attack = {
  name: "path_challenge_flood",
  claim: "A flood of PATH_CHALLENGE frames is answered with a few packets.",
  run() {
    const { ms, peer } = stuff(BYTES, () => ({
      type: "path_challenge",
      data: new Uint8Array(8).fill(7),
    }));
    peer.take();
    peer.listen();
    const responses =
      peer.take().filter(({ type }) => type === "path_response").length;
    return Promise.resolve({
      held: responses <= RESPONSES_MOST,
      line: `${Math.floor(BYTES / 9)} challenges: ${responses} responses`,
      cost: { attacker: `${BYTES / 1000} kB`, node: `${ms.toFixed(2)} ms` },
    });
  },
};
