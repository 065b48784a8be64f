import { assertEquals } from "@std/assert";
import { formatBytes, formatRate, formatSeconds } from "./human.ts";

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
