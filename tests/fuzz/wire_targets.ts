/** What comes in datagrams, as targets of the fuzzer. */

import { keyedBlake2s } from "../../lib/wire/handshake/blake2s.ts";
import { parseHandshakePacket } from "../../lib/wire/handshake/handshake_packet.ts";
import {
  mac1Key,
  MAC_LENGTH,
  openCookie,
} from "../../lib/wire/handshake/mac.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
} from "../../lib/wire/handshake/transport_parameters.ts";
import { decodePacketHeader } from "../../lib/wire/packet/packet_header.ts";
import { decodePacketNumber } from "../../lib/wire/packet/packet_number.ts";
import { TEST_PARAMETERS } from "../../lib/wire/testing/connection_options.ts";
import { testProvider } from "../../lib/wire/testing/crypto.ts";
import { decodeFrames, encodeFrames } from "../../lib/wire/testing/frames.ts";
import {
  acceptInitial,
  handshakePair,
  makeBusy,
  only,
  TEST_ADDRESS,
  TEST_PSK,
} from "../../lib/wire/testing/handshake_pair.ts";
import { decoder } from "./decoder_target.ts";
import type { Target } from "./engine.ts";

const LENGTHS = [1, 2, 3, 4] as const;
const ids = new Uint8Array(16).fill(3);

/** Parameters of both sides of a handshake. */
function parameterSeeds(): Uint8Array[] {
  const transport = TEST_PARAMETERS;
  return [
    encodeTransportParameters({
      transport,
      connectionIds: ids,
      aeads: ["chacha20-poly1305", "aes-256-gcm"],
      versions: [1, 2],
    }),
    encodeTransportParameters({
      transport: { ...transport, congestion: "cubic" },
      connectionIds: ids,
      selectedAead: "chacha20-poly1305",
      statelessResetToken: ids,
    }),
  ];
}

const frameSeeds = (): Uint8Array[] => [
  encodeFrames(
    {
      type: "addresses",
      round: 3,
      addresses: [
        { host: Uint8Array.of(192, 0, 2, 1), port: 7700 },
        { host: new Uint8Array(16).fill(0x20), port: 9 },
      ],
    },
    { type: "observed", address: { host: new Uint8Array(4), port: 1 } },
  ),
  encodeFrames(
    { type: "ping" },
    {
      type: "ack",
      ranges: [{ start: 7, end: 9 }, { start: 1, end: 3 }],
      delay: 1,
    },
    { type: "reset_stream", id: 4, code: 1, finalSize: 9 },
    { type: "stop_sending", id: 4, code: 1 },
    { type: "stream", id: 4, offset: 1, data: ids, fin: true },
  ),
  encodeFrames(
    { type: "max_data", limit: 1e6 },
    { type: "max_stream_data", id: 4, limit: 1e6 },
    { type: "max_streams", limit: 9 },
    { type: "max_rate", bytesPerSecond: 1e6 },
    { type: "ack_frequency", packets: 2, delayMs: 20 },
  ),
  encodeFrames(
    { type: "path_challenge", data: ids.subarray(8) },
    { type: "path_response", data: ids.subarray(8) },
    { type: "relay", nodeId: 5n, payload: ids },
  ),
  encodeFrames({ type: "close", application: true, code: 1, reason: "end" }),
];

function handshakeSeeds(): Uint8Array[] {
  const pair = handshakePair();
  const initial = pair.initiator.packet();
  return [initial, acceptInitial(pair.responder, initial).packet];
}

/** Puts the right mac1 where an Initial or a Response has it, `before` its end. */
function authentic(
  bytes: Uint8Array,
  publicKey: Uint8Array,
  before: number,
): Uint8Array {
  const packet = bytes.slice();
  const at = packet.length - before;
  const covered = 20 + (packet[18] << 8 | packet[19]);
  if (at < 20 || covered > at) return packet;
  // Padding is zeros, as it is checked before anything else.
  packet.fill(0, covered);
  const key = mac1Key(publicKey, TEST_PSK);
  packet.set(keyedBlake2s(key, MAC_LENGTH, packet.subarray(0, covered)), at);
  return packet;
}

