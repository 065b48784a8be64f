import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Pacer } from "./pacer.ts";

const SIZE = 1200;

/** Sends as much as is allowed at `now`; returns how many datagrams left. */
function drain(pacer: Pacer, now: number, size = SIZE): number {
  let sent = 0;
  while (sent < 100_000 && pacer.nextSendTime(now, size) === now) {
    pacer.onSent(size);
    sent++;
  }
  return sent;
}

/** A pacer of `rate` bytes per millisecond from time 0 on. */
function pacerOf(rate: number, size = SIZE): Pacer {
  const pacer = new Pacer(size);
  pacer.setRate(rate, 0);
  return pacer;
}

/**
 * Sends at `rate` from 0 to `end` by timers that fire `late`; returns the rate
 * reached.
 */
function rateReached(
  rate: number,
  size: number,
  end: number,
  late = 0,
): number {
  const pacer = pacerOf(rate, size);
  drain(pacer, 0, size);
  let sent = 0;
  let now = 0;
  while (now < end) {
    now = pacer.nextSendTime(now, size) + late;
    sent += drain(pacer, now, size) * size;
  }
  return sent / now;
}

Deno.test("Pacer lets a burst of ten datagrams leave, then one per interval", () => {
  const pacer = pacerOf(SIZE / 5);
  assertEquals(drain(pacer, 0), 10);
  assertEquals(pacer.nextSendTime(0, SIZE), 5);
  assertEquals(drain(pacer, 4.9), 0);
  assertEquals(drain(pacer, 5), 1);
  assertEquals(drain(pacer, 10), 1);
});

Deno.test("Pacer waits at least a tick and then sends the tick's worth", () => {
  const pacer = pacerOf(100 * SIZE);
  assertEquals(drain(pacer, 2), 200); // 2 ms worth
  assertEquals(pacer.nextSendTime(2, SIZE), 3);
  assertEquals(drain(pacer, 3), 100);
});

Deno.test("Pacer does not save up more than a burst while nothing is sent", () => {
  const pacer = pacerOf(SIZE);
  assertEquals(drain(pacer, 0), 10);
  assertEquals(pacer.nextSendTime(0, SIZE), 1);
  assertEquals(drain(pacer, 5), 5);
  pacer.setRate(SIZE, 5);
  // A wait of an hour for a timer is no lateness either.
  assertEquals(drain(pacer, 3_600_000), 18);
  assertEquals(drain(pacer, 3_600_000 + 1), 1);
});

Deno.test("Pacer keeps the rate when timers fire up to 8 ms late", () => {
  const rate = 50 * SIZE;
  assertAlmostEquals(rateReached(rate, SIZE, 1000, 6) / rate, 1, 0.01);
});

Deno.test("Pacer keeps the long-term rate whatever the size", () => {
  for (const size of [40, 1200, 1472, 65_507]) {
    assertAlmostEquals(rateReached(777, size, 20_000), 777, 8);
  }
});

Deno.test("Pacer without a rate lets everything pass", () => {
  const pacer = new Pacer(SIZE);
  assertEquals(drain(pacer, 0), 100_000);
  assertEquals(pacer.nextSendTime(0, SIZE), 0);
  pacer.setRate(SIZE, 1);
  assertEquals(drain(pacer, 1), 10);
});

Deno.test("Pacer makes later packets wait for a probe that did not", () => {
  const pacer = pacerOf(SIZE);
  drain(pacer, 0);
  pacer.onSent(2 * SIZE);
  assertEquals(pacer.nextSendTime(0, SIZE), 3);
});

Deno.test("Pacer lets no more leave at once than the peer bears, twice that after a late timer", () => {
  const pacer = new Pacer(SIZE, (size) => 40 * size);
  pacer.setRate(100 * SIZE, 0);
  assertEquals(drain(pacer, 2), 40);
  assertEquals(pacer.nextSendTime(2, SIZE), 3);
  assertEquals(drain(pacer, 1000), 80);
});
