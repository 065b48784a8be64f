/** What `recovery.ts` is told, and whom it tells. */

import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";
import type { SentPacket } from "./sent_packets.ts";

/** Options of {@linkcode Recovery}. */
export interface RecoveryOptions {
  congestion: CongestionAlgorithm;
  /** Uniform random numbers from 0 to 1: BBR spreads its probes with them. */
  random: () => number;
  maxAckDelay: number;
  /** Datagrams of this many bytes always get through. @default {DATAGRAM_MIN} */
  datagramFloor?: number;
  /** Tells the largest datagram to probe for, in bytes, when it may have changed. */
  datagramCeiling: () => number;
  /** The receive buffer of the peer's socket, in bytes. */
  receiveBufferBytes: number;
  /** A round trip known from the handshake, in milliseconds. */
  handshakeRtt?: number;
  /** What other connections know of the path: see `Connection.pathRttMs`. */
  pathRttMs?: number;
  /** What it took at most, in milliseconds, where packets were repeated. */
  handshakeRttMax?: number;
}

/** A path that has just been validated. */
export interface PathChange {
  /** Whether only the port is another, as after a NAT has forgotten a mapping. */
  readonly rebound: boolean;
  /** Its round trip at most, in milliseconds. */
  readonly rtt: number;
  /**
   * Whether the path before still works: what is in flight there arrives.
   * @default {false}
   */
  readonly overlaps?: boolean;
}

/** Told what became of the packets. */
export interface RecoveryHandler<F> {
  /** A packet arrived, also one that had been declared lost. */
  onPacketAcked(packet: SentPacket<F>): void;
  onPacketLost(packet: SentPacket<F>): void;
}
