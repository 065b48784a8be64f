/**
 * Probing of addresses at which the peer may be met beside the path in use (RFC
 * 9000 §8.2, §9.1): both ends do it at the same time, so that the NAT before
 * each has sent something to the other one and lets its packets in.
 */

import { DIRECT_PROBED_MAX } from "../limits.ts";
import { type RemoteAddress, sameAddress } from "./packet/remote_address.ts";

/** Milliseconds between the first probes of an address … */
const FIRST_MS = 100;
/** … for so many of them … */
const FIRST_PROBES = 5;
/** … and from then on. */
const LATER_MS = 200;
/** Probes of one address that does not answer: two seconds. */
const PROBES_MAX = 12;
/** For so long addresses are taken that the peer probes from. */
const ROUND_MS = 2500;
/** Room for the frame alone: an address that has not answered gets no more. */
const SMALL = 64;

/** A probe to be sent. */
export interface PathProbe {
  readonly to: RemoteAddress;
  /** What the peer is to send back. */
  readonly data: Uint8Array;
  /** Most bytes of the datagram, infinite for a full one. */
  readonly limit: number;
}

/** A path that works. */
export interface ProbedPath {
  readonly address: RemoteAddress;
  /** Its round trip, in milliseconds. */
  readonly rtt: number;
}

interface Candidate {
  readonly address: RemoteAddress;
  /** Unpredictable; a probe has its number in the last byte besides. */
  secret: Uint8Array;
  /** When each probe with this secret was sent. */
  sentAt: number[];
  nextAt: number;
  /** It has answered: somebody with the keys receives there. */
  isProved: boolean;
  /** Its round trip, once it is proved. */
  rtt: number;
}

/** How a {@linkcode PathProbes} works. */
export interface PathProbesOptions {
  readonly randomBytes: (target: Uint8Array) => Uint8Array;
  /**
   * Whether addresses that have answered get a full datagram as well: who is to
   * use the path must know that it carries those (RFC 9000 §8.2.1).
   */
  readonly full: boolean;
  /** Takes one of the probes that may go to addresses that have not answered. */
  readonly mayProbe: (now: number) => boolean;
}

/** The addresses that are probed in one round. */
export class PathProbes {
  readonly #options: PathProbesOptions;
  #candidates: Candidate[] = [];
  #until = -Infinity;

  constructor(options: PathProbesOptions) {
    this.#options = options;
  }

  /**
   * Begins a round, with none of the addresses of before. Those that the peer
   * probes from count from now on: it may be ahead, and stops when it has an
   * answer.
   */
  begin(now: number): void {
    this.#candidates = [];
    this.#until = now + ROUND_MS;
  }

  /** Probes these addresses as well. */
  add(now: number, addresses: readonly RemoteAddress[]): void {
    this.#until = now + ROUND_MS;
    for (const address of addresses) this.#add(now, address);
  }

  /** Whether it is one of the addresses of this round. */
  has(address: RemoteAddress): boolean {
    return this.#find(address) !== undefined;
  }

  /** Probes no more; what has been proved is still known. */
  end(): void {
    this.#until = -Infinity;
  }

  /** Whether a round is going on. */
  isOn(now: number): boolean {
    return now < this.#until;
  }

  /**
   * The peer has probed from there. What it probes from is an address of its
   * own, also one that nobody could tell before: a NAT has made it for this way.
   */
  onProbed(now: number, from: RemoteAddress): void {
    if (!this.isOn(now)) return;
    const known = this.#find(from);
    if (known === undefined) this.#add(now, from);
    else if (!known.isProved && known.nextAt < Infinity) known.nextAt = now;
  }

  /** The round trip of an address at which the peer has answered, in milliseconds. */
  rttOf(address: RemoteAddress): number | undefined {
    const known = this.#find(address);
    return known?.isProved ? known.rtt : undefined;
  }

  /** When {@linkcode next} has something; infinite for never. */
  get deadline(): number {
    let deadline = Infinity;
    for (const { nextAt } of this.#candidates) {
      if (nextAt < deadline) deadline = nextAt;
    }
    return deadline < this.#until ? deadline : Infinity;
  }

  /** The next probe to send, if one is due. */
  next(now: number): PathProbe | undefined {
    if (!this.isOn(now)) return undefined;
    for (const candidate of this.#candidates) {
      if (candidate.nextAt > now) continue;
      const probe = this.#probe(now, candidate);
      if (probe !== undefined) return probe;
    }
    return undefined;
  }

  #probe(now: number, candidate: Candidate): PathProbe | undefined {
    const { address, isProved, secret, sentAt } = candidate;
    const count = sentAt.length;
    if (count === PROBES_MAX) {
      candidate.nextAt = Infinity;
      return undefined;
    }
    candidate.nextAt = now + (count < FIRST_PROBES ? FIRST_MS : LATER_MS);
    // The next one is as good, if this one may not go.
    if (!isProved && !this.#options.mayProbe(now)) return undefined;
    const data = secret.slice();
    data[7] ^= count;
    sentAt.push(now);
    return { to: address, data, limit: isProved ? Infinity : SMALL };
  }

  /**
   * The peer has answered.
   *
   * @returns The path, when it can be used now.
   */
  onResponse(now: number, data: Uint8Array): ProbedPath | undefined {
    const candidate = this.#candidates.find(({ secret, sentAt }) =>
      secret.every((byte, i) => i === 7 || byte === data[i]) &&
      (secret[7] ^ data[7]) < sentAt.length
    );
    if (candidate === undefined) return undefined;
    const { address, secret, sentAt } = candidate;
    const rtt = now - sentAt[secret[7] ^ data[7]];
    if (candidate.isProved || !this.#options.full) {
      candidate.isProved = true;
      candidate.rtt = rtt;
      candidate.nextAt = Infinity;
      return { address, rtt };
    }
    candidate.isProved = true;
    candidate.rtt = rtt;
    candidate.secret = this.#secret();
    candidate.sentAt = [];
    candidate.nextAt = now;
    return undefined;
  }

  #add(now: number, address: RemoteAddress): void {
    if (this.#candidates.length >= DIRECT_PROBED_MAX) return;
    if (this.#find(address) !== undefined) return;
    this.#candidates.push({
      address,
      secret: this.#secret(),
      sentAt: [],
      nextAt: now,
      isProved: false,
      rtt: Infinity,
    });
  }

  #secret(): Uint8Array {
    return this.#options.randomBytes(new Uint8Array(8));
  }

  #find(address: RemoteAddress): Candidate | undefined {
    return this.#candidates.find((known) =>
      sameAddress(known.address, address)
    );
  }
}
