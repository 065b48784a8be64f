import { blake3 } from "../../lib/content/mod.ts";
import { GET_MANY_MAX } from "../../lib/limits.ts";
import { ChunkFetcher } from "../../lib/transfer/ask/chunk_fetcher.ts";
import {
  Cache,
  CHUNK,
  storeOf,
  until,
} from "../../lib/transfer/testing/cache.ts";
import { connect } from "../../lib/transfer/testing/fixture.ts";
import type { Attack } from "./attack.ts";

const HAVES = 8;

/** A hash of nothing that anybody has. */
function nothing(seed: number): Uint8Array {
  return blake3(new TextEncoder().encode(`nothing ${seed}`));
}

export const attack: Attack = {
  name: "have_amplification",
  claim:
    "One Have for a cache is at most one request to the node above, whatever it asks about.",
  async run() {
    const upstream = connect(await storeOf(CHUNK));
    await using cache = new Cache([upstream]);
    await until(() => cache.count("attached") === 1);
    await using client = connect(cache.store);
    const fetcher = new ChunkFetcher(client.session);
    let asked = 0;
    await Promise.all(Array.from({ length: HAVES }, async () => {
      const hashes = Array.from(
        { length: GET_MANY_MAX },
        () => nothing(asked++),
      );
      await fetcher.have(hashes);
    }));
    const requests = upstream.session.opened;
    return {
      held: requests <= HAVES,
      line: `${HAVES} Haves of ${GET_MANY_MAX} hashes each: ` +
        `${requests} requests to the node above`,
      cost: {
        attacker: `${HAVES} requests, ${asked * 32} bytes`,
        node: `${requests} requests to the node above`,
      },
    };
  },
};
