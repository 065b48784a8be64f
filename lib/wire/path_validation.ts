/**
 * Following a peer to a new address only after it has shown that it receives
 * there (RFC 9000 §8.2, §9).
 */

import { equals } from "@std/bytes/equals";
import {
  AMPLIFICATION_FACTOR,
  DIRECT_ANSWERS_MAX,
  PATH_EVENTS_MAX,
} from "../limits.ts";
import type { DirectPath } from "./direct_path.ts";
import { isProbing } from "./packet/frame.ts";
import type { ReceivedPacket } from "./packet/packet_reader.ts";
import { PerSecond } from "./per_second.ts";
import type { PathChange } from "./recovery/recovery_options.ts";
import { type RemoteAddress, sameAddress } from "./packet/remote_address.ts";

/** Challenges sent to one candidate before it is given up. */
const ATTEMPTS = 3;
/**
 * Responses that may wait to be sent: a flood of challenges costs no more than
 * this.
 */
const RESPONSES_MAX = 4;

/** A challenge or response to be sent to a certain address. */
export interface PathMessage {
  to: RemoteAddress;
  data: Uint8Array;
  /** Whether it answers a challenge of the peer. */
  response: boolean;
  /** Most bytes the datagram may have. */
  limit: number;
  /** Whether it goes another way than all else, so that its fate tells nothing. */
  apart: boolean;
}

interface Candidate {
  address: RemoteAddress;
  data: Uint8Array;
  attempts: number;
  nextAttempt: number;
  /** When the first challenge was sent. */
  challengedAt: number;
  received: number;
  sent: number;
}

/** The address in use, a candidate under validation, and responses owed to the peer. */
export class PathValidation {
  #candidate: Candidate | undefined;
  #responses: { to: RemoteAddress; data: Uint8Array; size: number }[] = [];
  readonly #mayAnswer = new PerSecond(PATH_EVENTS_MAX);
  readonly #mayAnswerProbe = new PerSecond(DIRECT_ANSWERS_MAX);
  readonly #mayLook = new PerSecond(PATH_EVENTS_MAX);

  constructor(
    /** The validated address. */
    public current: RemoteAddress,
    private readonly randomBytes: (target: Uint8Array) => Uint8Array,
    /** The way past a relay, where there may be one. */
    private readonly direct?: DirectPath,
    /** Round trip of the path in use, in milliseconds. */
    private readonly rtt: () => number = () => 0,
  ) {}

  /** Whether packets may be on two paths at a time. */
  get mayBeTwo(): boolean {
    return this.direct !== undefined;
  }

  /** When the next challenge is due. */
  get deadline(): number {
    const validation = this.#candidate?.nextAttempt ?? Infinity;
    return this.direct === undefined
      ? validation
      : Math.min(validation, this.direct.deadline);
  }

