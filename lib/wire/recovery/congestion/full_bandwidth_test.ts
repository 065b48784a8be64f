import { assertEquals } from "@std/assert";
import { FullBandwidth } from "./full_bandwidth.ts";

/** Rounds of one sample each. */
function feed(full: FullBandwidth, ...rates: number[]): void {
  for (const rate of rates) full.onSample(rate, true);
}

Deno.test("three rounds without a growth of a quarter show that it is reached", () => {
  const full = new FullBandwidth();
  feed(full, 100, 200, 240, 249);
  assertEquals(full.now, false);
  feed(full, 249);
  assertEquals([full.now, full.ever], [true, true]);
});

Deno.test("growth starts the count again, however late", () => {
  const full = new FullBandwidth();
  feed(full, 100, 100, 100, 125, 125, 125);
  assertEquals(full.now, false);
});

Deno.test("samples inside a round count for growth but not for the plateau", () => {
  const full = new FullBandwidth();
  feed(full, 100);
  for (let i = 0; i < 20; i++) full.onSample(100, false);
  assertEquals(full.now, false);
});

Deno.test("a restart forgets the plateau, not that there was one", () => {
  const full = new FullBandwidth();
  full.set();
  full.restart(100);
  assertEquals([full.now, full.ever], [false, true]);
  feed(full, 110, 110, 110);
  assertEquals(full.now, true);
});
