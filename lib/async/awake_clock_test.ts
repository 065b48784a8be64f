import { assertEquals } from "@std/assert";
import { AwakeClock } from "./awake_clock.ts";

/** A clock that is to tick every 500 ms, over a time that is set. */
function clockOver() {
  const time = { ms: 10_000 };
  const clock = new AwakeClock(500, () => time.ms);
  const advance = (ms: number) => {
    time.ms += ms;
    return clock.tick();
  };
  return { clock, time, advance };
}

Deno.test("an awake clock counts the time between ticks, and since the last one", () => {
  const { clock, time, advance } = clockOver();
  assertEquals(clock.now, 0);
  for (const ms of [500, 480, 1490]) assertEquals(advance(ms), ms);
  assertEquals(clock.now, 2470);
  time.ms += 30;
  assertEquals(clock.now, 2500);
});

Deno.test("time in which nothing ticked is no more than one late tick", () => {
  const { clock, time, advance } = clockOver();
  advance(500);
  time.ms += 600_000;
  assertEquals(clock.now, 2000, "before it is told that the process runs");
  clock.tick();
  assertEquals(clock.now, 2000);
  advance(500);
  assertEquals(clock.now, 2500);
});
