import {
  encodeVersionNegotiation,
  parseHandshakePacket,
} from "../../lib/wire/handshake/handshake_packet.ts";
import { attach } from "../../lib/mesh/attach.ts";
import { formatAddress } from "../../lib/mesh/address.ts";
import {
  exchange,
  listen,
  plainSocket,
  PSK,
} from "../../lib/mesh/testing/echo_node.ts";
import type { Attack } from "./attack.ts";

/** Versions that nobody speaks. */
const LIES = [8, 9];

export const attack: Attack = {
  name: "version_negotiation",
  claim:
    "A holder of the PSK on the path cannot end an attach by saying that " +
    "the node speaks other versions.",
  async run() {
    await using node = await listen();
    // On the path: it sees each packet of the client and answers first.
    const { socket, address } = plainSocket();
    const node2client = plainSocket();
    let client: Deno.Addr | undefined;
    let lies = 0;
    const forwards = (async () => {
      for await (const [packet, from] of socket) {
        client = from;
        if (packet[0] === 1) {
          const initial = parseHandshakePacket(packet, []);
          if (initial?.kind === "unknownVersion") {
            lies++;
            const { publicKey } = node;
            await socket.send(
              encodeVersionNegotiation(initial, LIES, publicKey, PSK),
              from,
            );
          }
        }
        await node2client.socket.send(packet, {
          transport: "udp",
          ...node.address,
        });
      }
    })();
    const backwards = (async () => {
      for await (const [packet] of node2client.socket) {
        if (client !== undefined) await socket.send(packet, client);
      }
    })();
    let line = "";
    let held = false;
    try {
      await using session = await attach({
        address: formatAddress(address),
        publicKey: node.publicKey,
        psk: PSK,
        connectTimeoutMs: 60_000,
      });
      const sent = Uint8Array.of(1, 2, 3);
      held = (await exchange(session, sent)).length === sent.length;
      line = `attached in spite of ${lies} made up version lists`;
    } catch (error) {
      line = `attach ended: ${error instanceof Error ? error.message : error}`;
    } finally {
      socket.close();
      node2client.socket.close();
      await Promise.all([forwards, backwards]);
    }
    return {
      held,
      line,
      cost: {
        attacker: `a place on the path, the PSK and ${lies} packets`,
        node: `${lies} Initials of 1200 bytes more`,
      },
    };
  },
};
