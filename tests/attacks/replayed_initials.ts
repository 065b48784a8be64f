import type { Attack } from "./attack.ts";
import { AnswerProcess } from "./support/answer_process.ts";
import { flood } from "./support/flood.ts";

const MEGABITS = 10;
const SPAN_MS = 1500;

export const attack: Attack = {
  name: "replayed_initials",
  claim:
    "An Initial that is replayed causes one handshake, and the same answer " +
    "to where it came from each time.",
  async run() {
    await using node = await AnswerProcess.start();
    const { address: to, publicKey } = node;
    const options = { kind: "replay" as const, to, publicKey, addresses: 1 };
    const before = await node.cpu();
    const { result, packets, answers, seconds } = await flood(
      { ...options, megabits: MEGABITS },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
        const cpu = await node.cpu() - before;
        return { honest: await node.honest(), cpu };
      },
    );
    const { honest, cpu } = result;
    const each = cpu / Math.max(1, packets * SPAN_MS / 1000 / seconds);
    return {
      // A handshake of its own would have keys of its own, and another answer.
      held: honest !== undefined && answers <= 1,
      line: `${packets} replays at ${Math.round(1000 * each)} µs each got ` +
        `${answers} different answers; ` +
        (honest === undefined ? "locked out" : "others attach"),
      cost: {
        attacker: `${(packets * 1200 / seconds / 1e6).toFixed(1)} MB/s`,
        node: `${Math.round(100 * cpu / SPAN_MS)} % of a processor`,
      },
    };
  },
};
