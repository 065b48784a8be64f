import type { RemoteAddress } from "../../lib/wire/mod.ts";
import {
  DirectSimulation,
  RELAYED,
} from "../../lib/wire/testing/direct_simulation.ts";
import { Nat, type NatHost } from "../../lib/wire/testing/nat.ts";
import type { Attack } from "./attack.ts";

const BYTES = 3_000_000;
/** Whom the relay names as the place of both ends. */
const VICTIM: RemoteAddress = { hostname: "203.0.113.80", port: 8000 };
/** What both ends may send to an address that does not answer: a round each. */
const PACKETS_MOST = 2 * 12;
const PACKET_BYTES = 40;

function behindNat(host: 1 | 2): NatHost {
  return {
    address: { hostname: `10.0.${host}.2`, port: 5000 + host },
    nat: new Nat({
      hostname: `198.51.100.${host}`,
      mapping: "endpoint",
      filtering: "port",
    }),
  };
}

export const attack: Attack = {
  name: "false_addresses",
  claim:
    "A relay that lies about where it sees two nodes keeps them from a direct path, and does no more.",
  run() {
    const simulation = new DirectSimulation({
      client: behindNat(1),
      server: behindNat(2),
      relayed: { rate: 20, delay: 30 },
      observed: () => VICTIM,
    });
    const { client, server } = simulation;
    const { received } = simulation.download(BYTES);
    const whole = simulation.runUntil(() => received() === BYTES, 4500);
    let [packets, bytes] = [0, 0];
    for (const { sentTo } of [client, server]) {
      const sent = sentTo.get(`${VICTIM.hostname}:${VICTIM.port}`);
      packets += sent?.packets ?? 0;
      bytes += sent?.bytes ?? 0;
    }
    const isRelayed = client.connection.address === RELAYED &&
      server.connection.address === RELAYED;
    return Promise.resolve({
      held: whole && isRelayed && packets > 0 && packets <= PACKETS_MOST &&
        bytes <= PACKETS_MOST * PACKET_BYTES,
      line: `${received()} of ${BYTES} bytes arrived, ${
        isRelayed ? "all by way of the relay" : "and not by the relay"
      }; ${packets} packets of ${bytes} bytes in all went to whom it named`,
    });
  },
};
