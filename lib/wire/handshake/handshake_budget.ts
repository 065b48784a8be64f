/**
 * Who may have a handshake tried, and how often: so that senders of what costs
 * Diffie-Hellman and leads to nothing have it at their own expense.
 *
 * An address that has shown with a cookie that it is its sender's pays for each
 * try and gets the price back when the connection opens. The more it owes, the
 * sooner it is turned away: who owes much waits, who owes something has a quarter
 * of what the node can do in a second, who owes little three quarters, and the
 * last quarter is for addresses that have attached before. Those that open many
 * connections come later, too, as each costs the node a session; and a key has a
 * bound, whatever addresses it comes from. So an attacker has the
 * share of as many addresses as it has, and a node's users get in whatever it
 * does.
 */

import {
  COOKIES_AGAIN_MAX,
  COOKIES_MAX,
  COOKIES_PER_SOURCE,
  HANDSHAKE_DEBT_FORGIVEN,
  HANDSHAKE_DEBT_GOOD,
  HANDSHAKE_DEBT_MAX,
  HANDSHAKE_SOURCES_MAX,
  HANDSHAKES_USED_FORGIVEN,
  HANDSHAKES_USED_GOOD,
  KEY_HANDSHAKES_MAX,
  KEY_HANDSHAKES_PER_SECOND,
} from "../../limits.ts";
import { addressGroups } from "./address_groups.ts";
import { ForgedInitials } from "./forged_initials.ts";

/**
 * Share of a second's handshakes from which on a source must prove its address
 * first: each costs Diffie-Hellman, also one that fails.
 */
const UNPROVED_SHARE = 0.2;
/**
 * Shares up to which addresses are served that owe something or have had many
 * tries, that have had some, and others.
 */
const OWING_SHARE = 0.25;
const USING_SHARE = 0.5;
const NEW_SHARE = 0.75;
/** How many times what a host may owe a network may. */
const NETWORK_FACTOR = 4;
/**
 * What reading the first part of an Initial costs of a handshake, what the proof
 * of the key does, and what a session costs on top of it when it opens.
 */
const FIRST_PART = 0.25;
const PROOF = 0.25;
const OPENING = 2;
interface Debt {
  tries: number;
  at: number;
}

/** What is owed by names, less what they have been forgiven meanwhile. */
class Debts {
  /** What was not used for longest comes first. */
  readonly #debts = new Map<string, Debt>();

  /** @param perSecond Tries that are forgiven in a second. */
  constructor(private readonly perSecond: number) {}

  /** What a name owes by now; it is the latest one used. */
  of(now: number, name: string): Debt {
    const debt = this.#debts.get(name) ?? { tries: 0, at: now };
    debt.tries = this.#owed(debt, now);
    debt.at = now;
    this.#debts.delete(name);
    this.#dropPaid(now);
    this.#debts.set(name, debt);
    if (this.#debts.size > HANDSHAKE_SOURCES_MAX) dropFirst(this.#debts);
    return debt;
  }

  #owed({ tries, at }: Debt, now: number): number {
    return Math.max(0, tries - (now - at) / 1000 * this.perSecond);
  }

  /** Who owes nothing is as good as unknown. */
  #dropPaid(now: number): void {
    for (const [name, debt] of this.#debts) {
      if (this.#owed(debt, now) > 0) return;
      this.#debts.delete(name);
    }
  }

  /** Adds one, and tells whether it is no more than `max`. */
  take(now: number, name: string, max: number): boolean {
    const debt = this.of(now, name);
    if (debt.tries > max - 1) return false;
    debt.tries++;
    return true;
  }

  /** Takes one back, if there is any. */
  forgive(name: string): void {
    const debt = this.#debts.get(name);
    if (debt !== undefined) debt.tries = Math.max(0, debt.tries - 1);
  }
}

