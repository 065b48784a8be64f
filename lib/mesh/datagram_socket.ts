/**
 * The one seam between the mesh and the operating system's UDP.
 *
 * @module
 */

import type { RemoteAddress } from "../wire/mod.ts";

/** What one receive call brought: one datagram, or several of equal size from one peer. */
export interface ReceivedDatagrams {
  /** Bytes in the buffer. */
  length: number;
  /** Size of each datagram but the last, which may be shorter. */
  segmentSize: number;
  /** Their sender. */
  from: RemoteAddress;
}

/** An open UDP socket, or what stands for one. */
export interface DatagramSocket {
  /** The address it is bound to. */
  readonly local: RemoteAddress;
  /** Bytes the kernel keeps for us unread; more are lost. */
  readonly receiveBufferBytes: number;
  /** Whether datagrams larger than the path's MTU are refused instead of fragmented. */
  readonly forbidsFragments: boolean;
  /** Bytes that always get through and that are probed for at most, where they do not follow from the peer's address. */
  readonly sizes?: { readonly floor: number; readonly ceiling: number };
  /**
   * Waits for datagrams.
   *
   * @param buffer At least 65 536 bytes; reused by the caller.
   * @returns Valid until the next call; `undefined` when the socket is closed.
   */
  receive(buffer: Uint8Array): Promise<ReceivedDatagrams | undefined>;
  /**
   * Sends one datagram, or several of `segmentSize` bytes each.
   *
   * A datagram the system does not take is as good as lost on the way: that
   * is no error here, see {@linkcode DatagramSocket.lastSendError}.
   *
   * @param bytes Must not change until the promise resolves.
   * @returns A promise while the system is busy, nothing when it is done.
   */
  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> | void;
  /** The newest error of {@linkcode DatagramSocket.send}, to explain a time-out with. */
  readonly lastSendError: Error | undefined;
  /** Closes the socket; a waiting receive ends. */
  close(): Promise<void> | void;
}
