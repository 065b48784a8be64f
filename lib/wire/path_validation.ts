/**
 * Following a peer to a new address only after it has shown that it receives
 * there (RFC 9000 §8.2, §9).
 */

import { equals } from "@std/bytes/equals";
import { AMPLIFICATION_FACTOR, PATH_EVENTS_MAX } from "../limits.ts";
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
  readonly #mayLook = new PerSecond(PATH_EVENTS_MAX);

  constructor(
    /** The validated address. */
    public current: RemoteAddress,
    private readonly randomBytes: (target: Uint8Array) => Uint8Array,
  ) {}

  /** When the next challenge is due. */
  get deadline(): number {
    return this.#candidate?.nextAttempt ?? Infinity;
  }

  /**
   * An authentic packet came. Only the newest shows where the peer is now (RFC
   * 9000 §9.3). A peer that is elsewhere with each packet is looked for so often
   * and no more, as each look is a packet to an address that proved nothing.
   */
  onPacket({ now, from, size, newest }: ReceivedPacket): void {
    if (sameAddress(from, this.current)) {
      if (newest) this.#candidate = undefined;
      return;
    }
    const candidate = this.#candidate;
    if (candidate !== undefined && sameAddress(candidate.address, from)) {
      candidate.received += size;
    } else if (newest && this.#mayLook.take(now)) {
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
  }

  /**
   * The peer challenges us: the response goes to where the challenge came
   * from. One is owed to an address at a time, whatever a packet is stuffed
   * with, so that no address gets more than it has sent justifies; and some in a
   * second, as each is a full packet for a small one, whatever the congestion
   * window says.
   */
  onChallenge(data: Uint8Array, { from, size, now }: ReceivedPacket): void {
    const owed = this.#responses.find(({ to }) => sameAddress(to, from));
    if (owed !== undefined) {
      owed.data = data.slice();
      owed.size = size;
    } else if (
      this.#responses.length < RESPONSES_MAX && this.#mayAnswer.take(now)
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
    if (candidate === undefined || candidate.attempts === 0) return undefined;
    if (!equals(candidate.data, data)) return undefined;
    const rebound = candidate.address.hostname === this.current.hostname;
    this.current = candidate.address;
    this.#candidate = undefined;
    return { rebound, rtt: now - candidate.challengedAt };
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
      return { to, data, response: true, limit: this.#responseLimit(to, size) };
    }
    const candidate = this.#candidate;
    if (candidate === undefined || now < candidate.nextAttempt) {
      return undefined;
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
    };
  }

  /** Most bytes of a response to `to`, where a challenge of `size` bytes came from. */
  #responseLimit(to: RemoteAddress, size: number): number {
    if (sameAddress(to, this.current)) return Infinity;
    const candidate = this.#candidate;
    const limit = AMPLIFICATION_FACTOR * size;
    return candidate !== undefined && sameAddress(candidate.address, to)
      ? Math.min(limit, this.#unspent(candidate))
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
