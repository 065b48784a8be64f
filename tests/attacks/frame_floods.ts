import { EMPTY_PACKETS_MAX, PATH_EVENTS_MAX } from "../../lib/limits.ts";
import { TransportErrorCode } from "../../lib/wire/packet/transport_error.ts";
import { encodeFrames, type Frame } from "../../lib/wire/testing/frames.ts";
import {
  HostilePeer,
  PEER_ADDRESS,
} from "../../lib/wire/testing/hostile_peer.ts";
import type { Attack } from "./attack.ts";

/** Packets of each kind, once with one frame and once full of them. */
const PACKETS = 400;
const FULL_BYTES = 1150;
const STREAMS = 16;

/** A kind of frame, the `index`th of its flood. */
type Kind = (index: number, peer: HostilePeer) => Frame;

const data = Uint8Array.of(1);
const eight = new Uint8Array(8).fill(7);
const nothing = new Uint8Array(0);

const KINDS: Record<string, Kind> = {
  PING: () => ({ type: "ping" }),
  "empty STREAM": () => (
    { type: "stream", id: 0, offset: 1, data: nothing, fin: false }
  ),
  "repeated STREAM": () => (
    { type: "stream", id: 0, offset: 0, data, fin: false }
  ),
  MAX_DATA: (i) => ({ type: "max_data", limit: 2 ** 24 + i }),
  MAX_STREAM_DATA: (i) => (
    { type: "max_stream_data", id: 0, limit: 2 ** 24 + i }
  ),
  MAX_STREAMS: (i) => ({ type: "max_streams", limit: 100 + i }),
  MAX_RATE: (i) => ({ type: "max_rate", bytesPerSecond: 1e9 + i }),
  STOP_SENDING: () => ({ type: "stop_sending", id: 4, code: 1 }),
  RESET_STREAM: () => (
    { type: "reset_stream", id: 8, code: 1, finalSize: 1 }
  ),
  PATH_CHALLENGE: () => ({ type: "path_challenge", data: eight }),
  PATH_RESPONSE: () => ({ type: "path_response", data: eight }),
  RELAY: () => ({ type: "relay", nodeId: 5n, payload: nothing }),
};

/** A peer with streams of its own; `looks` counts what is done for each of them. */
function attached(): { peer: HostilePeer; looks: () => number } {
  const peer = new HostilePeer();
  for (let i = 0; i < STREAMS; i++) {
    peer.send({ type: "stream", id: 4 * i, offset: 0, data, fin: false });
  }
  let looks = 0;
  for (const { send } of peer.streams) send.onProgress = () => looks++;
  peer.listen();
  peer.take();
  peer.bytesTo.clear();
  return { peer, looks: () => looks };
}

/** Packets that left, and how many bytes of it all. */
function sentBy({ bytesTo, received }: HostilePeer) {
  const bytes = [...bytesTo.values()].reduce((sum, n) => sum + n, 0);
  return { bytes, packets: received.largest + 1 };
}

/** What a flood of one kind made the node do more often than it may, if anything. */
function excess(name: string, kind: Kind, bytes: number): string | undefined {
  const { peer, looks } = attached();
  const before = peer.received.largest + 1;
  let [index, given] = [0, 0];
  for (let i = 0; i < PACKETS && peer.closed === undefined; i++) {
    const frames: Frame[] = [];
    let length = 0;
    do {
      const frame = kind(index++, peer);
      frames.push(frame);
      length += encodeFrames(frame).length;
    } while (length < bytes);
    peer.send(...frames);
    peer.listen();
    peer.take();
    given += length + 29;
  }
  const { bytes: answered, packets } = sentBy(peer);
  const responses = 1200 * PATH_EVENTS_MAX;
  if (packets - before > PACKETS / 2 + 2 * PATH_EVENTS_MAX) {
    return `${packets - before} packets answer ${PACKETS} of ${name}`;
  }
  // An acknowledgement has the length of the smallest packet.
  if (answered > given + responses) {
    return `${answered} bytes answer ${given} of ${name}`;
  }
  // What concerns one stream is one look, what concerns all is done once.
  return looks() > index + PACKETS * STREAMS
    ? `${looks()} looks at streams for ${PACKETS} packets of ${name}`
    : undefined;
}

/** Sends packets of one frame until the connection ends or `most` are sent. */
function untilEnd(
  most: number,
  send: (peer: HostilePeer, index: number) => void,
): { peer: HostilePeer; sent: number } {
  const { peer } = attached();
  let sent = 0;
  while (sent < most && peer.closed === undefined) {
    send(peer, sent++);
    peer.listen();
    peer.take();
  }
  return { peer, sent };
}

export const attack: Attack = {
  name: "frame_floods",
  claim: "Floods of frames draw no more packets or bytes than they have, and " +
    "what no honest peer does ends the session.",
  run() {
    const faults: string[] = [];
    for (const [name, kind] of Object.entries(KINDS)) {
      for (const bytes of [1, FULL_BYTES]) {
        const fault = excess(name, kind, bytes);
        if (fault !== undefined) faults.push(fault);
      }
    }
    const ends = (
      name: string,
      code: number,
      most: number,
      send: (peer: HostilePeer, index: number) => void,
    ) => {
      const { peer, sent } = untilEnd(most, send);
      if (peer.closed?.code !== code) faults.push(`${name} may go on for ever`);
      return sent;
    };
    const { KEY_UPDATE_ERROR, PROTOCOL_VIOLATION } = TransportErrorCode;
    const most = EMPTY_PACKETS_MAX + 100;
    const pings = ends(
      "PING",
      PROTOCOL_VIOLATION,
      most,
      (peer) => peer.send({ type: "ping" }),
    );
    ends(
      "an acknowledgement that came before",
      PROTOCOL_VIOLATION,
      most,
      (peer) => peer.send(peer.ack() ?? { type: "ping" }),
    );
    const changes = ends("a change of key", KEY_UPDATE_ERROR, 100, (peer) => {
      peer.changeKey();
      peer.send({ type: "ping" });
    });
    const { peer } = untilEnd(PACKETS, (peer, i) => {
      const port = PEER_ADDRESS.port + 1 + i;
      peer.sendPayload(Uint8Array.of(1), { ...PEER_ADDRESS, port });
    });
    const challenged = peer.bytesTo.size - 1;
    if (challenged > PATH_EVENTS_MAX) {
      faults.push(`${challenged} of ${PACKETS} addresses are challenged`);
    }
    return Promise.resolve({
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${Object.keys(KINDS).length} kinds of frames draw an ` +
          `acknowledgement for two packets; ${pings} empty packets or ` +
          `${changes} changes of key end the session; ${challenged} of ` +
          `${PACKETS} addresses are challenged`,
    });
  },
};
