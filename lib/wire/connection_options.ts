/** What goes into a {@linkcode Connection} and what it tells its owner. */

import type { PacketProtection } from "./packet/packet_protection.ts";
import type { CongestionAlgorithm } from "./packet/congestion_algorithm.ts";
import type { RecoveryOptions } from "./recovery/recovery_options.ts";
import type { RateShare } from "./recovery/rate_limit.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import type { LimitedMs } from "./send_limits.ts";
import type { DirectOptions } from "./direct_path.ts";
import type { HostAddress } from "./packet/address_frame.ts";
import type { WindowGrowth } from "./streams/stream_limits.ts";
import type { UnreadShare } from "./streams/unread_budget.ts";
import type { StreamsHandler } from "./streams/streams_handler.ts";
import type { TransportParameters } from "./handshake/transport_parameters.ts";

/** Why a connection ended. */
export interface ConnectionClose {
  /**
   * Who ended it: `timeout` when one end heard nothing of the other for too long,
   * `reset` when the peer lost its state, `path` when there is no way to it any
   * more.
   */
  by: "local" | "peer" | "timeout" | "reset" | "error" | "path";
  /** Code of the CLOSE frame, 0 for an ordinary end. */
  code: number;
  reason: string;
}

/** What a connection tells its owner. */
export interface ConnectionHandler extends StreamsHandler {
  /** The peer has proved that it is alive and has the keys. */
  onOpen(): void;
  /** The connection is over; called once. */
  onClose(close: ConnectionClose): void;
  /**
   * A RELAY frame came; `payload` must be copied to be kept.
   *
   * @returns Whether anybody has a use for it.
   */
  onRelay(nodeId: bigint, payload: Uint8Array): boolean;
  /** The peer tells where it sees this end; it may be wrong. */
  onObserved?(address: HostAddress): void;
}

/** What a connection is made of; the handshake provides most of it. */
export interface ConnectionOptions {
  initiator: boolean;
  /** The peer's connection id: packets from us carry it. */
  remoteId: Uint8Array;
  protection: PacketProtection;
  local: TransportParameters;
  peer: TransportParameters;
  /**
   * Ends the connection when it comes in a stateless reset; the responder's,
   * told to the initiator.
   */
  resetToken?: Uint8Array;
  address: RemoteAddress;
  /** Datagrams of this many bytes always get through. @default {DATAGRAM_MIN} */
  datagramFloor?: number;
  /**
   * Tells the largest datagram that the path to an address may be probed for,
   * in bytes; asked whenever a search begins or a probe is lost.
   */
  datagramCeiling: (to: RemoteAddress) => number;
  /** Sends PING when nothing else keeps the connection alive. */
  keepAlive: boolean;
  randomBytes: (target: Uint8Array) => Uint8Array;
  handler: ConnectionHandler;
  /** How far flow control windows may grow; they do not without. */
  windowGrowth?: WindowGrowth;
  /** Its part in what all connections may keep unread. @default {nobody counts} */
  unread?: UnreadShare;
  congestion?: CongestionAlgorithm;
  /**
   * Limits on the content that this end sends; another connection may have a part
   * in them, too. @default {none}
   */
  rates?: readonly RateShare[];
  /** Round trip of the handshake in milliseconds, when known. */
  handshakeRtt?: number;
  /** `pathRttMs` of other connections with the same machine, in milliseconds. */
  pathRttMs?: number;
  /** What it took at most, in milliseconds, where packets were repeated. */
  handshakeRttMax?: number;
  /**
   * Lets the connection, which leads by way of a relay, move to a direct path
   * when its peer takes addresses, too.
   */
  direct?: DirectOptions;
  /**
   * How an address is told to a peer that wants to know where it is seen.
   * @default {it is not told}
   */
  observed?: (address: RemoteAddress) => HostAddress | undefined;
}

/** Figures of a connection's path. */
export interface ConnectionStats {
  /** Smoothed round trip, in milliseconds. */
  rttMs: number;
  /** Smallest round trip seen, in milliseconds. */
  minRttMs: number;
  /** Mean deviation of the round trips, in milliseconds. */
  rttVariationMs: number;
  /** Congestion window, in bytes. */
  congestionWindow: number;
  /** Bytes sent and neither acknowledged nor lost. */
  bytesInFlight: number;
  /** Largest datagram the path is known to carry, in bytes. */
  datagramSize: number;
  packetsSent: number;
  packetsLost: number;
  /** Those of `packetsLost` that arrived after all. */
  packetsLate: number;
  /** Bytes of all datagrams sent. */
  bytesSent: number;
  /** Bytes of stream data that were sent again. */
  bytesRetransmitted: number;
  packetsReceived: number;
  /** Packets of the peer that did not come before its newest one, or at all. */
  packetsMissing: number;
  /** Bytes of all datagrams received that were authentic and new. */
  bytesReceived: number;
  /** Congestion control of what this end sends. */
  congestion: CongestionAlgorithm;
  /** Milliseconds for which this end sent nothing, by what held it back. */
  limitedMs: LimitedMs;
}

/**
 * What recovery is told.
 *
 * @param current The address in use, which has a ceiling of its own.
 */
export function recoveryOptionsOf(
  options: ConnectionOptions,
  current: () => RemoteAddress,
): RecoveryOptions {
  const { congestion, peer, randomBytes } = options;
  return {
    congestion: congestion ?? peer.congestion ?? "bbr",
    random: () => randomBytes(new Uint8Array(1))[0] / 256,
    maxAckDelay: peer.maxAckDelayMs,
    datagramFloor: options.datagramFloor,
    datagramCeiling: () =>
      Math.min(options.datagramCeiling(current()), peer.maxDatagramSize),
    receiveBufferBytes: peer.receiveBufferBytes,
    handshakeRtt: options.handshakeRtt,
    pathRttMs: options.pathRttMs,
    handshakeRttMax: options.handshakeRttMax,
  };
}
