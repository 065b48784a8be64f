/**
 * When BBR looks for the minimum RTT with little in flight, and what it finds
 * (draft-ietf-ccwg-bbr §5.3.4).
 */

import type { AckEvent } from "./congestion_controller.ts";
import { MinRttFilter } from "./min_rtt_filter.ts";
import { RttJump } from "./rtt_jump.ts";

/** Least time in ProbeRTT, in milliseconds (ProbeRTTDuration). */
const DURATION_MS = 200;
/**
 * Time after ProbeRTT in which longer round trips are no reason for another one,
 * in milliseconds: what follows a probe is our own.
 */
const JUMP_PAUSE_MS = 5000;

/** Keeps the minimum RTT of one path. */
export class ProbeRtt {
  readonly minRtt = new MinRttFilter();
  readonly #jump = new RttJump();
  #until = Infinity;
  #roundOver = false;
  /** Smallest round trip with little in flight. */
  #probed = Infinity;
  /** Whether the minimum from before the probe may be of another path. */
  #pathChanged = false;
  #endedAt = -Infinity;

  /** Takes a round trip; returns whether it is time to probe. */
  onAck({ now, latestRtt }: AckEvent, roundStart: boolean): boolean {
    const expired = this.minRtt.update(now, latestRtt);
    this.#jump.onRtt(latestRtt, roundStart);
    if (!this.#jump.seen) return expired;
    this.#jump.reset();
    if (now <= this.#endedAt + JUMP_PAUSE_MS) return expired;
    // A longer path, or a slower one with a queue of ours: the probe tells.
    this.#pathChanged = true;
    return true;
  }

  /** A probe begins. */
  begin(): void {
    this.#until = Infinity;
  }

  /**
   * Follows the probe.
   *
   * @param window Bytes in flight that are little enough.
   * @returns `low` when they are reached and a round is to begin, `over` after
   * a round and some time with so little.
   */
  update(
    { now, bytesInFlight, latestRtt }: AckEvent,
    window: number,
    roundStart: boolean,
  ): "waiting" | "low" | "over" {
    if (this.#until === Infinity) {
      if (bytesInFlight > window) return "waiting";
      this.#until = now + DURATION_MS;
      this.#roundOver = false;
      this.#probed = latestRtt;
      return "low";
    }
    this.#probed = Math.min(this.#probed, latestRtt);
    if (roundStart) this.#roundOver = true;
    if (!this.#roundOver || now <= this.#until) return "waiting";
    if (this.#pathChanged) this.minRtt.restart(now, this.#probed);
    else this.minRtt.confirm(now);
    this.#pathChanged = false;
    this.#endedAt = now;
    return "over";
  }
}
