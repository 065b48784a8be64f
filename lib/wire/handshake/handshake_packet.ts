/**
 * The packets outside a connection: Initial, Response, Cookie Reply, Version
 * Negotiation and Stateless Reset, laid out as in `docs/wire.md`. Integers are
 * big-endian, ids have 8 bytes, byte 0 is the type. Parsing never throws and
 * checks no MAC; every field is a view of the packet.
 *
 * Type, version, ids, the length of the Noise message and the MACs of an Initial
 * are the same in every version, so that a node can answer one of a version that it does not
 * speak. A Stateless Reset is shorter than any transport packet, so that two
 * nodes cannot keep answering each other.
 */

import {
  DATAGRAM_MIN,
  RELAYED_DATAGRAM_MIN,
  VERSIONS_MAX,
} from "../../limits.ts";
import {
  COOKIE_NONCE_LENGTH,
  type Mac1,
  mac1,
  mac2,
  MAC_LENGTH,
  SEALED_COOKIE_LENGTH,
  versionListMac,
} from "./mac.ts";
import { CONNECTION_ID_LENGTH } from "../packet/packet_header.ts";
import { RESET_TOKEN_LENGTH } from "./stateless_reset.ts";
import { WireWriter } from "../packet/wire_buffer.ts";

/** Every protocol version this code speaks, preferred first. */
export const SUPPORTED_VERSIONS: readonly number[] = [1];

/** Byte 0 of each packet outside a connection. */
export const PacketType = {
  INITIAL: 1,
  RESPONSE: 2,
  COOKIE_REPLY: 3,
  VERSION_NEGOTIATION: 4,
  STATELESS_RESET: 5,
} as const;

const NOISE_OFFSET = 2 + 2 * CONNECTION_ID_LENGTH + 2;
const COOKIE_REPLY_LENGTH = 1 + CONNECTION_ID_LENGTH + COOKIE_NONCE_LENGTH +
  SEALED_COOKIE_LENGTH;
const STATELESS_RESET_LENGTH = 1 + CONNECTION_ID_LENGTH + RESET_TOKEN_LENGTH;
const VERSIONS_OFFSET = 2 + CONNECTION_ID_LENGTH;

/** An Initial of one of the versions the parser was told of. */
export interface InitialPacket {
  readonly kind: "initial";
  readonly version: number;
  /** Names this attempt. */
  readonly destinationId: Uint8Array;
  /** Where the answer goes. */
  readonly sourceId: Uint8Array;
  readonly noise: Uint8Array;
  /** What `mac1` covers: the header and the Noise message. */
  readonly covered: Uint8Array;
  /** Shows knowledge of the pre-shared key. */
  readonly mac1: Uint8Array;
  /** Shows possession of the source address. */
  readonly mac2: Uint8Array;
  /** The whole packet. */
  readonly bytes: Uint8Array;
}

/** An Initial of another version. */
export type UnknownVersionPacket =
  & { readonly kind: "unknownVersion" }
  & Pick<InitialPacket, "version" | "sourceId" | "covered" | "mac1" | "bytes">;

/** A Response: ids are the initiator's, then the responder's; Noise message 2. */
export type ResponsePacket =
  & { readonly kind: "response" }
  & Omit<InitialPacket, "kind" | "mac2">;

/** A Cookie Reply. */
export interface CookieReplyPacket {
  readonly kind: "cookieReply";
  /** The initiator's id. */
  readonly destinationId: Uint8Array;
  readonly nonce: Uint8Array;
  /** The cookie, sealed. */
  readonly sealed: Uint8Array;
}

/** A Version Negotiation. */
export interface VersionNegotiationPacket {
  readonly kind: "versionNegotiation";
  /** The initiator's id. */
  readonly destinationId: Uint8Array;
  /** What the responder speaks, preferred first. */
  readonly versions: readonly number[];
  /** Shows knowledge of the pre-shared key. */
  readonly mac: Uint8Array;
  /** The whole packet. */
  readonly bytes: Uint8Array;
}

interface StatelessResetPacket {
  readonly kind: "statelessReset";
  /** The id, of the sender of this packet, that it does not know. */
  readonly connectionId: Uint8Array;
  /** Shows that the node that issued the id sent this. */
  readonly token: Uint8Array;
}

