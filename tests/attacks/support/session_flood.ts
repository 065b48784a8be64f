/**
 * Floods of a client that has attached: small packets, packets full of frames,
 * sessions made and left. What it sends it seals itself, as fast as it is told.
 */

import { ephemeralIdentity } from "../../../lib/mesh/mod.ts";
import { PSK } from "../../../lib/mesh/testing/echo_node.ts";
import { encodeFrames, type Frame } from "../../../lib/wire/testing/frames.ts";
import { type Victim, WireClient } from "./wire_client.ts";

const FULL_BYTES = 1150;
const TICK_MS = 5;
const BATCH_MOST = 400;

/** What the `index`th packet of a flood has in it. */
type Payload = (index: number) => Uint8Array;

/** A packet full of one frame. */
function full(frame: Frame): Payload {
  const one = encodeFrames(frame);
  const frames = new Uint8Array(
    Math.floor(FULL_BYTES / one.length) * one.length,
  );
  for (let at = 0; at < frames.length; at += one.length) frames.set(one, at);
  return () => frames;
}

function alone(frame: Frame): Payload {
  const payload = encodeFrames(frame);
  return () => payload;
}

const byte = Uint8Array.of(1);
const eight = new Uint8Array(8).fill(7);

/** Floods by name: payloads of packets, all sealed. */
export const SESSION_FLOODS: Record<string, Payload> = {
  "PING": alone({ type: "ping" }),
  "packets full of PING": full({ type: "ping" }),
  "packets full of MAX_DATA": full({ type: "max_data", limit: 1 }),
  "packets full of repeated STREAM": full({
    type: "stream",
    id: 0,
    offset: 0,
    data: byte,
    fin: false,
  }),
  "PATH_CHALLENGE": alone({ type: "path_challenge", data: eight }),
  "RELAY": alone({ type: "relay", nodeId: 5n, payload: byte }),
  "a new byte each": (i) =>
    encodeFrames({
      type: "stream",
      id: 4 * Math.floor(i / 50_000),
      offset: i % 50_000,
      data: byte,
      fin: false,
    }),
};

/** A flood over a session, or a known connection id with noise behind it. */
export interface SessionFlood {
  /** A name of {@linkcode SESSION_FLOODS}, `"forged"` or `"sessions"`. */
  readonly kind: string;
  readonly perSecond: number;
}

/** Runs until it is told to stop; counts what it sent, and sessions it began. */
export async function runSessionFlood(
  victim: Omit<Victim, "psk">,
  { kind, perSecond }: SessionFlood,
  stopped: () => boolean,
): Promise<{ packets: number; bytes: number; sessions: number }> {
  const target = { ...victim, psk: PSK };
  const identity = ephemeralIdentity();
  const sum = { packets: 0, bytes: 0, sessions: 1 };
  let client = await WireClient.attach(target, identity);
  let began = 0;
  const start = performance.now();
  let acknowledged = start;
  while (!stopped()) {
    const due = (performance.now() - start) * perSecond / 1000;
    if (client.said.some(({ type }) => type === "close")) {
      client[Symbol.dispose]();
      client = await WireClient.attach(target, identity);
      began = sum.packets;
      sum.sessions++;
    }
    const sending: Promise<void>[] = [];
    for (let i = 0; i < BATCH_MOST && sum.packets < due; i++) {
      const payload = SESSION_FLOODS[kind]?.(sum.packets - began) ??
        new Uint8Array(FULL_BYTES);
      const packet = client.seal(payload);
      if (kind === "forged") packet[packet.length - 1] ^= 1;
      sending.push(client.socket.send(packet));
      sum.packets++;
      sum.bytes += packet.length;
    }
    await Promise.all(sending);
    if (performance.now() - acknowledged > 20 && kind !== "forged") {
      acknowledged = performance.now();
      await client.send(client.ack());
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  client[Symbol.dispose]();
  return sum;
}

/** Makes sessions and leaves them, so many at once, until it is told to stop. */
export async function runSessions(
  victim: Omit<Victim, "psk">,
  atOnce: number,
  stopped: () => boolean,
): Promise<{ packets: number; bytes: number; sessions: number }> {
  const identity = ephemeralIdentity();
  const sum = { packets: 0, bytes: 0, sessions: 0 };
  const one = async () => {
    while (!stopped()) {
      try {
        using client = await WireClient.attach(
          { ...victim, psk: PSK },
          identity,
        );
        const close: Frame = {
          type: "close",
          application: true,
          code: 0,
          reason: "",
        };
        await client.send(close);
        sum.sessions++;
        sum.packets += 3;
        sum.bytes += 1300;
      } catch {
        // Not answered in its time: it tries again.
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return sum;
}
