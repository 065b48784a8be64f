import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fromHex, shortHex, toHex } from "./hex.ts";

Deno.test("fromHex reads what toHex writes, in either case", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = toHex(bytes);
    assertEquals(fromHex(text), bytes);
    assertEquals(fromHex(text.toUpperCase()), bytes);
  }));
});

Deno.test("toHex writes two lower-case digits a byte", () => {
  assertEquals(toHex(new Uint8Array([0x00, 0x0a, 0xb0, 0xff])), "000ab0ff");
});

Deno.test("fromHex names the character that is no digit, and its place", () => {
  assertThrows(() => fromHex("00g0"), RangeError, '"g" at position 2');
  assertThrows(() => fromHex("0 "), RangeError, '" " at position 1');
  assertThrows(() => fromHex("0\u{1f600}"), RangeError, "position 1");
  assertThrows(() => fromHex("é"), RangeError, "position 0");
});

Deno.test("fromHex refuses half a byte", () => {
  assertThrows(() => fromHex("abc"), RangeError, "3 hex digits");
  assertThrows(() => fromHex("a"), RangeError, "1 hex digits");
});

Deno.test("shortHex leaves out the middle of what nobody reads", () => {
  assertEquals(shortHex("ab".repeat(100)), "ab".repeat(100));
  assertEquals(
    shortHex(`00${"ab".repeat(1000)}ff`),
    "00ababababababababab…ababababab" + "ff",
  );
});
