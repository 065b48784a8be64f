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

Deno.test("ProgressMeter measures a stage apart from the whole, and how long it lasts", () => {
  const meter = new ProgressMeter("x");
  meter.update({ totalBytes: 100_000n, bytes: 50_000n });
  meter.state(0);
  meter.state(2000);
  const stage = { name: "checking", text: "checking", totalBytes: 900n };
  meter.update({ stage: { ...stage, bytes: 0n } });
  assertEquals(meter.state(3000).rate, undefined);
  meter.update({ stage: { ...stage, bytes: 400n } });
  const { rate, lastedMs, bytes } = meter.state(4000);
  assertEquals([rate, lastedMs, bytes], [400, 1000, 50_000n]);
  meter.update({ bytes: 60_000n, stage: null });
  const after = meter.state(5000);
  assertEquals([after.stage, after.lastedMs, after.rate], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("ProgressMeter tells how long work has stood still", () => {
  const meter = new ProgressMeter("x");
  const note = { event: "lost", fields: {}, text: "lost", isStop: true };
  meter.update({ note });
  assertEquals(meter.state(1000).lastedMs, 0);
  meter.update({ bytes: 1n });
  assertEquals(meter.state(4000).lastedMs, 3000);
  meter.update({ note: { ...note, isStop: false } });
  assertEquals(meter.state(5000).lastedMs, undefined);
});
