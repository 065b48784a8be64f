import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { RateLimits } from "./rate_limits.ts";

Deno.test("the connections of one peer have one part, those of others have their own", () => {
  const limits = new RateLimits({ total: 1000, session: Infinity }, 0);
  using first = limits.join("a", 0);
  using second = limits.join("a", 0);
  using other = limits.join("b", 0);
  assertStrictEquals(first.shares[1], second.shares[1]);
  assertNotStrictEquals(first.shares[1], other.shares[1]);
});

Deno.test("new limits count for peers that are attached, and for later ones", () => {
  const limits = new RateLimits({ total: Infinity, session: Infinity }, 0);
  const waits = (key: string, at: number) => {
    using joined = limits.join(key, at);
    return joined.shares.map((share) => share.nextSendTime(at, 1000) > at);
  };
  using _attached = limits.join("a", 0);
  assertEquals(waits("a", 0), [false, false]);
  limits.set({ total: Infinity, session: 500 }, 0);
  assertEquals([waits("a", 0), waits("b", 0)], [[true, false], [true, false]]);
  limits.set({ total: 500, session: Infinity }, 0);
  assertEquals([waits("a", 0), waits("b", 0)], [[false, true], [false, true]]);
  assertEquals(limits.rates, { total: 500, session: Infinity });
});

Deno.test("a peer that comes again begins anew once all its connections are over", () => {
  const limits = new RateLimits({ total: 1000, session: 1000 }, 0);
  const first = limits.join("a", 0);
  const second = limits.join("a", 0);
  first[Symbol.dispose]();
  const third = limits.join("a", 0);
  assertStrictEquals(third.shares, second.shares);
  second[Symbol.dispose]();
  third[Symbol.dispose]();
  assertNotStrictEquals(limits.join("a", 0).shares, third.shares);
});

Deno.test("a limit at which nothing would ever leave is refused", () => {
  const limits = new RateLimits({ total: 1000, session: 1000 }, 0);
  const bad = [{ total: 0, session: 1 }, { total: 1, session: NaN }];
  for (const rates of bad) {
    assertThrows(() => limits.set(rates, 0), RangeError);
    assertThrows(() => new RateLimits(rates, 0), RangeError);
  }
});
