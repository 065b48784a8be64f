import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodePacketNumber, packetNumberLength } from "./packet_number.ts";

Deno.test("packet numbers follow the examples of RFC 9000 Appendix A", () => {
  assertEquals(packetNumberLength(0xac5c02, 0xabe8b3), 2);
  assertEquals(packetNumberLength(0xace8fe, 0xabe8b3), 3);
  assertEquals(decodePacketNumber(0xa82f30ea, 0x9b32, 2), 0xa82f9b32);
});

Deno.test("a first packet takes one byte", () => {
  assertEquals(packetNumberLength(0, -1), 1);
  assertEquals(decodePacketNumber(-1, 0, 1), 0);
});

Deno.test("a peer that has seen anything since the last ACK recovers a number", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 2 ** 33 }),
    fc.oneof(
      fc.integer({ min: 1, max: 0x200 }),
      fc.integer({ min: 1, max: 0x8000_0000 }),
    ),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (acked, ahead, seen) => {
      const number = acked + ahead;
      const length = packetNumberLength(number, acked);
      // The receiver has at least what it acknowledged, and perhaps later ones.
      const largest = acked + Math.floor((ahead - 1) * seen);
      const truncated = number % 2 ** (8 * length);
      assertEquals(decodePacketNumber(largest, truncated, length), number);
    },
  ));
});

Deno.test("a late packet is recovered below the largest number", () => {
  assertEquals(decodePacketNumber(0x10000, 0xfff0, 2), 0xfff0);
  assertEquals(decodePacketNumber(0x105, 0xff, 1), 0xff);
});

Deno.test("a number takes the bytes that cover twice what is unacknowledged", () => {
  for (const [most, length] of [[0x80, 1], [0x8000, 2], [0x80_0000, 3]]) {
    assertEquals(packetNumberLength(99 + most, 99), length);
    assertEquals(packetNumberLength(100 + most, 99), length + 1);
  }
  assertEquals(packetNumberLength(99 + 2 ** 31, 99), 4);
});

Deno.test("a number half a window away is the one ahead, as in RFC 9000 A.3", () => {
  assertEquals(decodePacketNumber(0x1ff, 0x80, 1), 0x280);
  assertEquals(decodePacketNumber(0x1ff, 0x81, 1), 0x181);
  assertEquals(decodePacketNumber(0x27f, 0, 1), 0x300);
  const last = Number.MAX_SAFE_INTEGER - 0xff;
  assertEquals(decodePacketNumber(last + 0x7f, 0, 1), last);
});

Deno.test("packetNumberLength refuses what four bytes cannot tell apart", () => {
  const far = () => packetNumberLength(2 ** 31, -1);
  assertThrows(far, RangeError, "packets are unacknowledged");
});
