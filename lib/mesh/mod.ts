/**
 * The mesh: sockets, identities and authenticated sessions with other nodes.
 *
 * @module
 */

export {
  formatAddress,
  isIpv4,
  isIpv6,
  isLinkLocal,
  isLoopback,
  parseAddress,
  parseHostPort,
  type SocketAddress,
} from "./address.ts";
export {
  type AttachOptions,
  type AttachRelay,
  attachThrough,
  attemptMs,
  type KeptAttachOptions,
} from "./attach.ts";
export {
  type KeepAttachedEvent,
  Keeper,
  type KeepEvent,
  type KeepFailedEvent,
  type KeepHeardEvent,
  type KeepLostEvent,
  type KeepSilentEvent,
} from "./keeper.ts";
export { KeptSession } from "./kept_session.ts";
export { PortClosedError } from "./attempt.ts";
export { absenceMs, lossError, mayBeAsleep } from "./session_loss.ts";
export type { NodeRates } from "./rate_limits.ts";
export {
  ephemeralIdentity,
  eraseIdentity,
  generateIdentity,
  type Identity,
  type IdentityOptions,
  loadIdentity,
  type LoadIdentityOptions,
  writeIdentity,
  type WriteIdentityOptions,
} from "./identity.ts";
export {
  DEFAULT_PSK_NAME,
  isPskName,
  Keyring,
  type KeyringEntry,
} from "./keyring.ts";
export { type AeadFigures, measureAead } from "./measure_aead.ts";
export { measureSocket, type SocketFigures } from "./measure_socket.ts";
export { networkOf } from "./network_of.ts";
export { resolveHost } from "./resolve_host.ts";
export {
  DEFAULT_PORT,
  type ListenOptions,
  Node,
  type ViaOptions,
} from "./node.ts";
export type { DirectMode } from "./direct_socket.ts";
export { formatIdHex, nodeIdOf } from "./node_id.ts";
export { Relay, type RelayedSession, type RelayStats } from "./relay.ts";
export type {
  RelayAttachedEvent,
  RelayDetachedEvent,
  RelayEvent,
} from "./relay_attachment.ts";
export type { CongestionAlgorithm, PskScope } from "../wire/mod.ts";
export type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionKeeping,
  SessionLoss,
  SessionRoute,
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
  type TicketRelay,
} from "./ticket.ts";
