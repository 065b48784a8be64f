import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { pattern } from "../../lib/wire/testing/bytes.ts";
import { Random } from "../../lib/wire/testing/random.ts";
import { Simulation } from "../../lib/wire/testing/simulation.ts";
import { type Attack, attackRuns } from "./attack.ts";

const BYTES = 60_000;
/** Virtual milliseconds that the content may take beside the attacker. */
const PATIENCE_MS = 25_000;

/** What somebody on the path puts in the place of a datagram. */
type Trick = (
  bytes: Uint8Array,
  random: Random,
  earlier: readonly Uint8Array[],
) => Uint8Array[];

const TRICKS: Record<string, Trick> = {
  "bit flips": (bytes, random) => {
    const flipped = bytes.slice();
    flipped[random.below(flipped.length)] ^= 1 << random.below(8);
    return [flipped];
  },
  replays: (bytes, random, earlier) => [bytes, bytes, random.pick(earlier)],
  truncation: (bytes, random) => [bytes.slice(0, random.below(bytes.length))],
  "splices of another session": (bytes, random, earlier) => {
    const other = random.pick(earlier);
    const at = 13 + random.below(20);
    return [concat([bytes.subarray(0, at), other.subarray(at)])];
  },
  "key phase flips": (bytes) => {
    const flipped = bytes.slice();
    flipped[0] ^= 4;
    return [flipped, bytes];
  },
  "forged resets": (bytes, random) => [
    concat([Uint8Array.of(5), bytes.subarray(1, 9), random.bytes(16)]),
    bytes,
  ],
  "holding back and delivering later": (_bytes, random, earlier) => [
    random.pick(earlier),
    random.pick(earlier),
  ],
};

/** Whether content arrives whole, and nothing ends the session. */
function survives(trick: Trick, seed: number): boolean {
  const random = new Random(seed);
  const foreign = new Simulation({
    seed: seed + 1,
    keys: [new Uint8Array(32).fill(8), new Uint8Array(32).fill(9)],
  });
  const earlier: Uint8Array[] = [new Uint8Array(50)];
  foreign.tamper = (_, bytes) => {
    earlier.push(bytes);
    return [bytes];
  };
  foreign.client.open(pattern(4000, 1), true);
  foreign.run(500);

  const simulation = new Simulation({ seed });
  simulation.tamper = (_, bytes) => {
    const arriving = random.chance(0.3)
      ? trick(bytes, random, earlier)
      : [bytes];
    earlier.push(bytes);
    return arriving;
  };
  simulation.client.open(pattern(BYTES, 2), true);
  const parts: Uint8Array[] = [];
  const { client, server } = simulation;
  simulation.runUntil(() => {
    if (client.closed ?? server.closed) return true;
    const stream = server.incoming[0];
    if (stream !== undefined) parts.push(server.drain(stream));
    return stream?.receive.done;
  }, PATIENCE_MS);
  const whole = equals(concat(parts), pattern(BYTES, 2));
  return whole && client.closed === undefined && server.closed === undefined;
}

export const attack: Attack = {
  name: "on_path",
  claim:
    "Whoever changes, replays or invents packets on the way changes no content and ends no session.",
  run() {
    const runs = attackRuns(3);
    const broken = new Set<string>();
    for (const [name, trick] of Object.entries(TRICKS)) {
      for (let seed = 1; seed <= runs; seed++) {
        if (!survives(trick, seed)) broken.add(`${name} (seed ${seed})`);
      }
    }
    return Promise.resolve({
      held: broken.size === 0,
      line: broken.size > 0
        ? [...broken].join(", ")
        : `${
          Object.keys(TRICKS).join(", ")
        }: content whole in ${runs} sessions each, with every third datagram changed`,
    });
  },
};
