import { ASKING_PER_SECOND, GET_MANY_MAX } from "../../lib/limits.ts";
import type { ChunkStore } from "../../lib/store/mod.ts";
import { ChunkFetcher } from "../../lib/transfer/ask/chunk_fetcher.ts";
import { ServeMemory } from "../../lib/transfer/serve/serve_memory.ts";
import { serveSession } from "../../lib/transfer/serve/serve_session.ts";
import { VirtualTime } from "../../lib/transfer/testing/virtual_time.ts";
import type { Attack } from "./attack.ts";

/** Milliseconds that the attacker goes on, and in which others are answered. */
const ASKED_MS = 4000;
const OTHER_MS = 100;
/** Requests that it has under way. */
const AT_ONCE = 32;
const LINK = { delay: 1 };

/** Holds nothing, and counts how often it is asked. */
class CountingStore implements ChunkStore {
  lookups = 0;

  has(): Promise<boolean> {
    this.lookups++;
    return Promise.resolve(false);
  }

  get(): Promise<undefined> {
    this.lookups++;
    return Promise.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

export const attack: Attack = {
  name: "endless_questions",
  claim:
    "A client that asks for what is not there, as fast as it is answered, has a bounded part of a holder's processor while others have sessions.",
  async run() {
    using time = new VirtualTime();
    const memory = new ServeMemory();
    const [greedy, modest] = [new CountingStore(), new CountingStore()];
    const attach = (store: ChunkStore) => {
      const [client, holder] = time.connect(LINK, {}, {});
      serveSession(holder, store, { memory }).catch(() => {});
      return client;
    };
    const hashes = Array.from(
      { length: GET_MANY_MAX },
      () => new Uint8Array(32).fill(7),
    );
    const attacker = new ChunkFetcher(attach(greedy));
    const other = new ChunkFetcher(attach(modest));
    const ask = async (): Promise<void> => {
      for (;;) await attacker.have(hashes);
    };
    for (let i = 0; i < AT_ONCE; i++) ask().catch(() => {});
    await time.pass(ASKED_MS);
    const done = greedy.lookups;
    await time.until(other.have(hashes.slice(0, 16)), OTHER_MS);
    // Half a second's worth is there at the start.
    const most = ASKING_PER_SECOND * (ASKED_MS / 1000 + 0.5) + 2 * GET_MANY_MAX;
    return {
      held: done > 0 && done <= most && modest.lookups === 16,
      line:
        `${done} lookups in ${ASKED_MS} ms for ${AT_ONCE} requests at once, ` +
        `at most ${most}; another client was answered within ${OTHER_MS} ms`,
      cost: {
        attacker: `${done * 32} bytes of hashes`,
        node: `${done} lookups in ${ASKED_MS} ms`,
      },
    };
  },
};
