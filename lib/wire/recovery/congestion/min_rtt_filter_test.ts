import { assertEquals } from "@std/assert";
import { MinRttFilter } from "./min_rtt_filter.ts";

Deno.test("the minimum is the smallest sample, at once", () => {
  const filter = new MinRttFilter();
  assertEquals(filter.value, Infinity);
  for (const rtt of [50, 40, 60]) filter.update(10, rtt);
  assertEquals(filter.value, 40);
});

Deno.test("a minimum that nothing confirms for 5 s is to be probed, and gone after 10 s", () => {
  const filter = new MinRttFilter();
  filter.update(0, 40);
  assertEquals(filter.update(5000, 90), false);
  assertEquals(filter.update(5001, 90), true);
  assertEquals(filter.value, 40);
  assertEquals(filter.update(10_000, 90), false);
  assertEquals(filter.value, 40);
  filter.update(10_001, 90);
  assertEquals(filter.value, 90);
});

Deno.test("samples within an eighth of the minimum confirm it", () => {
  const filter = new MinRttFilter();
  for (let now = 0; now < 60_000; now += 4000) {
    assertEquals(filter.update(now, now === 0 ? 40 : 45), false);
  }
  assertEquals(filter.value, 40);
});

Deno.test("a drained path confirms whatever it shows", () => {
  const filter = new MinRttFilter();
  filter.update(0, 40);
  filter.update(4500, 90);
  assertEquals(filter.update(5001, 90), true);
  filter.confirm(9000);
  assertEquals(filter.update(13_000, 200), false);
  assertEquals(filter.value, 90);
});

Deno.test("the first sample after a silence of a second is as good as a probe", () => {
  for (const [silence, due] of [[1000, true], [1001, false]] as const) {
    const filter = new MinRttFilter();
    filter.update(0, 40);
    filter.update(4500, 90);
    assertEquals(filter.update(4500 + silence, 90), due);
    // It has confirmed what it showed, for five seconds from then on.
    const [last, first] = [9500 + silence, 4900 + silence];
    for (let now = first; now < last; now += 400) {
      assertEquals(filter.update(now, 110), false);
    }
    assertEquals(filter.update(last + 1, 110), true);
    assertEquals(filter.value, 90);
  }
});

Deno.test("a restart forgets the old path", () => {
  const filter = new MinRttFilter();
  filter.update(0, 20);
  filter.restart(1000, 300);
  assertEquals(filter.value, 300);
  assertEquals(filter.update(2000, 310), false);
  assertEquals(filter.value, 300);
  filter.update(3000, 250);
  assertEquals(filter.value, 250);
});
