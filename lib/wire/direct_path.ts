/**
 * Moving a connection that began by way of a relay to a direct path, and back
 * when that fails.
 *
 * In rounds, which the initiator begins, both ends tell each other their
 * addresses over the path in use, and probe all of them at about the same time.
 * The initiator decides: it goes to the first address that answers a full
 * datagram, and the responder follows its packets there, at once where its own
 * probes have been answered, too. An end that decided alone would meet the
 * other one on its way back.
 */

import {
  DIRECT_ADDRESSES_MAX,
  DIRECT_ROUND_MIN_MS,
  DIRECT_ROUND_RETRY_MAX_MS,
  DIRECT_ROUND_RETRY_MS,
} from "../limits.ts";
import type { AddressesFrame, HostAddress } from "./packet/address_frame.ts";
import { type RemoteAddress, sameAddress } from "./packet/remote_address.ts";
import { type PathProbe, PathProbes } from "./path_probes.ts";
import type { PathChange } from "./recovery/recovery_options.ts";

/**
 * Probe time-outs in a row after which a direct path counts as gone: three
 * times what an answer may take. A session that is silent for longer is made
 * anew (`KEEP_SILENT_MS`), which takes more than to go back.
 */
const DEAD_PTOS = 2;
/** … and milliseconds since the first of them: a busy machine pauses that long. */
const DEAD_MS = 250;
/** A direct path that lasted for so many milliseconds is tried for again soon. */
const LASTING_MS = 60_000;

/** How much slower one of two paths may be than the other one, in milliseconds. */
export const OVERLAP_MS = 1000;

/** What a connection may do about a direct path. */
export interface DirectOptions {
  /**
   * Where this end may be reached, asked in each round; the first
   * `DIRECT_ADDRESSES_MAX` count.
   */
  readonly addresses: () => readonly HostAddress[];
  /**
   * Where packets go for an address that the peer has named; `undefined` for
   * one that is not to be probed.
   */
  readonly admit: (address: HostAddress) => RemoteAddress | undefined;
  /**
   * Takes one of the probes that may go to addresses that have not answered:
   * the peer may name anybody's.
   */
  readonly mayProbe: (now: number) => boolean;
}

/** What {@linkcode DirectPath} is made of. */
export interface DirectPathOptions extends DirectOptions {
  /** Whether this end decides: the initiator. */
  readonly leads: boolean;
  /** The relayed address. */
  readonly relayed: RemoteAddress;
  readonly randomBytes: (target: Uint8Array) => Uint8Array;
}

/** The way past the relay of one connection. */
export class DirectPath {
  readonly #options: DirectPathOptions;
  readonly #probes: PathProbes;
  #round = 0;
  /** When the next round begins, or the peer may begin one. */
  #roundAt = Infinity;
  /** Rounds without a path that lasted. */
  #failures = 0;
  #movedAt = -Infinity;
  /** Round trip of the relayed path when it was left, in milliseconds. */
  #relayedRtt = 1000;
  #told: AddressesFrame | undefined;

  /** What is to be told to the peer now. */
  owed: AddressesFrame | undefined;

  constructor(options: DirectPathOptions) {
    this.#options = options;
    const { leads: full, randomBytes, mayProbe } = options;
    this.#probes = new PathProbes({ full, randomBytes, mayProbe });
  }

  /** The connection is open, and its peer takes addresses. */
  start(now: number): void {
    this.#roundAt = this.#options.leads ? now : -Infinity;
  }

  /** When {@linkcode onTimeout} is due, or a probe; infinite when never. */
  get deadline(): number {
    return Math.min(
      this.#options.leads ? this.#roundAt : Infinity,
      this.#probes.deadline,
    );
  }

