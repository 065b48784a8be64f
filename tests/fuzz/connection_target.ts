/**
 * A connection as a whole: what a peer with the keys sends and when, and what
 * the application does meanwhile, read from the bytes of a case.
 */

import {
  TransportError,
  TransportErrorCode,
} from "../../lib/wire/packet/transport_error.ts";
import { TEST_PARAMETERS } from "../../lib/wire/testing/connection_options.ts";
import { encodeFrames, type Frame } from "../../lib/wire/testing/frames.ts";
import {
  HostilePeer,
  PEER_ADDRESS,
} from "../../lib/wire/testing/hostile_peer.ts";
import type { Target } from "./engine.ts";
import { Tape } from "./tape.ts";

/** Steps of one case. */
const STEPS_MAX = 60;
/** A step that is bytes instead of frames. */
const RAW = 0xff;
/** Virtual milliseconds after which a connection that was closed is finished. */
const END_MS = 20_000;
const CODES = new Set<number>(Object.values(TransportErrorCode));
const stream = (tape: Tape): Frame => {
  const id = tape.u8() & 0x3c;
  const offset = tape.number();
  const flags = tape.u8();
  const data = new Uint8Array(flags & 1 ? 900 : flags >> 2);
  return { type: "stream", id, offset, data, fin: (flags & 2) !== 0 };
};

const ack = (tape: Tape, peer: HostilePeer): Frame => {
  const largest = peer.received.largest - (tape.u8() & 7);
  const start = Math.max(0, largest - tape.u8());
  const delay = tape.number();
  return largest < 0
    ? { type: "ping" }
    : { type: "ack", ranges: [{ start, end: largest }], delay };
};

const eight = (tape: Tape): Uint8Array => {
  const data = new Uint8Array(8);
  data.set(tape.take(8));
  return data;
};

/** What the peer may say, by the first byte of a step. */
const FRAMES: ((tape: Tape, peer: HostilePeer) => Frame)[] = [
  () => ({ type: "ping" }),
  ack,
  (_tape, peer) => peer.ack() ?? { type: "ping" },
  stream,
  stream,
  (t) => ({
    type: "reset_stream",
    id: t.number(),
    code: t.u8(),
    finalSize: t.number(),
  }),
  (t) => ({ type: "stop_sending", id: t.number(), code: t.u8() }),
  (t) => ({ type: "max_data", limit: t.number() }),
  (t) => ({ type: "max_stream_data", id: t.u8() & 0x3c, limit: t.number() }),
  (t) => ({ type: "max_streams", limit: t.number() }),
  (t) => ({ type: "max_rate", bytesPerSecond: t.number() }),
  (t) => ({ type: "ack_frequency", packets: t.number() + 1, delayMs: t.u8() }),
  (t) => ({ type: "path_challenge", data: eight(t) }),
  (t) => ({ type: "path_response", data: eight(t) }),
  (t) => ({ type: "relay", nodeId: BigInt(t.u8()), payload: t.take(t.u8()) }),
  (t) => ({ type: "close", application: true, code: t.u8(), reason: "x" }),
];

/** What the application does, by a number. */
function act(tape: Tape, { victim: { streams } }: HostilePeer): void {
  const all = [...streams.all()];
  const kind = tape.u8() % 8;
  if (kind === 0) {
    streams.openStream();
    return;
  }
  if (all.length === 0) return;
  const one = all[tape.u8() % all.length];
  streams.accept(one);
  if (kind === 1 && !one.send.ended) {
    streams.write(one, new Uint8Array(tape.u8() * 40));
  } else if (kind === 2) streams.finish(one);
  else if (kind === 3) streams.reset(one, 1);
  else if (kind === 4) streams.stop(one, 1);
  else if (kind === 5) {
    streams.setClass(one, tape.u8() & 1 ? "bulk" : "interactive");
  } else streams.read(one, new Uint8Array(1 + tape.u8() * 40));
}

