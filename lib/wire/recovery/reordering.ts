/**
 * How much a path reorders: packets that were declared lost and arrive after
 * all raise the thresholds for the next ones (RFC 9002 §6.1).
 */

import type { AckRange } from "../packet/ack_ranges.ts";
import type { SentPacket } from "./sent_packets.ts";

/**
 * Later packets that must arrive before one is lost (RFC 9002 §6.1.1,
 * kPacketThreshold).
 */
const PACKET_THRESHOLD = 3;
/** Where the packet threshold stops adapting to reordering. */
export const PACKET_THRESHOLD_MAX = 64;
/** Round trips a packet may be overdue (RFC 9002 §6.1.2, kTimeThreshold). */
const TIME_THRESHOLD: number = 9 / 8;
/** Where the time threshold stops adapting to reordering, in round trips. */
export const TIME_THRESHOLD_MAX = 2;

/** By how much one late packet raises the time threshold, in round trips. */
const TIME_THRESHOLD_STEP = 1 / 8;
/** Lost packets remembered, so that a late acknowledgement is recognised. */
const LOST_REMEMBERED = 1024;

interface LostRecord<F> {
  readonly packet: SentPacket<F>;
  /** When it is forgotten. */
  readonly expires: number;
  /** Whether it was lost by the time threshold. */
  readonly byTime: boolean;
  /** Congestion episode it belongs to, −1 when it tells nothing of the path. */
  readonly episode: number;
}

/** The thresholds of one path, and the losses that may prove them too low. */
export class Reordering<F> {
  /** Later packets that must arrive before one is lost. */
  packetThreshold: number = PACKET_THRESHOLD;
  /** Round trips a packet may be overdue. */
  timeThreshold: number = TIME_THRESHOLD;
  #seen = false;
  /** Lost packets that may still arrive, by number. */
  readonly #lost: LostRecord<F>[] = [];
  /** Congestion episodes: one per round trip with losses (RFC 9002 §7.3.2). */
  #episode = 0;
  /** The first episode of the present path. */
  #firstEpisode = 0;
  #episodeStart = -Infinity;
  #episodeLosses = 0;

  /**
   * The packet threshold with few packets in flight (RFC 5827 §3.2): one less
   * than their number, unless this path reorders.
   */
  thresholdFor(inFlight: number): number {
    if (this.#seen || inFlight > PACKET_THRESHOLD) return this.packetThreshold;
    return Math.max(inFlight - 1, 1);
  }

  /**
   * Remembers a lost packet. Packets come in the order of their numbers.
   *
   * @param byTime Whether it was overdue, rather than overtaken.
   * @param tells Whether it tells of the present path: a path MTU probe does
   * not, nor what was sent on another path.
   */
  onLost(
    packet: SentPacket<F>,
    byTime: boolean,
    now: number,
    expires: number,
    tells: boolean,
  ): void {
    if (tells) {
      if (packet.time > this.#episodeStart) {
        this.#episode++;
        this.#episodeStart = now;
        this.#episodeLosses = 0;
      }
      this.#episodeLosses++;
    }
    if (this.#lost.length >= LOST_REMEMBERED) this.#lost.shift();
    const episode = tells ? this.#episode : -1;
    this.#lost.push({ packet, expires, byTime, episode });
  }

  /**
   * Finds lost packets that an ACK frame acknowledges, and adapts to them.
   *
   * @param ranges The frame's ranges, descending, at least one.
   * @param spurious Receives the packets, oldest first.
   * @returns Whether no real loss is left of the latest congestion episode.
   */
  onAck(
    ranges: readonly Readonly<AckRange>[],
    now: number,
    spurious: SentPacket<F>[],
  ): boolean {
    const lost = this.#lost;
    if (lost.length === 0) return false;
    let undo = false;
    let range = ranges.length - 1;
    let kept = 0;
    for (let i = 0; i < lost.length; i++) {
      const record = lost[i];
      const number = record.packet.number;
      while (range >= 0 && ranges[range].end < number) range--;
      if (range >= 0 && ranges[range].start <= number) {
        spurious.push(record.packet);
        if (this.#onSpurious(record, ranges[0].end)) undo = true;
      } else if (now < record.expires) {
        lost[kept++] = record;
      }
    }
    lost.length = kept;
    return undo;
  }

  /**
   * What is lost so far tells nothing of the path from now on, but may still
   * arrive.
   *
   * @param rebound Whether it is the same path under another port: how it
   * reorders is not forgotten.
   */
  onPathChange(rebound: boolean): void {
    this.#firstEpisode = ++this.#episode;
    this.#episodeStart = -Infinity;
    this.#episodeLosses = 0;
    if (rebound) return;
    this.packetThreshold = PACKET_THRESHOLD;
    this.timeThreshold = TIME_THRESHOLD;
    this.#seen = false;
  }

  #onSpurious(record: LostRecord<F>, largest: number): boolean {
    if (record.episode < this.#firstEpisode) return false;
    this.#seen = true;
    if (record.byTime) {
      this.timeThreshold = Math.min(
        this.timeThreshold + TIME_THRESHOLD_STEP,
        TIME_THRESHOLD_MAX,
      );
    } else {
      this.packetThreshold = Math.min(
        Math.max(this.packetThreshold, largest - record.packet.number + 1),
        PACKET_THRESHOLD_MAX,
      );
    }
    return record.episode === this.#episode && --this.#episodeLosses === 0;
  }
}