/** What a holder of the PSK sends to a node. */
const initialTarget: Target = {
  name: "initial",
  seeds: () => [handshakeSeeds()[0]],
  run(bytes) {
    const { responder, responderKeys } = handshakePair();
    const packet = authentic(bytes, responderKeys.public, 2 * MAC_LENGTH);
    const result = responder.onInitial(0, packet, TEST_ADDRESS);
    const again = responder.onInitial(1, packet, TEST_ADDRESS);
    if (result.kind !== "drop" && again.kind === "accepted") {
      throw new Error("broken: one Initial made two connections");
    }
    if (result.kind === "drop") return "drop";
    if (result.packet.length > packet.length) {
      throw new Error(`broken: ${result.packet.length} bytes come back`);
    }
    return `${result.kind} ${result.packet[0]}`;
  },
  cost: 300,
  max: 1200,
};

/** What a holder of the PSK answers an initiator with. */
const responseTarget: Target = {
  name: "response",
  seeds() {
    const busy = handshakePair();
    makeBusy(busy.responder);
    const initial = busy.initiator.packet();
    const cookie = busy.responder.onInitial(0, initial, TEST_ADDRESS);
    const other = handshakePair({ versions: [9] });
    const list = other.responder.onInitial(
      0,
      other.initiator.packet(),
      TEST_ADDRESS,
    );
    return [
      handshakeSeeds()[1],
      only(cookie, "reply").packet,
      only(list, "reply").packet,
    ];
  },
  run(bytes) {
    const { initiator, initiatorKeys } = handshakePair();
    initiator.packet();
    const packet = bytes[0] === 2
      ? authentic(bytes, initiatorKeys.public, MAC_LENGTH)
      : bytes.slice();
    const { kind } = initiator.receive(packet);
    return `${Math.min(bytes[0] ?? 0, 6)} ${kind}`;
  },
  cost: 300,
  max: 1200,
};

/** Every target of it but connections as a whole. */
export const WIRE_TARGETS: readonly Target[] = [
  decoder("packet_header", decodePacketHeader, () => [
    Uint8Array.of(0x40, ...new Uint8Array(30)),
    Uint8Array.of(0x47, ...new Uint8Array(30)),
  ]),
  decoder("packet_number", (bytes) => {
    const view = new DataView(new ArrayBuffer(16));
    new Uint8Array(view.buffer).set(bytes.subarray(0, 16));
    const largest = view.getUint32(0) * 2 ** (view.getUint8(4) % 20);
    const length = LENGTHS[view.getUint8(5) % 4];
    const truncated = view.getUint32(6) % 2 ** (8 * length);
    const number = decodePacketNumber(largest, truncated, length);
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new Error(`broken: packet number ${number}`);
    }
    return number;
  }, () => [new Uint8Array(10), new Uint8Array(10).fill(0xff)]),
  decoder("frames", decodeFrames, frameSeeds),
  decoder("transport_parameters", (bytes) => [
    bytes[0] === 0xff
      ? decodeTransportParameters(bytes.subarray(1), "responder")
      : decodeTransportParameters(bytes, "initiator"),
  ], () => {
    const [initiator, responder] = parameterSeeds();
    return [initiator, Uint8Array.of(0xff, ...responder)];
  }),
  decoder("handshake_packet", (b) => parseHandshakePacket(b), handshakeSeeds),
  decoder(
    "cookie",
    (bytes) =>
      openCookie({
        aead: testProvider({ seed: 1 }).chacha20Poly1305,
        publicKey: ids.slice(0, 32),
        psk: TEST_PSK,
        nonce: bytes.slice(0, 16),
        mac1: ids,
      }, bytes.slice(16)),
    () => [new Uint8Array(48)],
  ),
  initialTarget,
  responseTarget,
];
