/** The interface of a congestion controller (RFC 9002 §7, appendix B). */

/** Fewest datagrams of a window (RFC 9002 §7.2, kMinimumWindow). */
export const MINIMUM_WINDOW_DATAGRAMS = 2;

/** A packet that counts against the window. */
export interface InFlightPacket {
  readonly number: number;
  /** When it was sent. */
  readonly time: number;
  /** Bytes of its datagram. */
  readonly size: number;
}

/** One ACK frame that acknowledges packets in flight; valid during the call. */
export interface AckEvent {
  now: number;
  /** Bytes in flight that are newly acknowledged. */
  ackedBytes: number;
  /** Number of the newest packet among them. */
  newestNumber: number;
  /** When that packet was sent. */
  newestTime: number;
  /**
   * The newest round-trip time; {@linkcode rttSampled} says whether this ACK
   * gave it.
   */
  latestRtt: number;
  smoothedRtt: number;
  /** Infinite before the first sample. */
  minRtt: number;
  rttSampled: boolean;
  /** Bytes still in flight. */
  bytesInFlight: number;
  /**
   * Whether the sender has been short of data, or limited by flow control, so
   * that the window was not the limit.
   */
  appLimited: boolean;
}

/** An event to be filled in. */
export function emptyAckEvent(): AckEvent {
  return {
    now: 0,
    ackedBytes: 0,
    newestNumber: 0,
    newestTime: 0,
    latestRtt: 0,
    smoothedRtt: 0,
    minRtt: 0,
    rttSampled: false,
    bytesInFlight: 0,
    appLimited: false,
  };
}

/** Losses that tell of congestion. */
export interface CongestionEvent {
  readonly now: number;
  /** Without path MTU probes. */
  readonly lostBytes: number;
  /** When the newest of the lost packets was sent. */
  readonly newestLostTime: number;
  /** Whether this is persistent congestion (RFC 9002 §7.6). */
  readonly persistent: boolean;
}

/**
 * Decides how much may be in flight and how fast it leaves. Times are in
 * milliseconds, sizes in bytes. For each ACK frame recovery calls, in this
 * order: {@linkcode onSpuriousCongestion}, {@linkcode onCongestionEvent},
 * {@linkcode onAck}, each only if there is something to tell.
 */
export interface CongestionController {
  /** Most bytes in flight. */
  readonly window: number;
  /** Whether the window still doubles, so that each acknowledgement counts. */
  readonly inSlowStart: boolean;
  /**
   * A packet that counts against the window has left.
   *
   * @param bytesInFlight Bytes in flight with this packet.
   * @param appLimited Whether nothing more is waiting to be sent although the
   * window has room.
   */
  onPacketSent(
    packet: InFlightPacket,
    bytesInFlight: number,
    appLimited: boolean,
  ): void;
  onAck(event: AckEvent): void;
  onCongestionEvent(event: CongestionEvent): void;
  /** Every loss of the latest congestion event has proven spurious. */
  onSpuriousCongestion(): void;
  /** The size of a full datagram has changed. */
  onMtuChange(maxDatagramSize: number): void;
  /**
   * How fast to send, in bytes per millisecond; infinite for no limit.
   *
   * @param smoothedRtt `undefined` before the first sample.
   */
  pacingRate(smoothedRtt: number | undefined): number;
}