/** What handshakes may cost. Times are milliseconds. */
export class HandshakeBudget {
  readonly #perSecond: number;
  #since = -Infinity;
  /** Handshakes of this second, those that failed early by their part. */
  #spent = 0;
  readonly #forged = new ForgedInitials();
  /** Cookies of this second for addresses that had one in it. */
  #cookiesAgain = 0;
  /** Cookies of this second, by address. */
  readonly #cookiesTo = new Map<string, number>();
  /** Tries that came to nothing, by address or network. */
  readonly #tries = new Debts(HANDSHAKE_DEBT_FORGIVEN);
  /** All tries, by address or network. */
  readonly #used = new Debts(HANDSHAKES_USED_FORGIVEN);
  /** Connections that opened, by key. */
  readonly #opened = new Debts(KEY_HANDSHAKES_PER_SECOND);
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
    this.#spent = this.#cookiesAgain = 0;
    this.#forged.beginSecond();
    this.#cookiesTo.clear();
  }

  /** Whether an Initial from there is to be looked at at all. */
  mayLook(hostname: string): boolean {
    return this.#forged.mayLook(hostname) || this.#known.has(hostname);
  }

  /** `mac1` of an Initial was that of no key: see {@linkcode ForgedInitials.add}. */
  onForged(hostname: string, covered: number, keys: number): void {
    this.#forged.add(hostname, covered, keys);
  }

  /** Whether sources must prove their addresses. */
  get isBusy(): boolean {
    return this.#spent >= UNPROVED_SHARE * this.#perSecond;
  }

  /** Whether a source may be told its cookie; it counts as told. */
  mayTellCookie(hostname: string): boolean {
    const told = this.#cookiesTo.get(hostname) ?? 0;
    if (told === 0) {
      if (this.#cookiesTo.size >= COOKIES_MAX) return false;
    } else {
      if (told >= COOKIES_PER_SOURCE) return false;
      if (this.#cookiesAgain >= COOKIES_AGAIN_MAX) return false;
      this.#cookiesAgain++;
    }
    this.#cookiesTo.set(hostname, told + 1);
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
    const groups = addressGroups(proved);
    const debts = groups.map((group) => this.#tries.of(now, group));
    const owed = Math.max(...debts.map(({ tries }, i) => tries / factorOf(i)));
    if (owed > HANDSHAKE_DEBT_MAX - 1) return false;
    const used = Math.max(
      ...groups.map((group, i) =>
        this.#used.of(now, group).tries / factorOf(i)
      ),
    );
    const share = this.#shareOf(owed, used, proved);
    if (this.#spent >= share * this.#perSecond) return false;
    for (const debt of debts) debt.tries++;
    for (const [i, group] of groups.entries()) {
      this.#used.take(now, group, HANDSHAKE_DEBT_MAX * factorOf(i));
    }
    return true;
  }

  /** The first part of an Initial was read: the price of a forgery. */
  onFirstPart(): void {
    this.#spent += FIRST_PART;
  }

  /** A key was proved, as far as the Initial is no replay. */
  onProof(): void {
    this.#spent += PROOF;
  }

  /** Whether a key may finish another handshake while others wait. */
  mayFinish(now: number, key: string): boolean {
    return this.#opened.of(now, key).tries <= KEY_HANDSHAKES_MAX - 1;
  }

  /** The rest was done, too. */
  onRest(): void {
    this.#spent += 1 - FIRST_PART - PROOF;
  }

  /** A connection has opened: its address is what it claims to be, and owes less. */
  onOpened(now: number, hostname: string, key: string): void {
    this.#spent += OPENING;
    this.#opened.take(now, key, KEY_HANDSHAKES_MAX);
    for (const group of addressGroups(hostname)) this.#tries.forgive(group);
    this.#known.delete(hostname);
    this.#known.add(hostname);
    if (this.#known.size > HANDSHAKE_SOURCES_MAX) dropFirst(this.#known);
  }

  #shareOf(owed: number, used: number, hostname: string): number {
    if (owed >= HANDSHAKE_DEBT_GOOD) return OWING_SHARE;
    if (used > HANDSHAKE_DEBT_MAX - 1) return OWING_SHARE;
    if (used >= HANDSHAKES_USED_GOOD) return USING_SHARE;
    return this.#known.has(hostname) ? 1 : NEW_SHARE;
  }
}

/** How many times what a host may owe its networks may, the smallest first. */
function factorOf(index: number): number {
  return index === 0 ? 1 : NETWORK_FACTOR;
}

function dropFirst(
  entries: { keys(): Iterator<string>; delete(key: string): boolean },
): void {
  const { value, done } = entries.keys().next();
  if (done !== true) entries.delete(value);
}
