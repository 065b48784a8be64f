import { assertEquals } from "@std/assert";
import { ProgressMeter, secondsLeft } from "./progress_meter.ts";

Deno.test("ProgressMeter measures the rate over the last seconds", () => {
  const meter = new ProgressMeter("x");
  meter.update({ totalBytes: 100_000n });
  meter.state(0);
  meter.update({ bytes: 10_000n });
  assertEquals(meter.state(200).rate, undefined);
  assertEquals(meter.state(1000).rate, 10_000);
  assertEquals(secondsLeft(meter.state(1000)), 9);
  for (let second = 2; second <= 20; second++) meter.state(second * 1000);
  assertEquals(meter.state(21_000).rate, 0);
  assertEquals(secondsLeft(meter.state(21_000)), undefined);
});
