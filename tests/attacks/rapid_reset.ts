import type { Frame } from "../../lib/wire/testing/frames.ts";
import { HostilePeer } from "../../lib/wire/testing/hostile_peer.ts";
import type { Attack } from "./attack.ts";

/** Streams that the peer opens and abandons in one go. */
const BATCH = 8;
const BATCHES = 500;

/** Opens a stream and takes it back; a few bytes, as in HTTP/2 rapid reset. */
function openAndReset(index: number): Frame[] {
  const id = 4 * index;
  return [
    { type: "stream", id, offset: 0, data: Uint8Array.of(4), fin: false },
    { type: "reset_stream", id, code: 1, finalSize: 1 },
    { type: "stop_sending", id, code: 1 },
  ];
}

export const attack: Attack = {
  name: "rapid_reset",
  claim:
    "Streams that are opened and reset at once leave nothing behind, and " +
    "none is begun before the one of before is over.",
  run() {
    const peer = new HostilePeer();
    let most = 0;
    let opened = 0;
    const start = performance.now();
    for (let batch = 0; batch < BATCHES; batch++) {
      const frames = Array.from(
        { length: BATCH },
        (_, i) => openAndReset(opened + i),
      );
      peer.send(...frames.flat());
      if (peer.closed !== undefined) break;
      opened += BATCH;
      most = Math.max(most, peer.victim.streams.open);
      for (const stream of peer.streams.splice(0)) {
        peer.victim.streams.accept(stream);
      }
      peer.listen();
      const ack = peer.ack();
      if (ack !== undefined) peer.send(ack);
      peer.wait(1);
    }
    const ms = performance.now() - start;
    const each = ms / Math.max(1, opened);
    // A peer whose streams nobody takes must not open more than its limit.
    const untaken = new HostilePeer();
    let begun = 0;
    while (untaken.closed === undefined && begun < 10_000) {
      untaken.send(...openAndReset(begun++));
      untaken.listen();
    }
    return Promise.resolve({
      held: most <= 2 * BATCH && begun < 100 &&
        peer.victim.streams.open <= BATCH,
      line: `${opened} streams reset, ${most} at once; ${begun - 1} where ` +
        `nobody takes them (${untaken.closed?.reason ?? "no end"})`,
      cost: {
        attacker: "12 bytes for a stream",
        node: `${each.toFixed(3)} ms for a stream, both ends in one process`,
      },
    });
  },
};
