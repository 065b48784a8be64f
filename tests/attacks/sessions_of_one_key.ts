import { SESSIONS_PER_KEY } from "../../lib/limits.ts";
import { ephemeralIdentity } from "../../lib/mesh/mod.ts";
import { listen, PSK } from "../../lib/mesh/testing/echo_node.ts";
import type { Attack } from "./attack.ts";
import { WireClient } from "./support/wire_client.ts";

/** How long those that are refused may take to be told so. */
const PATIENCE_MS = 60_000;

export const attack: Attack = {
  name: "sessions_of_one_key",
  claim:
    "One key has its bound of sessions, and another one gets in beside it.",
  async run() {
    await using node = await listen();
    using clients = new DisposableStack();
    const address = `127.0.0.1:${node.address.port}`;
    const victim = { address, publicKey: node.publicKey, psk: PSK };
    const identity = ephemeralIdentity();
    const all: WireClient[] = [];
    for (let i = 0; i < SESSIONS_PER_KEY + 8; i++) {
      all.push(clients.use(await WireClient.attach(victim, identity)));
    }
    // Those that are refused are told so.
    const isOver = ({ said }: WireClient) =>
      said.some(({ type }) => type === "close");
    const end = performance.now() + PATIENCE_MS;
    let refused = 0;
    while (refused < 8 && performance.now() < end) {
      for (const client of all) await client.send({ type: "ping" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      refused = all.filter(isOver).length;
    }
    const honest = clients.use(await WireClient.attach(victim));
    const lives = await honest.isAlive() && !isOver(honest);
    return {
      held: refused === 8 && lives,
      line: `${refused} of ${all.length} sessions of one key were refused, ` +
        `another key ${lives ? "got in" : "did not"}`,
    };
  },
};
