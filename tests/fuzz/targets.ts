/** Every decoder of what comes from outside, as targets of the fuzzer. */

import { concat } from "@std/bytes/concat";
import { decodeBase32, encodeBase32 } from "@std/encoding/base32";
import fc from "fast-check";
import { crc32 } from "node:zlib";
import { HASH_CACHE_VERSION } from "../../lib/store/hash_cache_format.ts";
import { parseNote } from "../../lib/cli/receiving/former_targets.ts";
import { parseConfig } from "../../lib/cli/node/config_file.ts";
import {
  blake3,
  decodeBlobRef,
  decodeDirManifest,
  encodeBlobRef,
  encodeDirManifest,
  parseRef,
} from "../../lib/content/mod.ts";
import {
  anyBlobRef,
  anyDirManifest,
  anyTreeNode,
} from "../../lib/content/testing/arbitraries.ts";
import { PostcardError, PostcardReader } from "../../lib/content/postcard.ts";
import { decodeTreeNode, encodeTreeNode } from "../../lib/content/tree_node.ts";
import { TransferError } from "../../lib/errors.ts";
import { checkTree } from "../../lib/landing/mod.ts";
import { parseJournal } from "../../lib/landing/worker/in_place.ts";
import { parseIdentity } from "../../lib/mesh/identity.ts";
import { decodeTicket, encodeTicket } from "../../lib/mesh/ticket.ts";
import { decodeHashCache } from "../../lib/store/hash_cache_format.ts";
import { decodeRecords } from "../../lib/store/store_record.ts";
import * as changes from "../../lib/transfer/protocol/change_query.ts";
import * as downloads from "../../lib/transfer/protocol/download_query.ts";
import * as probe from "../../lib/transfer/protocol/path_probe.ts";
import * as rates from "../../lib/transfer/protocol/rate_query.ts";
import {
  decodeRequest,
  encodeRequest,
} from "../../lib/transfer/protocol/request.ts";
import {
  encodeResponseHeader,
  ResponseHeaderParser,
} from "../../lib/transfer/protocol/response_header.ts";
import { decodeRpcFailure } from "../../lib/transfer/protocol/rpc_failure.ts";
import * as transfers from "../../lib/transfer/protocol/transfer_query.ts";
import { parseHandshakePacket } from "../../lib/wire/handshake/handshake_packet.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
} from "../../lib/wire/handshake/transport_parameters.ts";
import { decodePacketHeader } from "../../lib/wire/packet/packet_header.ts";
import { TransportError } from "../../lib/wire/packet/transport_error.ts";
import { TEST_PARAMETERS } from "../../lib/wire/testing/connection_options.ts";
import { decodeFrames, encodeFrames } from "../../lib/wire/testing/frames.ts";
import {
  acceptInitial,
  handshakePair,
} from "../../lib/wire/testing/handshake_pair.ts";
import type { Target } from "./engine.ts";
import { connectionTarget } from "./connection_target.ts";

/** What a refusal says, without what it quotes; a bug throws something else. */
function refusalOf(error: unknown): string {
  const refused = error instanceof TransferError ||
    error instanceof TransportError || error instanceof PostcardError;
  if (!refused) throw error;
  return error.message.replaceAll(
    /"[^"]*"|'[^']*'|\d+|\p{L}*[^\x20-\x7e]+/gu,
    "#",
  )
    .slice(0, 90);
}

/** The shape of a result, three levels deep. */
function shapeOf(value: unknown, depth = 0): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "string") return value === "" ? "s0" : "s";
  if (typeof value === "bigint" || typeof value === "number") {
    const size = Number(value).toString(2).length;
    return `n${size >> 3}`;
  }
  if (typeof value !== "object") return String(value);
  if (ArrayBuffer.isView(value)) return value.byteLength === 0 ? "b0" : "b";
  if (depth > 3) return "…";
  if (Array.isArray(value)) {
    const shapes = new Set(value.slice(0, 6).map((v) => shapeOf(v, depth + 1)));
    return `[${Math.min(value.length, 4)}${[...shapes].join()}]`;
  }
  return `{${
    Object.entries(value).map(([key, field]) =>
      key === "kind" || key === "type"
        ? shapeOf(field, 9) + String(typeof field === "string" ? field : "")
        : shapeOf(field, depth + 1)
    ).join()
  }}`;
}

/** A target that decodes: it gives something or refuses. */
function decoder(
  name: string,
  decode: (bytes: Uint8Array<ArrayBuffer>) => unknown,
  seeds: () => Iterable<Uint8Array>,
  more: Partial<Target> = {},
): Target {
  return {
    name,
    seeds,
    run(bytes) {
      try {
        return shapeOf(decode(bytes as Uint8Array<ArrayBuffer>));
      } catch (error) {
        return refusalOf(error);
      }
    },
    ...more,
  };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (...texts: string[]): Uint8Array[] =>
  texts.map((one) => new TextEncoder().encode(one));
const samples = <T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
) =>
() => fc.sample(values, { numRuns: 20, seed: 7 }).map(encode);
const ids = new Uint8Array(16).fill(3);
const hash = new Uint8Array(32).fill(9);

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

/** Text of the ticket with this body: its checksum is right. */
function ticketOf(body: Uint8Array): string {
  const whole: Uint8Array = concat([body, blake3(body).subarray(0, 4)]);
  const digits: string = encodeBase32(whole);
  return `nt1${digits.toLowerCase().replace(/=+$/, "")}`;
}

function cacheOf(rows: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 + rows.length);
  bytes.set(new TextEncoder().encode("NTHASHES"));
  bytes.set(rows, 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, HASH_CACHE_VERSION, true);
  view.setUint32(12, crc32(rows), true);
  return bytes;
}

