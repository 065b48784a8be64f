/**
 * The wire: one secure connection as a pure state machine. Bytes and time in,
 * bytes and events out; no sockets, no clock, no randomness but what is passed
 * in.
 *
 * @module
 */

export type { Aead, AeadFactory, AeadName, CryptoProvider } from "./aead.ts";
export {
  Connection,
  type ConnectionClose,
  type ConnectionHandler,
  type ConnectionOptions,
  type ConnectionStats,
  type Transmit,
} from "./connection.ts";
export type { Established, HandshakeConfig } from "./handshake.ts";
export {
  type InitiatorConfig,
  InitiatorHandshake,
  type InitiatorResult,
  startInitiator,
} from "./handshake_initiator.ts";
export { PacketType, parseHandshakePacket } from "./handshake_packet.ts";
export {
  Listener,
  type ListenerOptions,
  type ListenerResult,
} from "./listener.ts";
export {
  connectionIdKey,
  decodePacketHeader,
  isTransportPacket,
  type PacketHeader,
} from "./packet_header.ts";
export { PacketProtection } from "./packet_protection.ts";
export type { CongestionAlgorithm } from "./recovery.ts";
export { type RemoteAddress, sameAddress } from "./remote_address.ts";
export type { Stream } from "./stream.ts";
export { TransportError, TransportErrorCode } from "./transport_error.ts";
export type { TransportParameters } from "./transport_parameters.ts";
