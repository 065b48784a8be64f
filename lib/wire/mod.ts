/**
 * The wire: one secure connection as a pure state machine. Bytes and time in,
 * bytes and events out; no sockets, no clock, no randomness but what is passed
 * in.
 *
 * @module
 */

export type {
  Aead,
  AeadFactory,
  CryptoProvider,
  X25519,
} from "./packet/aead.ts";
export { Connection } from "./connection.ts";
export type {
  ConnectionClose,
  ConnectionHandler,
  ConnectionStats,
} from "./connection_options.ts";
export type { Transmit } from "./sender_parts.ts";
export { PerSecond } from "./per_second.ts";
export type { DirectOptions } from "./direct_path.ts";
export type { HostAddress } from "./packet/address_frame.ts";
export {
  eraseEstablished,
  type Established,
  type HandshakeConfig,
} from "./handshake/handshake.ts";
export { Initiator, type InitiatorConfig } from "./handshake/initiator.ts";
export {
  PacketType,
  parseHandshakePacket,
} from "./handshake/handshake_packet.ts";
export { addressGroups } from "./handshake/address_groups.ts";
export { keyedBlake2s } from "./handshake/blake2s.ts";
export { Acceptor, type AcceptorOptions } from "./handshake/acceptor.ts";
export type { AcceptedPsk, PskScope } from "./handshake/accepted_psks.ts";
export {
  connectionIdKey,
  decodePacketHeader,
  isTransportPacket,
} from "./packet/packet_header.ts";
export { PacketProtection } from "./packet/packet_protection.ts";
export type { CongestionAlgorithm } from "./packet/congestion_algorithm.ts";
export { type RemoteAddress, sameAddress } from "./packet/remote_address.ts";
export { WindowBudget } from "./streams/receive_window.ts";
export { UnreadBudget, type UnreadShare } from "./streams/unread_budget.ts";
export type { WindowGrowth } from "./streams/stream_limits.ts";
export { RateLimit, type RateShare } from "./recovery/rate_limit.ts";
export type { Stream } from "./streams/stream.ts";
export type { TransportParameters } from "./handshake/transport_parameters.ts";
export { dhKeyPair } from "./handshake/noise.ts";
export { pureX25519 } from "./handshake/x25519.ts";
export {
  KEY_LENGTH,
  NONCE_LENGTH,
  TAG_LENGTH,
  writeNonce,
} from "./packet/aead.ts";
export type { Streams } from "./streams/streams.ts";
