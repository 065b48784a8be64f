/**
 * The mesh: sockets, identities and authenticated sessions with other nodes.
 *
 * @module
 */

export { formatAddress, isLoopback } from "./format_address.ts";
export {
  ephemeralIdentity,
  type Identity,
  loadIdentity,
  writeIdentity,
} from "./identity.ts";
export {
  addressText,
  type AttachOptions,
  DEFAULT_PORT,
  type ListenOptions,
  Node,
} from "./node.ts";
export { nodeIdOf } from "./node_id.ts";
export {
  parseHostPort,
  resolveHost,
  type SocketAddress,
} from "./resolve_host.ts";
export type {
  BidiStream,
  CloseInfo,
  RemotePeer,
  Session,
  SessionStats,
  StreamPriority,
} from "./session.ts";
