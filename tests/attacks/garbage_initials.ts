import type { Attack } from "./attack.ts";
import { AnswerProcess } from "./support/answer_process.ts";
import { type Flood, flood } from "./support/flood.ts";

/** Of the PSK's owners one at a single address, and one at sixteen. */
const FLOODS: Pick<Flood, "kind" | "addresses">[] = [
  { kind: "cookies", addresses: 1 },
  { kind: "cookies", addresses: 16 },
  { kind: "garbage", addresses: 1 },
];
/** Faster ones, which overflow the socket of a node that is not run, are simulated: handshake_flood.ts. */
const MEGABITS = 8.6;
/** Until the flood has taken all that it gets. */
const BEFORE_MS = 1000;

export const attack: Attack = {
  name: "garbage_initials",
  claim:
    "Initials with a valid MAC and noise inside lock nobody out who comes " +
    "from another address.",
  async run() {
    await using node = await AnswerProcess.start();
    const undisturbed = await node.honest();
    if (undisturbed === undefined) throw new Error("the node does not answer");
    const lines: string[] = [];
    let held = true;
    let cost = { attacker: "", node: "" };
    for (const kind of FLOODS) {
      const { address: to, publicKey } = node;
      const before = await node.cpu();
      const { result, packets, seconds } = await flood(
        { ...kind, to, publicKey, megabits: MEGABITS },
        async () => {
          await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
          const cpu = await node.cpu() - before;
          const first = await node.honest();
          // Luck helps one; a node that holds lets both in before attaching
          // is given up. How soon depends on the machine: told, not judged.
          const honest = first && await node.honest();
          const attachMs = Math.max(
            first?.attachMs ?? 0,
            honest?.attachMs ?? 0,
          );
          return { honest: honest && { ...honest, attachMs }, cpu };
        },
      );
      const { honest, cpu } = result;
      if (honest === undefined) held = false;
      lines.push(
        `${kind.kind} from ${kind.addresses}: ` +
          (honest === undefined
            ? "locked out"
            : `attached in ${Math.round(honest.attachMs)} ms, ` +
              `${
                Math.round(100 * honest.rate / undisturbed.rate)
              } % of the rate`),
      );
      cost = {
        attacker: `${(packets * 1200 / seconds / 1e6).toFixed(1)} MB/s`,
        node: `${Math.round(100 * cpu / BEFORE_MS)} % of a processor`,
      };
    }
    return { held, line: lines.join("; "), cost };
  },
};
