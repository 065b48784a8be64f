/** What a link does to each datagram, as its seed decides; no clock, no socket. */

import { Link, type LinkOptions } from "../../lib/wire/testing/link.ts";
import { seededRandom } from "../../lib/wire/testing/random.ts";

/** Spreads the numbers of datagrams over seeds: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/** A datagram that arrives, and when, in milliseconds. */
export interface ArrivedDatagram {
  readonly at: number;
  /** A copy where it was damaged. */
  readonly bytes: Uint8Array;
}

/** One direction of a link between real sockets. */
export class SeededLink {
  /** How it behaves, and what became of the datagrams. */
  readonly link: Link;
  readonly #seed: number;
  #random: () => number = () => 0;
  #count = 0;

  constructor(options: Partial<LinkOptions>, seed: number) {
    this.#seed = seed;
    this.link = new Link(options, () => this.#random());
  }

  /**
   * Takes a datagram. Its number decides its fate, not what became of others:
   * the same seed repeats it, whatever real clocks and queues did.
   *
   * @returns When it arrives, and as what: never, once or twice.
   */
  transmit(now: number, bytes: Uint8Array): ArrivedDatagram[] {
    this.#random = seededRandom(this.#seed ^ Math.imul(this.#count++, SPREAD));
    return this.link.transmit(now, bytes.length).map(({ at, corrupt }) => {
      if (!corrupt) return { at, bytes };
      const damaged = bytes.slice();
      const where = Math.floor(this.#random() * damaged.length);
      damaged[where] ^= 1 + Math.floor(this.#random() * 255);
      return { at, bytes: damaged };
    });
  }
}
