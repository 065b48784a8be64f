/**
 * Sends handshake packets and noise to a node, from many addresses of this
 * machine and at a given rate. Runs in a worker, so that it takes no time of the
 * honest client's; `flood` starts it and waits for what is to happen meanwhile.
 */

import { equals } from "@std/bytes/equals";
import { cryptoProvider } from "../../../lib/mesh/aead_backend.ts";
import { toHex } from "../../../lib/text/hex.ts";
import { PSK } from "../../../lib/mesh/testing/echo_node.ts";
import {
  encodeInitial,
  setMac2,
} from "../../../lib/wire/handshake/handshake_packet.ts";
import { Initiator } from "../../../lib/wire/handshake/initiator.ts";
import { mac1Key, openCookie } from "../../../lib/wire/handshake/mac.ts";
import { dhKeyPair } from "../../../lib/wire/handshake/noise.ts";
import { TEST_PARAMETERS } from "../../../lib/wire/testing/connection_options.ts";

/** What a flood is made of. */
export interface Flood {
  /**
   * `garbage`: a valid mac1 and noise inside; `cookies`: the same with the
   * cookie of the address; `replay`: one true Initial over and over; `junk`:
   * noise as long as an Initial; `ids`: noise that looks like transport packets.
   */
  readonly kind: "garbage" | "cookies" | "replay" | "junk" | "ids";
  readonly to: Deno.NetAddr;
  readonly publicKey: Uint8Array;
  /** @default {that of the nodes in tests} */
  readonly psk?: Uint8Array;
  readonly megabits: number;
  /** Addresses it comes from: 127.0.0.2 and on. */
  readonly addresses: number;
}

/** Packets made before, as who attacks may. */
const PREPARED = 512;
const TICK_MS = 5;
const WORKER_NAME = "flood";

/** What a flood came to. */
interface Flooded {
  /** Packets that were sent. */
  readonly packets: number;
  /** How many different answers came. */
  readonly answers: number;
}

/** Lets a flood come while something happens. */
export async function flood<T>(
  options: Flood,
  meanwhile: () => Promise<T>,
): Promise<Flooded & { result: T; seconds: number }> {
  const worker = new Worker(import.meta.url, {
    type: "module",
    name: WORKER_NAME,
  });
  const next = () =>
    new Promise<Flooded>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  const ready = next();
  await ready;
  worker.postMessage(options);
  const start = performance.now();
  const result = await meanwhile();
  const seconds = (performance.now() - start) / 1000;
  const over = next();
  worker.postMessage("stop");
  const flooded = await over;
  worker.terminate();
  return { ...flooded, result, seconds };
}

const provider = await cryptoProvider();

function noise(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

function prepare({ kind, publicKey, psk = PSK }: Flood): Uint8Array[] {
  if (kind === "replay") {
    const initiator = new Initiator({
      provider,
      staticKeys: dhKeyPair(noise(32)),
      psk,
      parameters: TEST_PARAMETERS,
      responderPublicKey: publicKey,
    });
    return [initiator.packet()];
  }
  return Array.from({ length: PREPARED }, () => {
    if (kind === "junk" || kind === "ids") {
      const packet = noise(1200);
      packet[0] = kind === "junk" ? 1 : 0x43;
      packet[1] = kind === "junk" ? 1 : packet[1];
      packet.set([0, 160], 18);
      return packet;
    }
    const message = noise(160);
    message[31] &= 0x7f;
    return encodeInitial({
      version: 1,
      destinationId: noise(8),
      sourceId: noise(8),
      noise: message,
      mac1Key: mac1Key(publicKey, psk),
      size: 1200,
    });
  });
}

/** The cookie in an answer to one of the packets, whose source id it names. */
function cookieIn(
  reply: Uint8Array,
  packets: readonly Uint8Array[],
  { publicKey, psk = PSK }: Pick<Flood, "publicKey" | "psk">,
): Uint8Array | undefined {
  const packet = packets.find((one) =>
    equals(one.subarray(10, 18), reply.subarray(1, 9))
  );
  return packet && openCookie({
    aead: provider.chacha20Poly1305,
    publicKey,
    psk,
    nonce: reply.subarray(9, 25),
    mac1: packet.subarray(-32, -16),
  }, reply.subarray(25));
}

async function run(
  options: Flood,
  stopped: () => boolean,
): Promise<Flooded> {
  const different = new Set<string>();
  const { kind, to, megabits, addresses } = options;
  const sources = Array.from({ length: addresses }, (_, i) => {
    const socket = Deno.listenDatagram({
      transport: "udp",
      hostname: `127.0.0.${2 + i}`,
      port: 0,
    });
    const packets = prepare(options);
    (async () => {
      let hasCookie = false;
      for await (const [reply] of socket) {
        different.add(toHex(reply));
        // One is good for two minutes and all that comes from there.
        if (kind !== "cookies" || reply[0] !== 3 || hasCookie) continue;
        const cookie = cookieIn(reply, packets, options);
        if (cookie === undefined) continue;
        hasCookie = true;
        for (const one of packets) setMac2(one, cookie);
      }
    })();
    return { socket, packets };
  });
  let sent = 0;
  const start = performance.now();
  const bytes = 1200;
  while (!stopped()) {
    const due = (performance.now() - start) * megabits * 1000 / 8 / bytes;
    const sending: Promise<number>[] = [];
    for (; sent < due && sending.length < 200; sent++) {
      const { socket, packets } = sources[sent % sources.length];
      const packet =
        packets[Math.floor(sent / sources.length) % packets.length];
      sending.push(socket.send(packet, to));
    }
    await Promise.all(sending);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  for (const { socket } of sources) socket.close();
  return { packets: sent, answers: different.size };
}

// Only the worker has this name.
if (self.name === WORKER_NAME) {
  const parent = self as unknown as Worker;
  let stop = false;
  parent.onmessage = ({ data }: MessageEvent<Flood | "stop">) => {
    if (data === "stop") stop = true;
    else run(data, () => stop).then((flooded) => parent.postMessage(flooded));
  };
  parent.postMessage(undefined);
}
