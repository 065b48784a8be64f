import type { Attack } from "./attack.ts";
import { AnswerProcess } from "./support/answer_process.ts";
import { type Flood, flood } from "./support/flood.ts";

const MEGABITS = 20;
const SPAN_MS = 1500;
const KINDS: Flood["kind"][] = ["junk", "ids"];

export const attack: Attack = {
  name: "junk_packets",
  claim: "Packets of somebody without the PSK cost the node little more than " +
    "their receiving.",
  async run() {
    await using node = await AnswerProcess.start();
    const { address: to, publicKey } = node;
    const lines: string[] = [];
    let held = true;
    let worst = 0;
    for (const kind of KINDS) {
      const before = await node.cpu();
      const { result, packets, seconds } = await flood(
        { kind, to, publicKey, megabits: MEGABITS, addresses: 1 },
        async () => {
          await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
          const cpu = await node.cpu() - before;
          return { honest: await node.honest(), cpu };
        },
      );
      const { honest, cpu } = result;
      if (honest === undefined) held = false;
      const each = cpu / Math.max(1, packets * SPAN_MS / 1000 / seconds);
      worst = Math.max(worst, cpu / SPAN_MS);
      lines.push(
        `${kind}: ${Math.round(1000 * each)} µs each, ` +
          (honest === undefined ? "locked out" : "others attach"),
      );
    }
    return {
      held,
      line: lines.join("; "),
      cost: {
        attacker: `${MEGABITS / 8} MB/s`,
        node: `${Math.round(100 * worst)} % of a processor`,
      },
    };
  },
};
