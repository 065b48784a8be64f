import type { HostAddress, RemoteAddress } from "../wire/mod.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import type { RelayCarrier } from "./session.ts";

/**
 * The socket under a session with a relay, for packets that go past the relay:
 * from another one the NAT before this machine would let them leave by another
 * port than the relay sees, and would let none in.
 */
export class Underlay {
  readonly socket: DatagramSocket;
  /**
   * Takes transport packets of connections that the owner of the socket does
   * not know; they must be copied to be kept.
   */
  onStray: ((bytes: Uint8Array, from: RemoteAddress) => void) | undefined;

  constructor(socket: DatagramSocket) {
    this.socket = socket;
  }
}

/** A session with a relay that has a socket for itself. */
export interface UnderlaidCarrier extends RelayCarrier {
  readonly underlay: Underlay;
  /** Where the relay says that it sees this end, if it does. */
  readonly observed: HostAddress | undefined;
}

/** Whether a session with a relay has a socket for itself. */
export function isUnderlaid(
  carrier: RelayCarrier,
): carrier is UnderlaidCarrier {
  return "underlay" in carrier && carrier.underlay !== undefined;
}
