/**
 * The mesh: sockets, identities and authenticated sessions with other nodes.
 *
 * @module
 */

export type { AttachOptions } from "./attach.ts";
export { attachThrough, type AttachThroughOptions } from "./attach_through.ts";
export { formatAddress, isLoopback } from "./format_address.ts";
export { isHostName, isIpv4, isIpv6 } from "./host_name.ts";
export {
  ephemeralIdentity,
  generateIdentity,
  type Identity,
  type IdentityOptions,
  loadIdentity,
  type LoadIdentityOptions,
  writeIdentity,
  type WriteIdentityOptions,
} from "./identity.ts";
export {
  addressText,
  DEFAULT_PORT,
  type ListenOptions,
  Node,
  type ViaOptions,
} from "./node.ts";
export { formatIdHex, nodeIdOf } from "./node_id.ts";
export {
  parseHostPort,
  resolveHost,
  type SocketAddress,
} from "./resolve_host.ts";
export { Relay, type RelayedSession, type RelayStats } from "./relay.ts";
export type {
  RelayAttachedEvent,
  RelayDetachedEvent,
  RelayEvent,
} from "./relay_attachment.ts";
export type { CongestionAlgorithm } from "../wire/mod.ts";
export type {
  BidiStream,
  CloseInfo,
  RemotePeer,
  Session,
  SessionStats,
  StreamPriority,
} from "./session.ts";
export {
  attachOptionsOf,
  decodeTicket,
  encodeTicket,
  looksLikeTicket,
  type Ticket,
  type TicketAttachOptions,
  type TicketContent,
} from "./ticket.ts";
