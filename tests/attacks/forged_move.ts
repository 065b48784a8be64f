import {
  DirectSimulation,
  RELAYED,
} from "../../lib/wire/testing/direct_simulation.ts";
import type { RemoteAddress } from "../../lib/wire/mod.ts";
import { seededRandom } from "../../lib/wire/testing/random.ts";
import { type Attack, attackRuns } from "./attack.ts";

const BYTES = 6_000_000;
const HIS: RemoteAddress = { hostname: "192.0.2.66", port: 6666 };

/** What somebody on the way, or the relay, makes of a packet besides. */
type Trick = (
  bytes: Uint8Array,
  random: () => number,
  seen: readonly Uint8Array[],
) => Uint8Array[];

const TRICKS: Record<string, Trick> = {
  "sends it first, from where he is": (bytes) => [bytes],
  "sends old ones from there": (_bytes, random, seen) => [
    seen[Math.floor(random() * seen.length)],
  ],
  "alters it": (bytes, random) => {
    const altered = bytes.slice();
    altered[Math.floor(random() * bytes.length)] ^= 1;
    return [altered];
  },
  "makes one up": (bytes, random) => [
    bytes.map((byte, i) => i < 9 ? byte : Math.floor(256 * random())),
  ],
};

/**
 * A transfer beside somebody who wants it to come to him.
 *
 * @param onRelay Whether he is the relay, and there is no direct path.
 * @returns What is wrong.
 */
function play(trick: Trick, seed: number, onRelay: boolean): string[] {
  const random = seededRandom(seed);
  const simulation = new DirectSimulation({
    client: { address: { hostname: "198.51.100.1", port: 5001 } },
    server: { address: { hostname: "203.0.113.1", port: 5002 } },
    direct: { rate: 50, delay: 15, down: onRelay },
    relayed: { rate: 20, delay: 30 },
    seed,
  });
  const { client, server } = simulation;
  const deliver = simulation.deliver.bind(simulation);
  const seen: Uint8Array[] = [];
  let his = 0;
  simulation.deliver = (to, bytes, from) => {
    if (seen.length < 2000) seen.push(bytes);
    const reaches = onRelay === (from === RELAYED);
    if (reaches && random() < 0.2) {
      for (const packet of trick(bytes, random, seen)) {
        his += packet.length;
        deliver(to, packet, HIS);
      }
    }
    deliver(to, bytes, from);
  };
  const faults: string[] = [];
  const { received } = simulation.download(BYTES);
  const isHis = () =>
    [client, server].some(({ connection }) =>
      connection.address.hostname === HIS.hostname
    );
  simulation.runUntil(() => isHis() || received() === BYTES, 120_000);
  if (isHis()) faults.push("a session went to him");
  if (received() !== BYTES) faults.push(`${received()} bytes arrived`);
  if (client.closed || server.closed) faults.push("it ended");
  let drawn = 0;
  for (const { sentTo } of [client, server]) {
    drawn += sentTo.get(`${HIS.hostname}:${HIS.port}`)?.bytes ?? 0;
  }
  if (drawn > 3 * his) faults.push(`${drawn} bytes for ${his}`);
  return faults;
}

export const attack: Attack = {
  name: "forged_move",
  claim:
    "Who sees the packets of a session on the way, or relays them, cannot have it move to an address of his.",
  run() {
    const faults: string[] = [];
    const runs = attackRuns(2);
    for (const [name, trick] of Object.entries(TRICKS)) {
      for (const onRelay of [false, true]) {
        for (let seed = 1; seed <= runs; seed++) {
          faults.push(
            ...play(trick, seed, onRelay).map((fault) =>
              `${name}${onRelay ? ", as the relay" : ""} (${seed}): ${fault}`
            ),
          );
        }
      }
    }
    return Promise.resolve({
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${
          Object.keys(TRICKS).length
        } tricks on the way and as the relay: no session moved, no more than three times his bytes came to him, all content arrived`,
    });
  },
};
