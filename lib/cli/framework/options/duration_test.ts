import { assertEquals, assertThrows } from "@std/assert";
import { parseDuration, TIME_LIMIT } from "./duration.ts";

Deno.test("parseDuration takes a bare number as seconds", () => {
  assertEquals(parseDuration("30"), 30_000);
  assertEquals(parseDuration("0"), 0);
});

Deno.test("parseDuration adds components, with blanks between them", () => {
  assertEquals(parseDuration("1m30s"), 90_000);
  assertEquals(parseDuration("1h 5min"), 3_900_000);
  assertEquals(parseDuration("250ms"), 250);
  assertEquals(parseDuration("1500us"), 1.5);
  assertEquals(parseDuration("2days"), 172_800_000);
  for (const unit of ["s", "sec", "secs"]) {
    assertEquals(parseDuration(`1${unit}`), 1000);
  }
});

Deno.test("parseDuration refuses what is no duration", () => {
  for (
    const text of [
      "",
      "1m5",
      "10 5s",
      "5 s",
      " 5s",
      "5s ",
      "1.5s",
      "-1s",
      "5w",
      "s",
      "1S",
      "5constructor",
      "99999999999999999999d",
      "18446744073709551616",
    ]
  ) assertThrows(() => parseDuration(text), RangeError, undefined, text);
});

Deno.test("parseDuration stays within what a timer can wait", () => {
  assertEquals(parseDuration("365d"), 2 ** 31 - 1);
});

Deno.test("a time limit is longer than zero", () => {
  assertThrows(() => TIME_LIMIT.parse("0s"), RangeError);
});
