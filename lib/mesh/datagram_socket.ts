import type { DirectOptions, RemoteAddress } from "../wire/mod.ts";

/**
 * Takes datagrams from `from`: one, or several of `segmentSize` bytes each but
 * the last, which may be shorter. `bytes` is valid during the call. Must not
 * throw.
 */
export type DatagramHandler = (
  bytes: Uint8Array,
  segmentSize: number,
  from: RemoteAddress,
) => void;

/** What a system counts of packets that did not arrive, or not whole. */
export interface SizeCounts {
  /** Fragments that it has made. */
  readonly fragments: number;
  /** Messages of routers that one was not passed on, and perhaps others. */
  readonly tooBig: number;
  /** Messages that an address or port cannot be reached, and perhaps others. */
  readonly unreachables: number;
}

/** An open UDP socket, or what stands for one: the seam to the operating system. */
export interface DatagramSocket {
  /** The address it is bound to. */
  readonly local: RemoteAddress;
  /** Bytes the kernel keeps for us unread; more are lost. */
  readonly receiveBufferBytes: number;
  /**
   * Bytes that always get through, and those that are probed for at most on the
   * way to a peer, where they do not follow from its address.
   */
  readonly sizes?: {
    readonly floor: number;
    readonly ceiling: (to: RemoteAddress) => number | undefined;
  };
  /** Lets connections that begin behind a relay find a direct path. */
  readonly direct?: DirectOptions;
  /**
   * Longest datagram that the interface of the way to a peer takes whole, in
   * bytes of UDP payload, where that can be known.
   */
  carries?(to: RemoteAddress): number | undefined;
  /** What the system counts of such datagrams as go to a peer, where it tells. */
  sizeCounts?(to: RemoteAddress): SizeCounts | undefined;
  /**
   * Hands over whatever arrives, until the socket is closed; to be called once,
   * and again after an error.
   *
   * @throws What the system says, if it is more than an ICMP error of a peer's.
   */
  receive(take: DatagramHandler): Promise<void>;
  /**
   * Sends one datagram, or several of `segmentSize` bytes each, which must not change
   * until the promise resolves. One that the system does not take is as good as lost.
   */
  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> | void;
  /**
   * The newest error of {@linkcode DatagramSocket.send}, to explain a time-out
   * with.
   */
  readonly lastSendError: Error | undefined;
  /**
   * Datagrams that the system has dropped instead of keeping them for us;
   * `undefined` where it does not say.
   */
  readonly drops: number | undefined;
  /** Closes the socket; a waiting receive ends. */
  close(): Promise<void> | void;
}
