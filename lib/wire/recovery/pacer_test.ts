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

Deno.test("Pacer lets a burst of ten datagrams leave, then one per interval", () => {
  const pacer = new Pacer(SIZE);
  pacer.setRate(SIZE / 5, 0);
  assertEquals(drain(pacer, 0), 10);
  assertEquals(pacer.nextSendTime(0, SIZE), 5);
  assertEquals(drain(pacer, 4.9), 0);
  assertEquals(drain(pacer, 5), 1);
  assertEquals(drain(pacer, 10), 1);
});

Deno.test("Pacer waits at least a tick and then sends the tick's worth", () => {
  const pacer = new Pacer(SIZE);
  pacer.setRate(100 * SIZE, 0);
  assertEquals(drain(pacer, 2), 200); // 2 ms worth
  assertEquals(pacer.nextSendTime(2, SIZE), 3);
  assertEquals(drain(pacer, 3), 100);
});

Deno.test("Pacer does not save up more than a burst while nothing is sent", () => {
  const pacer = new Pacer(SIZE);
  pacer.setRate(SIZE, 0);
  assertEquals(drain(pacer, 0), 10);
  assertEquals(pacer.nextSendTime(0, SIZE), 1);
  assertEquals(drain(pacer, 5), 5);
  pacer.setRate(SIZE, 5);
  // A wait of an hour for a timer is no lateness either.
  assertEquals(drain(pacer, 3_600_000), 18);
  assertEquals(drain(pacer, 3_600_000 + 1), 1);
});

Deno.test("Pacer keeps the rate when timers fire up to 8 ms late", () => {
  const pacer = new Pacer(SIZE);
  const rate = 50 * SIZE;
  pacer.setRate(rate, 0);
  drain(pacer, 0);
  let sent = 0;
  let now = 0;
  while (now < 1000) {
    now = pacer.nextSendTime(now, SIZE) + 6;
    sent += drain(pacer, now);
  }
  assertAlmostEquals(sent * SIZE / now / rate, 1, 0.01);
});

Deno.test("Pacer keeps the long-term rate whatever the size", () => {
  for (const size of [40, 1200, 1472, 65_507]) {
    const pacer = new Pacer(size);
    pacer.setRate(777, 0);
    drain(pacer, 0, size);
    let sent = 0;
    let now = 0;
    while (now < 20_000) {
      now = pacer.nextSendTime(now, size);
      sent += drain(pacer, now, size) * size;
    }
    assertAlmostEquals(sent / now, 777, 8);
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
  const pacer = new Pacer(SIZE);
  pacer.setRate(SIZE, 0);
  drain(pacer, 0);
  pacer.onSent(2 * SIZE);
  assertEquals(pacer.nextSendTime(0, SIZE), 3);
});