  /**
   * An authentic packet came. Only the newest shows where the peer is now (RFC
   * 9000 §9.3). A peer that is elsewhere with each packet is looked for so often
   * and no more, as each look is a packet to an address that proved nothing. A
   * packet that only probes shows nothing (§9.1).
   *
   * @returns How the address in use has changed, if it has.
   */
  onPacket(
    { now, from, size, newest, payload }: ReceivedPacket,
  ): PathChange | undefined {
    if (sameAddress(from, this.current)) {
      if (newest) this.#candidate = undefined;
      return undefined;
    }
    const moves = newest && !isProbing(payload);
    const judged = moves ? this.direct?.judge(from, this.current) : undefined;
    if (judged === "stay") return undefined;
    if (judged !== undefined) return this.#moveTo(now, from, judged);
    const candidate = this.#candidate;
    if (candidate !== undefined && sameAddress(candidate.address, from)) {
      candidate.received += size;
    } else if (moves && this.#mayLook.take(now)) {
      this.#candidate = {
        address: from,
        data: this.randomBytes(new Uint8Array(8)),
        attempts: 0,
        nextAttempt: now,
        challengedAt: now,
        received: size,
        sent: 0,
      };
    }
    return undefined;
  }

  #moveTo(now: number, to: RemoteAddress, change: PathChange): PathChange {
    this.direct?.onMoved(now, this.current, to, this.rtt());
    this.current = to;
    this.#candidate = undefined;
    return change;
  }

  /**
   * The peer challenges us: the response goes to where the challenge came
   * from. One is owed to an address at a time, whatever a packet is stuffed
   * with, so that no address gets more than it has sent justifies; and some in a
   * second, as each is a full packet for a small one, whatever the congestion
   * window says.
   */
  onChallenge(data: Uint8Array, { from, size, now }: ReceivedPacket): void {
    const { direct } = this;
    const mayAnswer = direct?.isProbing(now)
      ? this.#mayAnswerProbe
      : this.#mayAnswer;
    direct?.onProbed(now, from);
    const owed = this.#responses.find(({ to }) => sameAddress(to, from));
    if (owed !== undefined) {
      owed.data = data.slice();
      owed.size = size;
    } else if (
      this.#responses.length < RESPONSES_MAX && mayAnswer.take(now)
    ) {
      this.#responses.push({ to: from, data: data.slice(), size });
    }
  }

  /**
   * The peer answers a challenge.
   *
   * @returns How the address in use has changed, if it has.
   */
  onResponse(now: number, data: Uint8Array): PathChange | undefined {
    const candidate = this.#candidate;
    if (
      candidate === undefined || candidate.attempts === 0 ||
      !equals(candidate.data, data)
    ) {
      const path = this.direct?.onResponse(now, data, this.current);
      return path && this.#moveTo(now, path.address, path);
    }
    const rebound = candidate.address.hostname === this.current.hostname;
    const rtt = now - candidate.challengedAt;
    return this.#moveTo(now, candidate.address, { rebound, rtt });
  }

  /**
   * Goes back to the relay when nothing comes back on a direct path.
   *
   * @param ptoCount Probe time-outs in a row.
   * @param ptoMs Milliseconds since the first of them.
   * @returns How the address in use has changed, if it has.
   */
  onPto(
    now: number,
    ptoCount: number,
    ptoMs: number,
  ): PathChange | undefined {
    const back = this.direct?.wayBack(ptoCount, ptoMs, this.current);
    return back && this.#moveTo(now, back.address, back);
  }

  /**
   * Where a packet of `size` bytes goes: the peer is most likely where it was
   * heard last, but an address that has not shown that it receives gets no more
   * than its part (RFC 9000 §9.3).
   */
  destination(size: number): RemoteAddress {
    const candidate = this.#candidate;
    return candidate !== undefined && this.#unspent(candidate) >= size
      ? candidate.address
      : this.current;
  }

  /** Whether {@linkcode next} has something. */
  pending(now: number): boolean {
    return this.#responses.length > 0 || now >= this.deadline;
  }

  /**
   * The next challenge or response to send.
   *
   * @param retryAfter Milliseconds until a challenge is repeated.
   */
  next(now: number, retryAfter: number): PathMessage | undefined {
    const response = this.#responses.shift();
    if (response !== undefined) {
      const { to, data, size } = response;
      const limit = this.#responseLimit(to, size);
      const apart = !sameAddress(to, this.current) && !this.#isCandidate(to);
      return { to, data, response: true, limit, apart };
    }
    const candidate = this.#candidate;
    if (candidate === undefined || now < candidate.nextAttempt) {
      const probe = this.direct?.next(now);
      return probe && { ...probe, response: false, apart: true };
    }
    if (candidate.attempts === ATTEMPTS) {
      this.#candidate = undefined;
      return undefined;
    }
    if (candidate.attempts === 0) candidate.challengedAt = now;
    candidate.nextAttempt = now + retryAfter * 2 ** candidate.attempts;
    candidate.attempts++;
    return {
      to: candidate.address,
      data: candidate.data,
      response: false,
      limit: this.#unspent(candidate),
      apart: false,
    };
  }

  #isCandidate(address: RemoteAddress): boolean {
    return this.#candidate !== undefined &&
      sameAddress(this.#candidate.address, address);
  }

  /** Most bytes of a response to `to`, where a challenge of `size` bytes came from. */
  #responseLimit(to: RemoteAddress, size: number): number {
    if (sameAddress(to, this.current)) return Infinity;
    const limit = AMPLIFICATION_FACTOR * size;
    return this.#isCandidate(to)
      ? Math.min(limit, this.#unspent(this.#candidate!))
      : limit;
  }

  #unspent(candidate: Candidate): number {
    return AMPLIFICATION_FACTOR * candidate.received - candidate.sent;
  }

  /** Counts bytes sent to an address that is not validated. */
  onSent(to: RemoteAddress, size: number): void {
    const candidate = this.#candidate;
    if (candidate !== undefined && sameAddress(candidate.address, to)) {
      candidate.sent += size;
    }
  }
}
