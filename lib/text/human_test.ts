import { assertEquals } from "@std/assert";
import {
  formatBytes,
  formatClock,
  formatCounter,
  formatRate,
  formatSeconds,
} from "./human.ts";

Deno.test("formatBytes shows three digits of a binary unit", () => {
  const cases: [number | bigint, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.50 KiB"],
    [204_800, "200 KiB"],
    [10 * 2 ** 20, "10 MiB"],
    [1023.9 * 1024, "1 MiB"],
    [2n ** 63n, "8 EiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatBytes(bytes), text);
  assertEquals(formatRate(1_500_000.4), "1.43 MiB/s");
});

Deno.test("formatSeconds picks the unit", () => {
  const cases: [number, string][] = [
    [0.0404, "40 ms"],
    [3.25, "3.2 s"],
    [59.99, "59.9 s"],
    [125.7, "2 min 05 s"],
    [3725, "1 h 02 min"],
  ];
  for (const [seconds, text] of cases) {
    assertEquals(formatSeconds(seconds), text);
  }
});

Deno.test("formatCounter keeps all digits, so that nothing jumps while it counts", () => {
  const cases: [number, string][] = [
    [7, "7 B"],
    [1024, "1.00 KiB"],
    [10 * 2 ** 20, "10.0 MiB"],
    [999 * 2 ** 30, "999 GiB"],
    [1000 * 2 ** 30, "0.98 TiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatCounter(bytes), text);
});

Deno.test("formatClock runs down, and says nothing of what is too far away", () => {
  const cases: [number, string][] = [
    [0, "0:00"],
    [6.2, "0:07"],
    [725, "12:05"],
    [3723, "1:02:03"],
    [99 * 3600, "99:00:00"],
    [100 * 3600, "4 days"],
    [1e12, ""],
    [Infinity, ""],
  ];
  for (const [seconds, text] of cases) assertEquals(formatClock(seconds), text);
});
