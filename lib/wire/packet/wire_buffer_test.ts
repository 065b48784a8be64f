import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { TransportError } from "./transport_error.ts";
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

Deno.test("varints match the examples of RFC 9000 A.1", () => {
  assertEquals(new WireReader(new Uint8Array([0x25])).varint(), 37);
  assertEquals(new WireReader(new Uint8Array([0x40, 0x25])).varint(), 37);
  assertEquals(new WireReader(new Uint8Array([0x7b, 0xbd])).varint(), 15293);
  assertEquals(
    new WireReader(new Uint8Array([0x9d, 0x7f, 0x3e, 0x7d])).varint(),
    494_878_333,
  );
  assertEquals(encode(494_878_333), new Uint8Array([0x9d, 0x7f, 0x3e, 0x7d]));
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
  assertThrows(
    () => new WireReader(new Uint8Array(example)).varint(),
    TransportError,
    "2^53",
  );
});

Deno.test("reading past the end is a frame encoding error", () => {
  for (const bytes of [[], [0x40], [0xc0, 0, 0]]) {
    assertThrows(
      () => new WireReader(new Uint8Array(bytes)).varint(),
      TransportError,
      "before the end of a field",
    );
  }
  assertThrows(
    () => new WireReader(new Uint8Array(3)).bytes(4),
    TransportError,
  );
});

Deno.test("writing past the end throws and leaves the position", () => {
  const writer = new WireWriter(new Uint8Array(1));
  assertThrows(() => writer.varint(1 << 20), RangeError);
  assertEquals(writer.offset, 0);
});
