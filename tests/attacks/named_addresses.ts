import {
  DIRECT_PROBED_MAX,
  DIRECT_PROBES_PER_SECOND,
  DIRECT_ROUND_MIN_MS,
} from "../../lib/limits.ts";
import { DirectSocket } from "../../lib/mesh/direct_socket.ts";
import { MemoryCarrier } from "../../lib/mesh/testing/relay_hub.ts";
import { Underlay } from "../../lib/mesh/underlay.ts";
import type { DatagramSocket } from "../../lib/mesh/datagram_socket.ts";
import { TEST_PARAMETERS } from "../../lib/wire/testing/connection_options.ts";
import { encodeFrames } from "../../lib/wire/testing/frames.ts";
import { HostilePeer } from "../../lib/wire/testing/hostile_peer.ts";
import type { Attack } from "./attack.ts";

/** How long the attacker goes on, in seconds of a virtual clock. */
const SECONDS = 10;
/** Sessions that he has at once. */
const SESSIONS = 60;
/** Packets to one address in a round. */
const PROBES = 12;
/** Bytes of a packet that asks whether a peer is there, at most. */
const SMALL = 40;
/** Where his victims are: none of them is the peer. */
const VICTIM = "203.0.113.80";

const socket: DatagramSocket = {
  local: { hostname: "0.0.0.0", port: 5000 },
  receiveBufferBytes: 212_992,
  receive: () => Promise.resolve(),
  send: () => {},
  lastSendError: undefined,
  drops: undefined,
  close: () => {},
};

/** What the product lets its connections do. */
function directOptions() {
  const carrier = Object.assign(new MemoryCarrier(() => {}), {
    underlay: new Underlay(socket),
    observed: undefined,
  });
  return new DirectSocket(carrier).direct;
}

/** Packets and bytes that a session has sent to anybody but its peer. */
interface Sent {
  packets: number;
  bytes: number;
}

/** One session, whose peer names others and sends in their names. */
class Session {
  readonly #peer: HostilePeer;
  readonly #ports: number[];
  #round = 0;

  constructor(index: number) {
    this.#peer = new HostilePeer({
      direct: directOptions(),
      peer: { ...TEST_PARAMETERS, takesAddresses: true },
    });
    this.#peer.send({ type: "ping" });
    const first = 10_000 + 8 * index;
    this.#ports = Array.from({ length: 8 }, (_, i) => first + i);
  }

  /** Names all victims anew, and asks in their names. */
  step(ms: number): void {
    const host = Uint8Array.from(VICTIM.split("."), Number);
    const addresses = this.#ports.map((port) => ({ host, port }));
    const peer = this.#peer;
    peer.send({ type: "addresses", round: ++this.#round, addresses });
    const data = new Uint8Array(8);
    const payload = encodeFrames({ type: "path_challenge", data });
    for (const port of this.#ports.slice(0, 2)) {
      peer.sendPayload(payload, { hostname: VICTIM, port });
    }
    const ack = peer.ack();
    if (ack !== undefined) peer.send(ack);
    peer.listen();
    peer.wait(ms);
  }

  get sent(): Sent {
    let bytes = 0;
    for (const port of this.#ports) bytes += this.#peer.bytesTo.get(port) ?? 0;
    return { packets: Math.ceil(bytes / SMALL), bytes };
  }
}

function attackWith(sessions: number): Sent {
  const all = Array.from({ length: sessions }, (_, i) => new Session(i));
  for (let ms = 0; ms < SECONDS * 1000; ms += 20) {
    for (const session of all) session.step(20);
  }
  const sent = { packets: 0, bytes: 0 };
  for (const session of all) {
    sent.packets += session.sent.packets;
    sent.bytes += session.sent.bytes;
  }
  return sent;
}

export const attack: Attack = {
  name: "named_addresses",
  claim:
    "A peer that names the addresses of others has a node send them few and small packets.",
  run() {
    const rounds = Math.ceil(SECONDS * 1000 / DIRECT_ROUND_MIN_MS);
    const one = attackWith(1);
    // Probes, and answers to what came in the victims' names.
    const mostOfOne = rounds * DIRECT_PROBED_MAX * PROBES * SMALL +
      SECONDS * 64 * SMALL;
    const all = attackWith(SESSIONS);
    const mostOfAll = (SECONDS + 1) * DIRECT_PROBES_PER_SECOND * SMALL +
      SESSIONS * SECONDS * 64 * SMALL;
    const forbidden = ["127.0.0.1", "224.0.0.251", "169.254.0.1", "0.0.0.0"]
      .filter((text) => {
        const host = Uint8Array.from(text.split("."), Number);
        return directOptions().admit({ host, port: 7700 }) !== undefined;
      });
    const held = one.bytes <= mostOfOne && all.bytes <= mostOfAll &&
      one.bytes > 0 && forbidden.length === 0;
    return Promise.resolve({
      held,
      line:
        `${SECONDS} s of 8 names: ${one.bytes} bytes to them, of ${SESSIONS} sessions ${all.bytes}; ${
          forbidden.length === 0 ? "no" : forbidden.join()
        } address of no machine`,
    });
  },
};
