import { assertEquals } from "@std/assert";
import { WakeTimer } from "./wake_timer.ts";

/**
 * Puts a clock by hand, and its one timer, in place of the runtime's while
 * `run` runs.
 */
function withClock(
  run: (clock: { now: number; advance(to: number): void }) => void,
): void {
  const real = { setTimeout, clearTimeout };
  const { now } = performance;
  let running: { at: number; callback: () => void } | undefined;
  const clock = {
    now: 0,
    advance(to: number): void {
      while (running !== undefined && running.at <= to) {
        const { at, callback } = running;
        running = undefined;
        clock.now = at;
        callback();
      }
      clock.now = to;
    },
  };
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, delay: number) => {
      assertEquals(running, undefined, "one timer is enough");
      running = { at: clock.now + delay, callback };
    },
    clearTimeout: () => running = undefined,
  });
  performance.now = () => clock.now;
  try {
    run(clock);
  } finally {
    Object.assign(globalThis, real);
    performance.now = now;
  }
}

Deno.test("the callback comes at the earliest of the times, once", () => {
  withClock((clock) => {
    const fired: number[] = [];
    const timer = new WakeTimer(() => fired.push(clock.now));
    for (const time of [50, 20, 80, Infinity]) timer.at(time);
    clock.advance(200);
    assertEquals(fired, [20]);
  });
});

Deno.test("the callback sets the next time itself", () => {
  withClock((clock) => {
    const fired: number[] = [];
    const timer = new WakeTimer(() => {
      fired.push(clock.now);
      if (clock.now < 100) timer.at(clock.now + 30);
    });
    timer.at(10);
    clock.advance(1000);
    assertEquals(fired, [10, 40, 70, 100]);
  });
});

Deno.test("a time that has passed is now, a fraction of a millisecond waits for the whole", () => {
  withClock((clock) => {
    const fired: number[] = [];
    const timer = new WakeTimer(() => fired.push(clock.now));
    clock.advance(100);
    timer.at(5);
    clock.advance(100);
    timer.at(100.2);
    clock.advance(102);
    assertEquals(fired, [100, 101]);
  });
});

Deno.test("a timer that was stopped never calls back", () => {
  withClock((clock) => {
    const fired: number[] = [];
    const timer = new WakeTimer(() => fired.push(clock.now));
    timer.at(10);
    timer.stop();
    timer.at(20);
    clock.advance(100);
    assertEquals(fired, []);
  });
});
