import { assert, assertEquals } from "@std/assert";
import {
  COOKIES_AGAIN_MAX,
  COOKIES_MAX,
  COOKIES_PER_SOURCE,
  HANDSHAKE_DEBT_MAX,
  KEY_HANDSHAKES_MAX,
  KEY_HANDSHAKES_PER_SECOND,
  KEYRING_MAX,
} from "../../limits.ts";
import { HandshakeBudget } from "./handshake_budget.ts";

/** More than any test of one address takes. */
const PLENTY = 1_000_000;

/** Finishes handshakes until one is refused, at most `max`, each at its price. */
function finish(
  budget: HandshakeBudget,
  now: number,
  key: (index: number) => string,
  hostname: (index: number) => string,
  max = 2000,
): number {
  for (let i = 0; i < max; i++) {
    if (!budget.mayTry(now, hostname(i)) || !budget.mayFinish(now, key(i))) {
      return i;
    }
    budget.onFirstPart();
    budget.onProof();
    budget.onRest();
    budget.onOpened(now, hostname(i), key(i));
  }
  return max;
}

Deno.test("an address that opens connections without end soon gets the first quarter of what a node can do", () => {
  const budget = new HandshakeBudget(1000);
  let total = 0;
  for (let second = 0; second < 10; second++) {
    const now = 1000 * second;
    budget.update(now);
    total += finish(budget, now, (i) => `${now} ${i}`, () => "192.0.2.1");
    // Others come and go as before.
    const other = (i: number) => `198.51.100.${second}.${i}`;
    assertEquals(finish(budget, now, other, other, 100), 100);
  }
  // Each costs three; 64 of them come before it is clear.
  assert(total <= 10 * 84 + HANDSHAKE_DEBT_MAX, `${total}`);
});

Deno.test("addresses that open connections without end leave room for new ones", () => {
  const budget = new HandshakeBudget(1000);
  const address = (i: number) => `10.0.0.${i % 250}`;
  let letIn = 0;
  for (let second = 0; second < 15; second++) {
    budget.update(1000 * second);
    for (let i = 0; i < 1000; i++) {
      const key = () => `${second} ${i}`;
      finish(budget, 1000 * second, key, () => address(i), 1);
    }
    // Last of all, when they have had what they get of this second.
    if (budget.mayTry(1000 * second, `192.0.2.${second}`)) letIn++;
  }
  // It is tried every two seconds for as long.
  assert(letIn >= 5, `${letIn}`);
});

Deno.test("a key opens so many, whatever addresses it comes from, and as many more as a second brings", () => {
  const budget = new HandshakeBudget(PLENTY);
  const address = (i: number) => `198.51.100.${i % 250}`;
  const attack = (now: number) => finish(budget, now, () => "key", address);
  assertEquals(attack(0), KEY_HANDSHAKES_MAX);
  assertEquals(attack(1000), KEY_HANDSHAKES_PER_SECOND);
  assert(budget.mayFinish(1000, "another"));
});

Deno.test("an ordinary number of sessions of one key costs it nothing", () => {
  const budget = new HandshakeBudget(PLENTY);
  for (let second = 0; second < 60; second++) {
    const now = 1000 * second;
    const count = KEY_HANDSHAKES_PER_SECOND;
    assertEquals(
      finish(budget, now, () => "key", () => "192.0.2.1", count),
      count,
    );
  }
});

Deno.test("a session that opens costs twice as much again as its handshake", () => {
  const budget = new HandshakeBudget(100);
  const handshake = () => {
    budget.onFirstPart();
    budget.onProof();
    budget.onRest();
  };
  for (let i = 0; i < 7; i++) {
    assert(!budget.isBusy);
    handshake();
    budget.onOpened(0, "192.0.2.1", "key");
  }
  assert(budget.isBusy);
});

Deno.test("an address without a cookie is told one before others are told theirs again", () => {
  const budget = new HandshakeBudget(PLENTY);
  let told = 0;
  for (let i = 0; i < 100 * COOKIES_PER_SOURCE; i++) {
    if (budget.mayTellCookie(`192.0.2.${i % 100}`)) told++;
  }
  assertEquals(told, 100 + COOKIES_AGAIN_MAX);
  for (let i = 100; i < COOKIES_MAX; i++) {
    assert(budget.mayTellCookie(`address ${i}`));
  }
  assert(!budget.mayTellCookie("one too many"));
});

Deno.test("addresses that have attached are looked at, whatever is forged", () => {
  const budget = new HandshakeBudget(PLENTY);
  budget.update(0);
  budget.onOpened(0, "192.0.2.9", "a key");
  for (let i = 0; i < 100_000; i++) {
    if (budget.mayLook("192.0.2.1")) {
      budget.onForged("192.0.2.1", 180, KEYRING_MAX);
    }
    assert(budget.mayLook("192.0.2.9"));
  }
});
