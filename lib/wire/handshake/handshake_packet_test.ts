import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { VERSIONS_MAX } from "../../limits.ts";
import {
  encodeCookieReply,
  encodeInitial,
  encodeResponse,
  encodeStatelessReset,
  encodeVersionNegotiation,
  isAuthentic,
  parseHandshakePacket,
  setMac2,
} from "./handshake_packet.ts";
import { Mac1, mac1, mac2 } from "./mac.ts";
import { only } from "../testing/handshake_pair.ts";
import { TRANSPORT_PACKET_MIN } from "../packet/packet_header.ts";

const here = new Uint8Array(8).fill(0xa1);
const there = new Uint8Array(8).fill(0xb2);
const key = new Uint8Array(32).fill(3);
const noise = new Uint8Array(200).fill(4);
const fields = {
  version: 1,
  destinationId: there,
  sourceId: here,
  noise,
  mac1Key: key,
  size: 1200,
};
/** An Initial of a version that is not spoken here. */
const unknown = only(
  parseHandshakePacket(encodeInitial({ ...fields, version: 9 })),
  "unknownVersion",
);

Deno.test("an Initial parses back into what was encoded", () => {
  const bytes = encodeInitial(fields);
  assertEquals(bytes.length, 1200);
  const packet = only(parseHandshakePacket(bytes), "initial");
  assertEquals(packet, {
    kind: "initial",
    version: 1,
    destinationId: there,
    sourceId: here,
    noise,
    covered: bytes.subarray(0, 220),
    mac1: mac1(key, bytes.subarray(0, 220)),
    mac2: new Uint8Array(16),
    bytes,
  });
  const cookie = new Uint8Array(16).fill(9);
  setMac2(bytes, cookie);
  assertEquals(packet.mac2, mac2(cookie, packet.mac1));
});

Deno.test("an Initial of an unknown version shows only what never changes", () => {
  const bytes = encodeInitial({ ...fields, version: 9, size: 1100 });
  assertEquals(parseHandshakePacket(bytes), {
    kind: "unknownVersion",
    version: 9,
    sourceId: here,
    covered: bytes.subarray(0, 220),
    mac1: bytes.subarray(1068, 1084),
    bytes,
  });
  bytes.fill(0xff, 18, 20);
  assertEquals(parseHandshakePacket(bytes), undefined);
  assertEquals(parseHandshakePacket(bytes, [9]), undefined);
});

Deno.test("an Initial is authentic by its mac1, and with zeros for padding alone", () => {
  const mac = new Mac1(key);
  const isTrue = (bytes: Uint8Array) =>
    isAuthentic(only(parseHandshakePacket(bytes), "initial"), mac);
  const bytes = encodeInitial(fields);
  assert(isTrue(bytes));
  for (const at of [2, 17, 20, 219, 220, 1167, 1168, 1183]) {
    const forged = bytes.slice();
    forged[at] ^= 1;
    assert(!isTrue(forged), `byte ${at}`);
  }
  const { covered, mac1: own } = only(parseHandshakePacket(bytes), "initial");
  assert(!new Mac1(noise.subarray(0, 32)).verify(covered, own));
});

Deno.test("a Response parses back into what was encoded", () => {
  const bytes = encodeResponse({ ...fields, size: 1100 });
  assertEquals(parseHandshakePacket(bytes), {
    kind: "response",
    version: 1,
    destinationId: there,
    sourceId: here,
    noise,
    covered: bytes.subarray(0, 220),
    mac1: mac1(key, bytes.subarray(0, 220)),
    bytes,
  });
});

Deno.test("the small packets parse back into what was encoded", () => {
  const nonce = new Uint8Array(16).fill(7);
  const sealed = new Uint8Array(32).fill(8);
  assertEquals(parseHandshakePacket(encodeCookieReply(there, nonce, sealed)), {
    kind: "cookieReply",
    destinationId: there,
    nonce,
    sealed,
  });
  const reset = encodeStatelessReset(here, nonce);
  assertEquals(parseHandshakePacket(reset), {
    kind: "statelessReset",
    connectionId: here,
    token: nonce,
  });
  assert(reset.length < TRANSPORT_PACKET_MIN);
  const list = encodeVersionNegotiation(unknown, [3, 1], key, key);
  assertEquals(parseHandshakePacket(list), {
    kind: "versionNegotiation",
    destinationId: here,
    versions: [3, 1],
    mac: list.subarray(12),
    bytes: list,
  });
});

Deno.test("wrong sizes and long Noise lengths are refused", () => {
  const refused = [
    encodeStatelessReset(here, new Uint8Array(16)).subarray(1),
    new Uint8Array(0),
    Uint8Array.of(4),
  ];
  for (const encode of [encodeInitial, encodeResponse]) {
    const long = encode(fields);
    long[18] = 0x7f;
    const sizes = [1099, 1201].map((size) => encode({ ...fields, size }));
    refused.push(long, ...sizes);
  }
  for (const [i, bytes] of refused.entries()) {
    assertEquals(parseHandshakePacket(bytes), undefined, `packet ${i}`);
  }
});

Deno.test("a version list names at least one version and no more than its bound", () => {
  const kinds = [0, 1, VERSIONS_MAX, VERSIONS_MAX + 1].map((count) => {
    const versions = Array(count).fill(1);
    const list = encodeVersionNegotiation(unknown, versions, key, key);
    return parseHandshakePacket(list)?.kind;
  });
  const taken = "versionNegotiation";
  assertEquals(kinds, [undefined, taken, taken, undefined]);
});

Deno.test("a Noise message too long for the packet is never sent", () => {
  const long = { ...fields, noise: new Uint8Array(1149) };
  assertThrows(() => encodeInitial(long), RangeError);
});

Deno.test("parsing never throws", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 6 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 1090, maxLength: 1210 }),
    ),
    (type, bytes) => {
      if (bytes.length > 0) bytes[0] = type;
      parseHandshakePacket(bytes);
    },
  ));
});
