import { assertEquals } from "@std/assert";
import { formatIdHex } from "./node_id.ts";

Deno.test("formatIdHex always writes 16 digits", () => {
  assertEquals(formatIdHex(0xabn), "0x00000000000000ab");
  assertEquals(formatIdHex(2n ** 64n - 1n), "0xffffffffffffffff");
});
