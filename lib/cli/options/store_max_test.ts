import { assertEquals, assertThrows } from "@std/assert";
import { STORE_MAX } from "./store_max.ts";

Deno.test("a bound on a cache is bytes, in 1024s or 1000s, or none", () => {
  assertEquals(STORE_MAX.parse("256M"), 2 ** 28);
  assertEquals(STORE_MAX.parse("1.5GiB"), 1.5 * 2 ** 30);
  assertEquals(STORE_MAX.parse("500GB"), 5e11);
  assertEquals(STORE_MAX.parse("none"), Infinity);
  for (const text of ["", "x", "1M/s", "-1G"]) {
    assertThrows(() => STORE_MAX.parse(text), RangeError, "expected bytes");
  }
  for (const text of ["0", "255M", "9000T"]) {
    assertThrows(() => STORE_MAX.parse(text), RangeError, "not from 256M");
  }
});