function promise(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

/** What the connection keeps and sends must stay within what it may. */
function check(peer: HostilePeer, came: ReadonlyMap<number, number>): void {
  const { streams } = peer.victim;
  let unread = 0;
  let segments = 0;
  for (const { receive } of streams.all()) {
    const kept = receive.highest - receive.consumed;
    promise(kept <= TEST_PARAMETERS.initialMaxStreamData, "stream credit");
    unread += kept;
    segments += receive.segments;
  }
  promise(unread <= TEST_PARAMETERS.initialMaxData, "connection credit");
  promise(segments <= 600 * 16 + unread / 256, `${segments} segments`);
  promise(streams.open <= 200, `${streams.open} streams`);
  for (const [port, went] of peer.bytesTo) {
    if (port === PEER_ADDRESS.port || port === peer.victim.address.port) {
      continue;
    }
    promise(went <= 3 * (came.get(port) ?? 0), `${went} bytes to port ${port}`);
  }
}

/** Runs a case to its end; gives what became of the connection. */
function run(bytes: Uint8Array): string {
  const tape = new Tape(bytes);
  const peer = new HostilePeer();
  const came = new Map<number, number>();
  const kinds = new Set<string>();
  for (let i = 0; i < STEPS_MAX && !tape.done && !peer.closed; i++) {
    const step = tape.u8();
    if (step === RAW) {
      // Whatever the peer takes for frames.
      peer.sendPayload(tape.take(tape.u8()));
      continue;
    }
    const frames: Frame[] = [];
    for (let n = 0; n <= (step >> 5 & 3); n++) {
      const choice = (n === 0 ? step : tape.u8()) % FRAMES.length;
      frames.push(FRAMES[choice](tape, peer));
    }
    if (step & 0x10) {
      const port = 1 + (tape.u8() & 3);
      const payload = encodeFrames(...frames);
      came.set(port, (came.get(port) ?? 0) + payload.length + 29);
      peer.sendPayload(payload, { ...PEER_ADDRESS, port });
    } else peer.send(...frames);
    if (peer.closed) break;
    if (step & 0x80) act(tape, peer);
    peer.listen(20);
    const wait = tape.u8();
    if (wait & 1) peer.wait(wait * 4);
    for (const { type } of peer.take()) kinds.add(type);
    check(peer, came);
  }
  const ended = peer.closed;
  if (ended === undefined) peer.victim.close(peer.now, 0, "enough");
  else if (ended.by === "error") {
    promise(CODES.has(ended.code), `code ${ended.code}`);
    promise(ended.code !== TransportErrorCode.INTERNAL_ERROR, "INTERNAL_ERROR");
  }
  peer.listen();
  // Nobody is told of the end of what has not begun.
  if (ended?.by !== "peer" && peer.nextNumber > 0) {
    promise(peer.take().at(-1)?.type === "close", "an end without a CLOSE");
  }
  peer.wait(END_MS);
  promise(peer.victim.finished, "it never ends");
  const open = Math.min(3, peer.streams.length);
  const end = ended === undefined ? "lives" : `${ended.by} ${ended.code}`;
  return `${end} ${[...kinds].sort().join()} ${open}`;
}

/** Sequences that keep the rules, and some that do not. */
function seeds(): Uint8Array[] {
  const open = [3, 0, 0, 40, 0];
  return [
    [...open, ...open, 2, 1],
    [...open, 0x83, 0, 10, 1, 1, 0, 9, 2, 1],
    [8, 0, 200, 0, 7, 0xf2, 0, 9, 40, 1],
    [0x10, 2, 1, 13, 1, 2, 3, 4, 5, 6, 7, 8, 1],
    [0x80, 0, 1, 0x80, 1, 0, 200, 2, 2, 9, 5, 0, 0, 0, 0],
  ].map((bytes) => Uint8Array.from(bytes));
}

/** The connection as a target. */
export const connectionTarget: Target = {
  name: "connection",
  seeds,
  run(bytes) {
    try {
      return run(bytes);
    } catch (error) {
      // A frame that cannot be written is the case's fault.
      if (error instanceof RangeError && /Cannot write/.test(error.message)) {
        return "unwritable";
      }
      if (error instanceof TransportError) throw new Error(error.message);
      throw error;
    }
  },
  cost: 200,
  max: 400,
};
