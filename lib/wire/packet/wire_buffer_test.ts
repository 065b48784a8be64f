import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertTransportError } from "../testing/assert_transport_error.ts";
import {
  VARINT_MAX,
  varintLength,
  WireReader,
  WireWriter,
} from "./wire_buffer.ts";

function encode(value: number): Uint8Array {
  const writer = new WireWriter(new Uint8Array(8));
  writer.varint(value);
  return writer.written();
}

function decode(...bytes: number[]): number {
  return new WireReader(Uint8Array.from(bytes)).varint();
}

Deno.test("varints match the examples of RFC 9000 A.1", () => {
  assertEquals(decode(0x25), 37);
  assertEquals(decode(0x40, 0x25), 37);
  assertEquals(decode(0x7b, 0xbd), 15293);
  assertEquals(decode(0x9d, 0x7f, 0x3e, 0x7d), 494_878_333);
  assertEquals(encode(494_878_333), Uint8Array.of(0x9d, 0x7f, 0x3e, 0x7d));
});

Deno.test("a varint survives a round trip in its shortest form", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    const bytes = encode(value);
    assertEquals(bytes.length, varintLength(value));
    assertEquals(new WireReader(bytes).varint(), value);
  }));
  assertEquals(new WireReader(encode(VARINT_MAX)).varint(), VARINT_MAX);
});

Deno.test("a varint past 2^53 - 1 is refused, not rounded", () => {
  // The RFC's own 8-byte example is such a value.
  const example = [0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c];
  assertTransportError(
    "FRAME_ENCODING_ERROR",
    () => decode(...example),
    "2^53",
  );
});

Deno.test("reading past the end is a frame encoding error", () => {
  const reads = [
    () => decode(),
    () => decode(0x40),
    () => decode(0xc0, 0, 0),
    () => new WireReader(new Uint8Array(3)).bytes(4),
  ];
  for (const read of reads) {
    assertTransportError("FRAME_ENCODING_ERROR", read, "the end of a field");
  }
});

Deno.test("writing past the end throws and leaves the position", () => {
  const writer = new WireWriter(new Uint8Array(1));
  assertThrows(() => writer.varint(1 << 20), RangeError);
  assertEquals(writer.offset, 0);
});
