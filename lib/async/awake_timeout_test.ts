import { assertEquals } from "@std/assert";
import { awakeTimeout } from "./awake_timeout.ts";

/** A timer of 30 s over a time that is set; fires when the test says. */
function timerOf30Seconds() {
  const state = { now: 5000, calls: 0, timers: 0 };
  let fire = () => {};
  const stop = awakeTimeout(() => state.calls++, 30_000, {
    now: () => state.now,
    after: (_ms, callback) => {
      state.timers++;
      fire = callback;
      return () => fire = () => {};
    },
  });
  const fireAfter = (ms: number) => {
    state.now += ms;
    fire();
    return [state.calls, state.timers];
  };
  return { fireAfter, stop };
}

Deno.test("a timer that fires in time calls back", () => {
  assertEquals(timerOf30Seconds().fireAfter(30_900), [1, 1]);
});

Deno.test("a timer that fires far too late has overslept, and waits once more", () => {
  const { fireAfter } = timerOf30Seconds();
  assertEquals(fireAfter(600_000), [0, 2]);
  assertEquals(fireAfter(30_000), [1, 2]);
});

Deno.test("a timer that was stopped never calls back, also after it has overslept", () => {
  const { fireAfter, stop } = timerOf30Seconds();
  fireAfter(45_000);
  stop();
  assertEquals(fireAfter(30_000), [0, 2]);
});

Deno.test("the runtime's timers call back, and can be stopped", async () => {
  const called = await new Promise((resolve) =>
    awakeTimeout(() => resolve(true), 1)
  );
  assertEquals(called, true);
  awakeTimeout(() => {
    throw new Error("was stopped");
  }, 1)();
});