type HandshakePacket =
  | InitialPacket
  | UnknownVersionPacket
  | ResponsePacket
  | CookieReplyPacket
  | VersionNegotiationPacket
  | StatelessResetPacket;

/**
 * Parses a packet whose byte 0 is a handshake type.
 *
 * @param versions What this end speaks. @default {SUPPORTED_VERSIONS}
 * @returns `undefined` for anything that is not exactly one such packet.
 */
export function parseHandshakePacket(
  bytes: Uint8Array,
  versions: readonly number[] = SUPPORTED_VERSIONS,
): HandshakePacket | undefined {
  switch (bytes[0]) {
    case PacketType.INITIAL:
      return parseInitial(bytes, versions);
    case PacketType.RESPONSE:
      return parseResponse(bytes);
    case PacketType.COOKIE_REPLY:
      return parseCookieReply(bytes);
    case PacketType.VERSION_NEGOTIATION:
      return parseVersionNegotiation(bytes);
    case PacketType.STATELESS_RESET:
      return parseStatelessReset(bytes);
    default:
      return undefined;
  }
}

/** What has a `mac1`. */
type AuthenticatedPacket =
  | InitialPacket
  | UnknownVersionPacket
  | ResponsePacket;

/**
 * Whether `mac1` of an Initial or Response is right, and nothing but zeros lie
 * between what it covers and itself. The MAC is looked at first: it is what a
 * packet of somebody without the pre-shared key fails at.
 */
export function isAuthentic(packet: AuthenticatedPacket, mac: Mac1): boolean {
  return mac.verify(packet.covered, packet.mac1) && hasZeroPadding(packet);
}

