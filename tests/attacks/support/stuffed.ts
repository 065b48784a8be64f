import { concat } from "@std/bytes/concat";
import { encodeFrames, type Frame } from "../../../lib/wire/testing/frames.ts";
import { HostilePeer } from "../../../lib/wire/testing/hostile_peer.ts";

/** What one packet of many frames cost a connection. */
export interface Stuffed {
  readonly ms: number;
  readonly bytes: number;
  readonly peer: HostilePeer;
}

/** A connection that has data under way which nothing has acknowledged. */
export function busyPeer(): HostilePeer {
  const peer = new HostilePeer();
  const data = Uint8Array.of(1);
  peer.send({ type: "stream", id: 0, offset: 0, data, fin: false });
  peer.listen();
  peer.victim.streams.write(peer.streams[0], new Uint8Array(200_000));
  peer.listen();
  return peer;
}

/** Fills packets of `bytes` with a frame; tells what the worst of some cost. */
export function stuff(
  bytes: number,
  frame: (peer: HostilePeer) => Frame,
  rounds = 5,
): Stuffed {
  let worst: Stuffed | undefined;
  for (let i = 0; i < rounds; i++) {
    const peer = busyPeer();
    const one = encodeFrames(frame(peer));
    const count = Math.max(1, Math.floor(bytes / one.length));
    const payload = concat(new Array<Uint8Array>(count).fill(one));
    const start = performance.now();
    peer.sendPayload(payload);
    const ms = performance.now() - start;
    // The first ones compile; the least tells what it costs.
    if (worst === undefined || ms < worst.ms) worst = { ms, bytes, peer };
  }
  return worst!;
}
