import { assertEquals } from "@std/assert";
import { MeasuringTime } from "./measuring_time.ts";

const times = (time: MeasuringTime, roundTripMs: number) => [
  time.disk,
  time.processor,
  time.path(roundTripMs),
];

Deno.test("a rate is measured for a second, longer on a long path", () => {
  const usual = new MeasuringTime(undefined, 30_000);
  assertEquals(times(usual, 0.1), [1000, 300, 1000]);
  assertEquals(times(usual, 200), [1000, 300, 5000]);
  assertEquals(times(usual, 5000), [1000, 300, 6000]);
  assertEquals(times(usual, Infinity), [1000, 300, 6000]);
});

Deno.test("the user decides, but no request may take longer than its time-out", () => {
  assertEquals(times(new MeasuringTime(50, 30_000), 200), [50, 50, 50]);
  assertEquals(times(new MeasuringTime(8000, 30_000), 1), [8000, 1000, 8000]);
  assertEquals(times(new MeasuringTime(60_000, 30_000), 1), [
    10_000,
    1000,
    10_000,
  ]);
  assertEquals(times(new MeasuringTime(undefined, 200), 1), [200, 200, 200]);
  assertEquals(times(new MeasuringTime(5000, 200), 1), [200, 200, 200]);
});