  /** Begins a round when one is due. */
  onTimeout(now: number): void {
    if (!this.#options.leads || now < this.#roundAt) return;
    this.#tell(now, this.#round + 1);
    this.#roundAt = now + this.#pauseMs();
    this.#failures++;
  }

  /** The peer tells its addresses: both ends probe now. */
  onAddresses(now: number, { round, addresses }: AddressesFrame): void {
    const { admit, leads } = this.#options;
    if (leads) {
      // Its answer, the first one; there is no other reason to tell them.
      if (round !== this.#round || this.#told === undefined) return;
      this.#told = this.owed = undefined;
    } else {
      if (round <= this.#round || now < this.#roundAt) return;
      this.#roundAt = now + DIRECT_ROUND_MIN_MS;
      this.#tell(now, round);
    }
    this.#probes.add(
      now,
      addresses.map(admit).filter((address) => address !== undefined),
    );
  }

  #tell(now: number, round: number): void {
    this.#round = round;
    this.#probes.begin(now);
    const addresses = this.#options.addresses().slice(0, DIRECT_ADDRESSES_MAX);
    this.owed = this.#told = { round, addresses };
  }

  /** The packet that told the addresses of a round is lost. */
  onLost(round: number): void {
    if (this.#told?.round === round) this.owed = this.#told;
  }

  /** Whether a round is going on. */
  isProbing(now: number): boolean {
    return this.#probes.isOn(now);
  }

  /** The next probe to send, if one is due. */
  next(now: number): PathProbe | undefined {
    return this.#probes.next(now);
  }

  /** A probe of the peer came from there. */
  onProbed(now: number, from: RemoteAddress): void {
    if (!this.#isRelayed(from)) this.#probes.onProbed(now, from);
  }

  /**
   * A probe is answered.
   *
   * @returns Where to go now.
   */
  onResponse(
    now: number,
    data: Uint8Array,
    current: RemoteAddress,
  ): (PathChange & { address: RemoteAddress }) | undefined {
    const path = this.#probes.onResponse(now, data);
    if (path === undefined || !this.#options.leads) return undefined;
    if (!this.#isRelayed(current)) return undefined;
    this.#probes.end();
    return { ...path, rebound: false, overlaps: true };
  }

  /**
   * What it means that the newest packet of the peer comes from another address
   * than the one in use: `"stay"` where it is not followed, the change where
   * the address has proved itself before, and else nothing: it is to prove
   * itself.
   */
  judge(
    from: RemoteAddress,
    current: RemoteAddress,
  ): PathChange | "stay" | undefined {
    const isRelayed = this.#isRelayed(current);
    if (this.#options.leads) {
      // What was sent before the peer noticed that this end has moved.
      const isKnown = this.#isRelayed(from) || this.#probes.has(from);
      return isRelayed || isKnown ? "stay" : undefined;
    }
    if (this.#isRelayed(from)) {
      return { rebound: false, rtt: this.#relayedRtt };
    }
    const rtt = this.#probes.rttOf(from);
    return rtt === undefined
      ? undefined
      : { rebound: false, rtt, overlaps: isRelayed };
  }

  /**
   * The connection goes to another address.
   *
   * @param rtt Round trip of the path so far, in milliseconds.
   */
  onMoved(
    now: number,
    from: RemoteAddress,
    to: RemoteAddress,
    rtt: number,
  ): void {
    if (this.#isRelayed(from)) {
      this.#relayedRtt = rtt;
      this.#movedAt = now;
    }
    if (!this.#options.leads) return;
    if (!this.#isRelayed(to)) {
      this.#roundAt = Infinity;
      return;
    }
    if (now - this.#movedAt > LASTING_MS) this.#failures = 0;
    this.#roundAt = now + this.#pauseMs();
  }

  /**
   * How to go back to the relay, when nothing comes back on a direct path.
   *
   * @param ptoCount Probe time-outs in a row.
   * @param ptoMs Milliseconds since the first of them.
   */
  wayBack(
    ptoCount: number,
    ptoMs: number,
    current: RemoteAddress,
  ): (PathChange & { address: RemoteAddress }) | undefined {
    const { leads, relayed: address } = this.#options;
    const isDead = ptoCount >= DEAD_PTOS && ptoMs >= DEAD_MS;
    if (!leads || !isDead || this.#isRelayed(current)) {
      return undefined;
    }
    return { address, rebound: false, rtt: this.#relayedRtt };
  }

  #isRelayed(address: RemoteAddress): boolean {
    return sameAddress(address, this.#options.relayed);
  }

  #pauseMs(): number {
    return Math.min(
      DIRECT_ROUND_RETRY_MS * 2 ** this.#failures,
      DIRECT_ROUND_RETRY_MAX_MS,
    );
  }
}
