import { REQUEST_MEMORY } from "../../lib/limits.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import { ServeMemory } from "../../lib/transfer/serve/serve_memory.ts";
import { connect, settle } from "../../lib/transfer/testing/fixture.ts";
import type { Attack } from "./attack.ts";

const STREAMS = 64;
const BYTES = 513;

export const attack: Attack = {
  name: "half_requests",
  claim:
    "Requests that never end cost a holder no more than twice what came of them.",
  async run() {
    const memory = new ServeMemory();
    await using store = new MemoryStore();
    await using connection = connect(store, { memory });
    for (let i = 0; i < STREAMS; i++) {
      const stream = await connection.session.openStream();
      await stream.write(new Uint8Array(BYTES));
    }
    await settle();
    const used = memory.requestBytes;
    return {
      held: used > 0 && used <= 2 * STREAMS * BYTES && used <= REQUEST_MEMORY,
      line: `${BYTES} bytes on each of ${STREAMS} streams take ${used} bytes`,
      cost: { attacker: `${STREAMS * BYTES} bytes`, node: `${used} bytes` },
    };
  },
};
