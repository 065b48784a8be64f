/** What goes into a `PacketSender`, and what comes out of it. */

import type { EmptyPackets } from "./empty_packets.ts";
import type { IdleTimer } from "./idle_timer.ts";
import type { PacketProtection } from "./packet/packet_protection.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import type { PathValidation } from "./path_validation.ts";
import type { AckPolicy } from "./recovery/ack_policy.ts";
import type { SendRate } from "./send_rate.ts";
import type { Streams } from "./streams/streams.ts";
import type { ToldAddresses } from "./told_addresses.ts";

/** A datagram that has been written. */
export interface Transmit {
  length: number;
  to: RemoteAddress;
  /** Whether it asks how large a datagram the path carries. */
  mtuProbe: boolean;
}

/** The parts of a connection that have something to send or want to know of it. */
export interface SenderParts {
  readonly remoteId: Uint8Array;
  readonly protection: PacketProtection;
  readonly streams: Streams;
  readonly acks: AckPolicy;
  readonly path: PathValidation;
  readonly idle: IdleTimer;
  readonly rate: SendRate;
  readonly empty: EmptyPackets;
  readonly told: ToldAddresses;
}
