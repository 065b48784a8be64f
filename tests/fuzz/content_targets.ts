/** References, manifests and what transfers say, as targets of the fuzzer. */

import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { decodeBase32, encodeBase32 } from "@std/encoding/base32";
import fc from "fast-check";
import { parseReference } from "../../lib/cli/node/reference.ts";
import {
  blake3,
  decodeBlobRef,
  decodeDirManifest,
  encodeBlobRef,
  encodeDirManifest,
} from "../../lib/content/mod.ts";
import { PostcardReader } from "../../lib/content/postcard.ts";
import {
  anyBlobRef,
  anyDirManifest,
  anyTreeNode,
} from "../../lib/content/testing/arbitraries.ts";
import { decodeTreeNode, encodeTreeNode } from "../../lib/content/tree_node.ts";
import { decodeUtf8, decodeUtf8Lossy } from "../../lib/content/utf8.ts";
import { checkTree } from "../../lib/landing/mod.ts";
import { decodeTicket, encodeTicket } from "../../lib/mesh/ticket.ts";
import * as changes from "../../lib/transfer/protocol/change_query.ts";
import * as shares from "../../lib/transfer/protocol/share_query.ts";
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
import { bytesOf, decoder, text } from "./decoder_target.ts";
import type { Target } from "./engine.ts";

const samples = <T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
) =>
() => fc.sample(values, { numRuns: 20, seed: 7 }).map(encode);
const ids = new Uint8Array(16).fill(3);
const hash = new Uint8Array(32).fill(9);

/** A decoder whose results are written and read again as the same. */
const roundTrip = <T>(
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
) =>
(bytes: Uint8Array): T => {
  const value = decode(bytes);
  if (value === undefined) return value;
  const once = encode(value);
  if (!equals(encode(decode(once)), once)) {
    throw new Error("broken: what is written is read as something else");
  }
  return value;
};

/** Text of the ticket with this body: its checksum is right. */
function ticketOf(body: Uint8Array): string {
  const whole: Uint8Array = concat([body, blake3(body).subarray(0, 4)]);
  const digits: string = encodeBase32(whole);
  return `nt1${digits.toLowerCase().replace(/=+$/, "")}`;
}

const TICKETS = [
  { publicKey: hash, addresses: ["192.0.2.1:7700", "[2001:db8::1]:7700"] },
  { publicKey: hash, addresses: ["example.org:7700"], psk: hash },
  {
    publicKey: hash,
    addresses: ["192.0.2.1:7700"],
    content: {
      kind: "dir" as const,
      name: "photos",
      form: "inline" as const,
      hash,
      size: 9,
    },
  },
  {
    publicKey: hash,
    addresses: [],
    relay: { publicKey: hash, addresses: ["192.0.2.7:7700"], psk: hash },
  },
].map((ticket) => encodeTicket(ticket));

function ticketBodies(): Uint8Array[] {
  return TICKETS.map((ticket) => {
    const digits = ticket.slice(3).toUpperCase();
    const padding = "=".repeat((8 - digits.length % 8) % 8);
    return decodeBase32(digits + padding).slice(0, -4);
  });
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
  shares.decodeContentHash,
  shares.decodeContentName,
  shares.decodeFetchedVerdict,
];

/** What a header is, however it is cut into parts. */
function header(bytes: Uint8Array): unknown {
  const whole = new ResponseHeaderParser();
  const parts = new ResponseHeaderParser();
  const taken = whole.push(bytes);
  let byParts = 0;
  for (let at = 0; at < bytes.length && parts.header === undefined; at++) {
    byParts += parts.push(bytes.subarray(at, at + 1));
  }
  if (whole.header !== undefined && byParts !== taken) {
    throw new Error(`broken: ${taken} bytes at once, ${byParts} by one`);
  }
  return [taken, whole.header];
}

/** Every one of them. */
export const CONTENT_TARGETS: readonly Target[] = [
  decoder("utf8", (bytes) => {
    const strict = decodeUtf8(bytes);
    const lossy = decodeUtf8Lossy(bytes);
    if (strict !== undefined && strict !== lossy) {
      throw new Error("broken: two readings of one text");
    }
    return [strict === undefined, lossy];
  }, () => bytesOf("é", "a\u{1f600}b", "\ufffd", "\ufeffx")),
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
  decoder(
    "blob_ref",
    roundTrip(decodeBlobRef, (ref) => encodeBlobRef(ref!)),
    samples(anyBlobRef(), encodeBlobRef),
  ),
  decoder(
    "manifest",
    (bytes) => {
      const { entries } = roundTrip(decodeDirManifest, encodeDirManifest)(
        bytes,
      );
      checkTree({ manifest: bytes, links: "inside" });
      return entries;
    },
    samples(anyDirManifest(), encodeDirManifest),
    { cost: 10 },
  ),
  decoder(
    "tree_node",
    roundTrip(decodeTreeNode, encodeTreeNode),
    samples(anyTreeNode(), encodeTreeNode),
  ),
  decoder(
    "reference_text",
    (b) => parseReference(text(b)),
    () => bytesOf("ab".repeat(32), "b0b1b2b3", ...TICKETS),
  ),
  decoder("request", roundTrip(decodeRequest, encodeRequest), () => [
    encodeRequest({ kind: "get", hash }),
    encodeRequest({ kind: "get_range", hash, offset: 1n, length: 2n }),
    encodeRequest({ kind: "get_many", hashes: [hash, hash] }),
    encodeRequest({ kind: "have", hashes: [hash] }),
    encodeRequest({ kind: "rpc", name: "path.probe", body: ids }),
  ]),
  decoder("response_header", header, () => [
    encodeResponseHeader(300),
    encodeResponseHeader(undefined),
  ]),
  decoder(
    "rpc_body",
    (bytes) => BODIES[(bytes[0] ?? 0) % BODIES.length](bytes.subarray(1)),
    () => BODIES.map((_, i) => Uint8Array.of(i, 0, 1, 1, 0, 0, 0, 0)),
  ),
  decoder(
    "ticket",
    (bytes) => decodeTicket(ticketOf(bytes)),
    ticketBodies,
    { cost: 10, max: 600 },
  ),
];
