import type { Attack } from "./attack.ts";
import { PIECE_COST } from "../../lib/limits.ts";
import type { Frame } from "../../lib/wire/testing/frames.ts";
import { HostilePeer } from "../../lib/wire/testing/hostile_peer.ts";

export const attack: Attack = {
  name: "one_byte_pieces",
  claim:
    "Pieces with gaps end a session before they cost more than their credit and 256 KiB.",
  run() {
    const peer = new HostilePeer();
    let pieces = 0;
    for (let offset = 1; offset < 20_000; offset += 2) {
      const frames = Array.from({ length: 16 }, (_, i): Frame => ({
        type: "stream",
        id: 4 * i,
        offset,
        data: Uint8Array.of(1),
        fin: false,
      }));
      peer.send(...frames);
      if (peer.closed !== undefined) break;
      pieces += frames.length;
      peer.listen();
    }
    const cost = pieces * PIECE_COST;
    const held = peer.closed !== undefined && cost <= 1 << 19;
    return Promise.resolve({
      held,
      line: `${pieces} pieces of a byte were kept, which count ` +
        `${cost} bytes (${peer.closed?.reason ?? "the session goes on"})`,
      cost: { attacker: "5 bytes for a piece", node: "some 300 bytes for one" },
    });
  },
};
