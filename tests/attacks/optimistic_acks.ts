import { HostilePeer } from "../../lib/wire/testing/hostile_peer.ts";
import type { Attack } from "./attack.ts";

/** Packets after which a node must have noticed. */
const PATIENCE = 4000;
const PACKET = 1000;

export const attack: Attack = {
  name: "optimistic_acks",
  claim:
    "A peer that acknowledges what it has not received, to be sent more, " +
    "is closed.",
  run() {
    const peer = new HostilePeer({ rates: [] });
    const data = Uint8Array.of(1);
    peer.send({ type: "stream", id: 0, offset: 0, data, fin: false });
    peer.listen();
    const [stream] = peer.streams;
    peer.send({ type: "max_data", limit: 2 ** 40 }, {
      type: "max_stream_data",
      id: 0,
      limit: 2 ** 40,
    });
    while (peer.closed === undefined && peer.nextNumber < PATIENCE) {
      peer.victim.streams.write(stream, new Uint8Array(PACKET));
      peer.listen();
      // The newest number is all that it needs: the rest may be lost, unseen.
      const { end } = peer.received.ranges()[0];
      peer.send({ type: "ack", ranges: [{ start: 0, end }], delay: 0 });
      peer.wait(1);
    }
    const { nextNumber: sent, closed } = peer;
    // Of a window that believes: what has left and may never have arrived.
    const { bytesSent } = peer.victim.stats;
    return Promise.resolve({
      held: closed?.by === "error",
      line: closed === undefined
        ? `${sent} packets later it is still believed`
        : `closed after ${sent} packets: ${closed.reason}`,
      cost: {
        attacker: `${sent} packets of some 40 bytes`,
        node: `${bytesSent} bytes sent before it noticed, and the session`,
      },
    });
  },
};
