import { assertEquals, assertThrows } from "@std/assert";
import { WHO } from "./who.ts";

Deno.test("a principal of a policy is a word or a public key", () => {
  assertEquals(WHO.parse("none"), "none");
  assertEquals(WHO.parse("psk"), "psk");
  assertEquals(WHO.parse("0A".repeat(32)), new Uint8Array(32).fill(10));
  for (const text of ["", "PSK", "all", "ab".repeat(31)]) {
    assertThrows(() => WHO.parse(text), RangeError, "expected none, psk");
  }
});