/** A note as the program reads it. */
function noteOf(note: string): unknown {
  try {
    return parseNote(JSON.parse(note));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Decoders of the bodies of procedures; the first byte chooses. */
const BODIES: ((bytes: Uint8Array) => unknown)[] = [
  changes.decodeChangeQuery,
  (bytes) => changes.decodeContentChanges(bytes, 2),
  downloads.decodeDownloads,
  probe.decodePathProbe,
  probe.decodeSeenAddress,
  probe.decodePathFigures,
  rates.decodeRateQuery,
  rates.decodeRates,
  (bytes) => transfers.transferQuery.decode(bytes),
  (bytes) => transfers.transferList.decode(bytes),
  (bytes) => transfers.transferStatus.decode(bytes),
  (bytes) => transfers.transferCancelled.decode(bytes),
  (bytes) => decodeRpcFailure(bytes, "x"),
];

/** Every target. */
export const TARGETS: readonly Target[] = [
  decoder("packet_header", decodePacketHeader, () => [
    Uint8Array.of(0x40, ...new Uint8Array(30)),
    Uint8Array.of(0x47, ...new Uint8Array(30)),
  ]),
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
  decoder("postcard", (bytes) => {
    const reader = new PostcardReader(bytes);
    const read = [];
    while (reader.remaining > 0) {
      const kind = reader.u8() % 5;
      if (kind === 0) read.push(reader.u64());
      else if (kind === 1) read.push(reader.string());
      else if (kind === 2) read.push(reader.length());
      else if (kind === 3) read.push(reader.byteVec());
      else read.push(reader.variant(3));
    }
    return read;
  }, () => [Uint8Array.of(0, 5, 1, 1, 65, 2, 0, 3, 1, 9, 4, 1)]),
  decoder("blob_ref", decodeBlobRef, samples(anyBlobRef(), encodeBlobRef)),
  decoder(
    "manifest",
    (bytes) => {
      const { entries } = decodeDirManifest(bytes);
      checkTree({ manifest: bytes, links: "inside" });
      return entries;
    },
    samples(anyDirManifest(), encodeDirManifest),
    { cost: 10 },
  ),
  decoder("tree_node", decodeTreeNode, samples(anyTreeNode(), encodeTreeNode)),
  decoder(
    "reference_text",
    (b) => parseRef(text(b)),
    () => bytesOf("ab".repeat(32), "b0b1b2b3"),
  ),
  decoder("request", decodeRequest, () => [
    encodeRequest({ kind: "get", hash }),
    encodeRequest({ kind: "get_range", hash, offset: 1n, length: 2n }),
    encodeRequest({ kind: "get_many", hashes: [hash, hash] }),
    encodeRequest({ kind: "have", hashes: [hash] }),
    encodeRequest({ kind: "rpc", name: "path.probe", body: ids }),
  ]),
  decoder("response", (bytes) => {
    const parser = new ResponseHeaderParser();
    return [parser.push(bytes), parser.header];
  }, () => [
    encodeResponseHeader(300),
    encodeResponseHeader(undefined),
  ]),
  decoder(
    "rpc_body",
    (bytes) => BODIES[(bytes[0] ?? 0) % BODIES.length](bytes.subarray(1)),
    () => BODIES.map((_, i) => Uint8Array.of(i, 0, 1, 1, 0, 0, 0, 0)),
  ),
  decoder("ticket", (bytes) => decodeTicket(ticketOf(bytes)), () => [
    ...ticketBodies(),
  ], { cost: 10, max: 600 }),
  decoder(
    "config",
    (bytes) =>
      parseConfig("net-transfer.toml", {
        bytes: bytes as Uint8Array<ArrayBuffer>,
        access: { mode: null, uid: null },
      }).document,
    () =>
      bytesOf('[a]\nb = 1\nc = ["x", 2.5]\n[[d]]\ne = 1979-05-27T07:32:00Z\n'),
    {
      cost: 5,
    },
  ),
  decoder(
    "identity",
    (b) => parseIdentity(text(b), "node.toml"),
    () => bytesOf(`seed_hex = "${"ab".repeat(32)}"\nnote = "x"\n`),
    { cost: 10 },
  ),
  decoder("hash_cache", (bytes) => {
    const file = cacheOf(bytes);
    file.set(bytes.subarray(0, bytes[0] === 1 ? 12 : 0));
    return decodeHashCache(file)?.length;
  }, () => [new Uint8Array(80), Uint8Array.of(1, ...new Uint8Array(90))]),
  decoder("store_records", decodeRecords, () => [new Uint8Array(40)]),
  decoder(
    "journal",
    (b) => parseJournal(text(b), "aside"),
    () =>
      bytesOf(JSON.stringify({
        version: 1,
        fresh: ".net-transfer.fetch_0123456789abcdef",
        oldNames: ["a"],
        newNames: ["b"],
      })),
  ),
  decoder(
    "former_target",
    (b) => noteOf(text(b)),
    () =>
      bytesOf(JSON.stringify({
        path: "/a",
        dev: 1,
        ino: 2,
        born: null,
        manifest: "ab",
      })),
  ),
  connectionTarget,
];

function ticketBodies(): Uint8Array[] {
  const publicKey = hash;
  return [
    { publicKey, addresses: ["192.0.2.1:7700", "[2001:db8::1]:7700"] },
    { publicKey, addresses: ["example.org:7700"], psk: hash },
  ].map((ticket) => {
    const digits = encodeTicket(ticket).slice(3).toUpperCase();
    const padding = "=".repeat((8 - digits.length % 8) % 8);
    return decodeBase32(digits + padding).slice(0, -4);
  });
}
