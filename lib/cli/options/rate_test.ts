import { assertEquals, assertThrows } from "@std/assert";
import { parseRate } from "./rate.ts";

const RATES: [text: string, bytesPerSecond: number][] = [
  ["1", 1],
  ["1000000", 1_000_000],
  ["500K", 512_000],
  ["500k", 512_000],
  ["10M", 10 * 1024 ** 2],
  ["10MiB", 10 * 1024 ** 2],
  ["10MiB/s", 10 * 1024 ** 2],
  ["10MB", 10_000_000],
  ["10mb/s", 10_000_000],
  ["1.5G", 1.5 * 1024 ** 3],
  ["2T", 2 * 1024 ** 4],
  ["100B", 100],
  ["0.5K", 512],
  ["none", Infinity],
];

for (const [text, bytesPerSecond] of RATES) {
  Deno.test(`the rate ${text} is ${bytesPerSecond} bytes per second`, () => {
    assertEquals(parseRate(text), bytesPerSecond);
  });
}

Deno.test("what is no rate is refused, and what is accepted is told", () => {
  for (const text of ["", "fast", "-1", "1 M", "1Mbit", "1e3", ".5M", "1.M"]) {
    assertThrows(() => parseRate(text), RangeError, "such as 500K");
  }
  for (const text of ["0", "0.4", "9999999T"]) {
    assertThrows(() => parseRate(text), RangeError, "none is no limit");
  }
});