/** Whether nothing but zeros lie between what `mac1` covers and `mac1`. */
export function hasZeroPadding(packet: AuthenticatedPacket): boolean {
  const { bytes, covered } = packet;
  const end = bytes.length - (packet.kind === "response" ? 1 : 2) * MAC_LENGTH;
  for (let i = covered.length; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** What the MAC of a Version Negotiation covers. */
export function coveredByListMac(packet: VersionNegotiationPacket): Uint8Array {
  return withoutMacs(packet.bytes, 1);
}

function withoutMacs(bytes: Uint8Array, macs: number): Uint8Array {
  return bytes.subarray(0, bytes.length - macs * MAC_LENGTH);
}

function hasHandshakeSize(bytes: Uint8Array): boolean {
  return bytes.length >= RELAYED_DATAGRAM_MIN && bytes.length <= DATAGRAM_MIN;
}

/** The header and the Noise message of a packet that ends with `macs` MACs. */
function headerAndNoise(
  bytes: Uint8Array,
  macs: number,
): Uint8Array | undefined {
  const length = (bytes[NOISE_OFFSET - 2] << 8) | bytes[NOISE_OFFSET - 1];
  const end = NOISE_OFFSET + length;
  if (end > bytes.length - macs * MAC_LENGTH) return undefined;
  return bytes.subarray(0, end);
}

function parseInitial(
  bytes: Uint8Array,
  versions: readonly number[],
): InitialPacket | UnknownVersionPacket | undefined {
  if (!hasHandshakeSize(bytes)) return undefined;
  const covered = headerAndNoise(bytes, 2);
  if (covered === undefined) return undefined;
  const version = bytes[1];
  const sourceId = bytes.subarray(10, 18);
  const mac1 = bytes.subarray(-2 * MAC_LENGTH, -MAC_LENGTH);
  if (!versions.includes(version)) {
    return { kind: "unknownVersion", version, sourceId, covered, mac1, bytes };
  }
  return {
    kind: "initial",
    version,
    destinationId: bytes.subarray(2, 10),
    sourceId,
    noise: covered.subarray(NOISE_OFFSET),
    covered,
    mac1,
    mac2: bytes.subarray(-MAC_LENGTH),
    bytes,
  };
}

function parseResponse(bytes: Uint8Array): ResponsePacket | undefined {
  if (!hasHandshakeSize(bytes)) return undefined;
  const covered = headerAndNoise(bytes, 1);
  if (covered === undefined) return undefined;
  return {
    kind: "response",
    version: bytes[1],
    destinationId: bytes.subarray(2, 10),
    sourceId: bytes.subarray(10, 18),
    noise: covered.subarray(NOISE_OFFSET),
    covered,
    mac1: bytes.subarray(-MAC_LENGTH),
    bytes,
  };
}

function parseCookieReply(bytes: Uint8Array): CookieReplyPacket | undefined {
  if (bytes.length !== COOKIE_REPLY_LENGTH) return undefined;
  return {
    kind: "cookieReply",
    destinationId: bytes.subarray(1, 9),
    nonce: bytes.subarray(9, 9 + COOKIE_NONCE_LENGTH),
    sealed: bytes.subarray(9 + COOKIE_NONCE_LENGTH),
  };
}

function parseVersionNegotiation(
  bytes: Uint8Array,
): VersionNegotiationPacket | undefined {
  if (bytes.length < VERSIONS_OFFSET) return undefined;
  const count = bytes[VERSIONS_OFFSET - 1];
  if (count === 0 || count > VERSIONS_MAX) return undefined;
  if (bytes.length !== VERSIONS_OFFSET + count + MAC_LENGTH) return undefined;
  return {
    kind: "versionNegotiation",
    destinationId: bytes.subarray(1, 9),
    versions: Array.from(bytes.subarray(VERSIONS_OFFSET, -MAC_LENGTH)),
    mac: bytes.subarray(-MAC_LENGTH),
    bytes,
  };
}

function parseStatelessReset(
  bytes: Uint8Array,
): StatelessResetPacket | undefined {
  if (bytes.length !== STATELESS_RESET_LENGTH) return undefined;
  return {
    kind: "statelessReset",
    connectionId: bytes.subarray(1, 9),
    token: bytes.subarray(9),
  };
}

interface NoisePacketFields {
  readonly version: number;
  readonly destinationId: Uint8Array;
  readonly sourceId: Uint8Array;
  readonly noise: Uint8Array;
  /** Key of `mac1`, that of the packet's receiver. */
  readonly mac1Key: Uint8Array;
  /** Bytes of the whole packet, from 1100 to 1200. */
  readonly size: number;
}

function encodeNoisePacket(
  type: number,
  fields: NoisePacketFields,
  macs: number,
): Uint8Array {
  const packet = new Uint8Array(fields.size);
  const room = withoutMacs(packet, macs);
  const writer = new WireWriter(room);
  writer.u8(type);
  writer.u8(fields.version);
  writer.bytes(fields.destinationId);
  writer.bytes(fields.sourceId);
  writer.u16(fields.noise.length);
  writer.bytes(fields.noise);
  packet.set(mac1(fields.mac1Key, writer.written()), room.length);
  return packet;
}

/** Encodes an Initial without a cookie. */
export function encodeInitial(fields: NoisePacketFields): Uint8Array {
  return encodeNoisePacket(PacketType.INITIAL, fields, 2);
}

/** Puts the `mac2` of a cookie into an encoded Initial. */
export function setMac2(initial: Uint8Array, cookie: Uint8Array): void {
  const mac1 = initial.subarray(-2 * MAC_LENGTH, -MAC_LENGTH);
  initial.set(mac2(cookie, mac1), initial.length - MAC_LENGTH);
}

export function encodeResponse(fields: NoisePacketFields): Uint8Array {
  return encodeNoisePacket(PacketType.RESPONSE, fields, 1);
}

/** Encodes a Cookie Reply. */
export function encodeCookieReply(
  destinationId: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  return Uint8Array.of(
    PacketType.COOKIE_REPLY,
    ...destinationId,
    ...nonce,
    ...sealed,
  );
}

/**
 * Encodes a Version Negotiation.
 *
 * @param versions What the responder speaks, at most `VERSIONS_MAX`.
 */
export function encodeVersionNegotiation(
  initial: UnknownVersionPacket,
  versions: readonly number[],
  publicKey: Uint8Array,
  psk: Uint8Array,
): Uint8Array {
  const covered = Uint8Array.of(
    PacketType.VERSION_NEGOTIATION,
    ...initial.sourceId,
    versions.length,
    ...versions,
  );
  const mac = versionListMac(publicKey, psk, covered, initial.mac1);
  return Uint8Array.of(...covered, ...mac);
}

export function encodeStatelessReset(
  connectionId: Uint8Array,
  token: Uint8Array,
): Uint8Array {
  return Uint8Array.of(PacketType.STATELESS_RESET, ...connectionId, ...token);
}
