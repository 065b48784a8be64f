import { assertEquals, assertThrows } from "@std/assert";
import {
  parseDuration,
  TIME_LIMIT,
  TIME_SPAN,
  TIMER_MAX_MS,
} from "./duration.ts";

Deno.test("parseDuration adds components; a bare number is seconds", () => {
  const cases: Record<string, number> = {
    "30": 30_000,
    "0": 0,
    "1m30s": 90_000,
    "1h 5min": 3_900_000,
    "250ms": 250,
    "1500us": 1.5,
    "1500µs": 1.5,
    "2000000ns": 2,
    "2days": 172_800_000,
    "1day 1hr": 90_000_000,
    "1d2hrs": 93_600_000,
    "1mins": 60_000,
    "1s1sec1secs": 3000,
    " 5": 5000,
    " 5s ": 5000,
    // As long as a timer can wait.
    "365d": 2 ** 31 - 1,
  };
  for (const [text, milliseconds] of Object.entries(cases)) {
    assertEquals(parseDuration(text), milliseconds, text);
  }
});

Deno.test("parseDuration refuses what is no duration", () => {
  const texts =
    "|1m5|10 5s| |5 s|1.5s|-1s|5w|s|1S|5constructor|99999999999999999999d|18446744073709551616";
  for (const text of texts.split("|")) {
    assertThrows(() => parseDuration(text), RangeError, undefined, text);
  }
});

Deno.test("a time limit of 0 is none, and nothing is done for no time", () => {
  for (const text of ["0", "0s", "0ms"]) {
    assertEquals(TIME_LIMIT.parse(text), TIMER_MAX_MS);
    assertThrows(() => TIME_SPAN.parse(text), RangeError);
  }
  assertEquals(TIME_LIMIT.parse("5"), 5000);
});
