import { ephemeralIdentity } from "../../lib/mesh/mod.ts";
import { listen, PSK } from "../../lib/mesh/testing/echo_node.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";
import {
  addressOf,
  AttackerSocket,
  initiatorFor,
  WireClient,
} from "./support/wire_client.ts";

const PACKETS = 2000;
/** For an answer that has left to be read. */
const SILENCE_MS = 200;

export const attack: Attack = {
  name: "no_psk",
  claim:
    "Whoever finds the port and has no PSK gets no answer and learns nothing of a listener.",
  async run() {
    await using node = await listen();
    const address = `127.0.0.1:${node.address.port}`;
    const { publicKey } = node;
    using stranger = new AttackerSocket(addressOf({ address }));
    const wrong = new Uint8Array(32).fill(8);
    const guess = (await initiatorFor({ publicKey, psk: wrong })).packet();
    const elsewhere = (await initiatorFor({
      publicKey: ephemeralIdentity().x25519Public,
      psk: PSK,
    })).packet();
    // A session there is has ids that a stranger may have seen.
    using client = await WireClient.attach({ address, publicKey, psk: PSK });
    const seen = client.seal(new Uint8Array(50));
    await client.socket.send(seen);
    for (let i = 0; i < PACKETS; i++) {
      const packet = [guess, elsewhere, seen][i % 3].slice();
      const kind = Math.floor(i / 3) % 4;
      // As they are, of every other type, other versions, and noise.
      if (kind === 1) packet[0] = i % 256;
      if (kind === 2) packet[1] = i % 256;
      if (kind === 3) packet.set(noise(packet.length - 20, i), 20);
      await stranger.send(packet);
    }
    // An answer to what came later: all that came before has been looked at.
    const alive = await client.isAlive();
    const answer = await stranger.next(SILENCE_MS);
    return {
      held: answer === undefined && alive,
      line: `${PACKETS} packets of a stranger, ` +
        `${answer === undefined ? "none" : "one at least"} answered; ` +
        `a session beside them ${alive ? "lives" : "is gone"}`,
    };
  },
};
