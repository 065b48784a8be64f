import { ATTACH_BUDGET_MS } from "../../lib/limits.ts";
import type { Attack } from "./attack.ts";
import {
  type HandshakeFlood,
  type HandshakeFloodResult,
  HandshakeSimulation,
  PER_SECOND,
} from "./support/handshake_simulation.ts";

/** Bits in the Initials of a flood, and how many in a second. */
const INITIAL_BITS = 8 * 1200;
const MEGABITS = [1.4, 8.6, 50];
/** Products of a whole handshake, and how many of those a session costs. */
const PRODUCTS = 5;
const SESSION = 2;

/** What one sender may have of what a node may compute in a second, and what many. */
const ONE_SHARE = 0.3;
const MANY_SHARE = 1;

interface Case extends HandshakeFlood {
  /** Share of the node's handshakes that it may cost at most. */
  readonly share: number;
}

const CASES: readonly Case[] = [
  { kind: "no PSK", addresses: 1, share: 0 },
  { kind: "garbage", addresses: 1, cookies: true, share: ONE_SHARE },
  { kind: "garbage", addresses: 254, cookies: true, share: MANY_SHARE },
  { kind: "garbage", addresses: Infinity, share: ONE_SHARE },
  { kind: "wrong cookie", addresses: 1, share: ONE_SHARE },
  { kind: "wrong cookie", addresses: 254, share: ONE_SHARE },
  { kind: "handshakes", addresses: 1, cookies: true, share: ONE_SHARE },
  {
    kind: "handshakes",
    addresses: 1,
    keys: 500,
    cookies: true,
    share: ONE_SHARE,
  },
  { kind: "handshakes", addresses: 254, cookies: true, share: MANY_SHARE },
  {
    kind: "handshakes",
    addresses: 254,
    keys: 500,
    cookies: true,
    share: MANY_SHARE,
  },
  { kind: "not allowed", addresses: 1, cookies: true, share: ONE_SHARE },
  { kind: "not allowed", addresses: 254, cookies: true, share: MANY_SHARE },
  { kind: "replay", addresses: 1, share: ONE_SHARE },
];

function describe({ kind, addresses, keys }: HandshakeFlood): string {
  const from = addresses === Infinity
    ? "forged addresses"
    : addresses === 1
    ? "one address"
    : `${addresses} addresses`;
  return `${kind}${keys === undefined ? "" : ` of ${keys} keys`} from ${from}`;
}

/** Share of what a node may compute that went to the attacker. */
function shareOf({ products, opened }: HandshakeFloodResult): number {
  return (products / PRODUCTS + SESSION * opened) / PER_SECOND;
}

export const attack: Attack = {
  name: "handshake_flood",
  claim:
    "Whatever Initials come, and from how many addresses, a node computes " +
    "no more than a bounded part of a second for them, and others attach.",
  run() {
    const faults: string[] = [];
    let [worstOne, worstMany, slowest, peers] = [0, 0, 0, 0];
    for (const one of CASES) {
      // Many addresses are worst when they send most.
      const rates = one.addresses === 1 ? MEGABITS : MEGABITS.slice(-1);
      for (const megabits of rates) {
        const perSecond = megabits * 1e6 / INITIAL_BITS;
        const result = new HandshakeSimulation(one, perSecond).run();
        const share = shareOf(result);
        const what = `${describe(one)} at ${megabits} Mbit/s`;
        if (share > one.share) {
          faults.push(`${what} cost ${(100 * share).toFixed(0)} % of the work`);
        }
        if (result.slowestMs > ATTACH_BUDGET_MS) {
          faults.push(`${what} lock others out`);
        }
        if (one.share < MANY_SHARE) worstOne = Math.max(worstOne, share);
        else worstMany = Math.max(worstMany, share);
        slowest = Math.max(slowest, result.slowestMs);
        peers += result.peers;
      }
    }
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    return Promise.resolve({
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${peers} others attached beside ${CASES.length} floods of up to ` +
          `${MEGABITS.at(-1)} Mbit/s, the slowest in ${slowest} ms`,
      cost: {
        attacker: "1200 bytes for an Initial",
        node: `${percent(worstOne)} of the handshakes that it tries in a ` +
          `second for one address, ${percent(worstMany)} for 254`,
      },
    });
  },
};
