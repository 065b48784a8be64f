/**
 * Who may have a handshake tried, and how often: so that senders of what costs
 * Diffie-Hellman and leads to nothing have it at their own expense.
 *
 * An address that has shown with a cookie that it is its sender's pays for each
 * try and gets the price back when the connection opens. The more it owes, the
 * sooner it is turned away: who owes much waits, who owes something has a quarter
 * of what the node can do in a second, who owes little three quarters, and the
 * last quarter is for addresses that have attached before. So an attacker has the
 * share of as many addresses as it has, and a node's users get in whatever it
 * does.
 */

import {
  COOKIES_MAX,
  COOKIES_PER_SOURCE,
  FORGED_INITIALS_MAX,
  HANDSHAKE_DEBT_FORGIVEN,
  HANDSHAKE_DEBT_GOOD,
  HANDSHAKE_DEBT_MAX,
  HANDSHAKE_SOURCES_MAX,
} from "../../limits.ts";
import { addressGroups } from "./address_groups.ts";

/**
 * Share of a second's handshakes from which on a source must prove its address
 * first: each costs Diffie-Hellman, also one that fails.
 */
const UNPROVED_SHARE = 0.2;
/** Shares up to which addresses are served that owe something, little, nothing. */
const OWING_SHARE = 0.25;
const NEW_SHARE = 0.75;
/** How many times what a host may owe a network may. */
const NETWORK_FACTOR = 4;
/** What reading the first part of an Initial costs of a handshake. */
const FIRST_PART = 0.25;
/** One in so many Initials is looked at when there are too many forged ones. */
const SAMPLE = 4;

interface Debt {
  tries: number;
  at: number;
}

/** What handshakes may cost. Times are milliseconds. */
export class HandshakeBudget {
  readonly #perSecond: number;
  #since = -Infinity;
  /** Handshakes of this second, those that failed early by their part. */
  #spent = 0;
  #forged = 0;
  #cookies = 0;
  /** Cookies of this second, by address. */
  readonly #cookiesTo = new Map<string, number>();
  /** By address, or network; what was not used for longest comes first. */
  readonly #debts = new Map<string, Debt>();
  /** Addresses that have attached, the latest last. */
  readonly #known = new Set<string>();

  /** @param perSecond Handshakes in a second at the very most. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Begins another second when it is time. */
  update(now: number): void {
    if (now - this.#since < 1000) return;
    this.#since = now;
    this.#spent = this.#forged = this.#cookies = 0;
    this.#cookiesTo.clear();
  }

  /** Whether an Initial from there is to be looked at at all. */
  mayLook(hostname: string): boolean {
    if (this.#forged < FORGED_INITIALS_MAX) return true;
    return this.#forged++ % SAMPLE === 0 || this.#known.has(hostname);
  }

  /** `mac1` of an Initial was wrong. */
  onForged(): void {
    this.#forged++;
  }

  /** Whether sources must prove their addresses. */
  get isBusy(): boolean {
    return this.#spent >= UNPROVED_SHARE * this.#perSecond;
  }

  /** Whether a source may be told its cookie; it counts as told. */
  mayTellCookie(hostname: string): boolean {
    if (this.#cookies >= COOKIES_MAX) return false;
    const told = this.#cookiesTo.get(hostname) ?? 0;
    if (told >= COOKIES_PER_SOURCE) return false;
    if (told > 0 || this.#cookiesTo.size < HANDSHAKE_SOURCES_MAX) {
      this.#cookiesTo.set(hostname, told + 1);
    }
    this.#cookies++;
    return true;
  }

  /**
   * Whether a handshake may be tried.
   *
   * @param proved The address, when the source has proved it. It owes for the
   * try from now on.
   */
  mayTry(now: number, proved: string | undefined): boolean {
    if (proved === undefined) return this.#spent < this.#perSecond;
    const debts = addressGroups(proved).map((group) =>
      this.#debtOf(now, group)
    );
    const owed = Math.max(
      ...debts.map(({ tries }, i) => i === 0 ? tries : tries / NETWORK_FACTOR),
    );
    if (owed > HANDSHAKE_DEBT_MAX - 1) return false;
    if (this.#spent >= this.#shareOf(owed, proved) * this.#perSecond) {
      return false;
    }
    for (const debt of debts) debt.tries++;
    return true;
  }

  /** The first part of an Initial was read: the price of a forgery. */
  onFirstPart(): void {
    this.#spent += FIRST_PART;
  }

  /** The rest was done, too. */
  onRest(): void {
    this.#spent += 1 - FIRST_PART;
  }

  /** A connection has opened: its address is what it claims to be, and owes less. */
  onOpened(hostname: string): void {
    for (const group of addressGroups(hostname)) {
      const debt = this.#debts.get(group);
      if (debt !== undefined) debt.tries = Math.max(0, debt.tries - 1);
    }
    this.#known.delete(hostname);
    this.#known.add(hostname);
    if (this.#known.size > HANDSHAKE_SOURCES_MAX) dropFirst(this.#known);
  }

  #shareOf(owed: number, hostname: string): number {
    if (owed >= HANDSHAKE_DEBT_GOOD) return OWING_SHARE;
    return this.#known.has(hostname) ? 1 : NEW_SHARE;
  }

  /** What a group owes by now, moved behind all that were used earlier. */
  #debtOf(now: number, group: string): Debt {
    const debt = this.#debts.get(group) ?? { tries: 0, at: now };
    const forgiven = (now - debt.at) / 1000 * HANDSHAKE_DEBT_FORGIVEN;
    debt.tries = Math.max(0, debt.tries - forgiven);
    debt.at = now;
    this.#debts.delete(group);
    this.#debts.set(group, debt);
    if (this.#debts.size > HANDSHAKE_SOURCES_MAX) dropFirst(this.#debts);
    return debt;
  }
}

function dropFirst(
  entries: { keys(): Iterator<string>; delete(key: string): boolean },
): void {
  const { value, done } = entries.keys().next();
  if (done !== true) entries.delete(value);
}
