import vectors from "../../../tests/vectors/transfer_vectors.json" with {
  type: "json",
};
import { fromHex, toHex } from "../../text/hex.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeResponseHeader,
  responseHeaderLength,
  ResponseHeaderParser,
} from "./response_header.ts";
import { ProtocolError } from "../../errors.ts";

const GOLDEN: [number | undefined, string][] = [
  [0, "0000"],
  [1, "0001"],
  [127, "007f"],
  [128, "008001"],
  [300, "00ac02"],
  [16383, "00ff7f"],
  [16384, "00808001"],
  [4_194_304, "0080808002"],
  [16_777_216, "0080808008"],
  [undefined, "01"],
];

Deno.test("encodeResponseHeader writes the documented bytes", () => {
  for (const [length, hex] of GOLDEN) {
    assertEquals(toHex(encodeResponseHeader(length)), hex);
    if (length !== undefined) {
      assertEquals(responseHeaderLength(length), hex.length / 2);
    }
  }
});

Deno.test("headers are those of the reference, up to a length of 2^64 - 1", () => {
  for (
    const { name, total_len: length, postcard_hex: hex } of vectors.headers
  ) {
    const value = length === null ? undefined : BigInt(length);
    assertEquals(toHex(encodeResponseHeader(value)), hex, name);
    const parser = new ResponseHeaderParser();
    if (value !== undefined && value > BigInt(Number.MAX_SAFE_INTEGER)) {
      // Nobody has such a chunk.
      assertThrows(() => parser.push(fromHex(hex)), ProtocolError, "2^53");
      continue;
    }
    parser.push(fromHex(hex));
    assertEquals(
      parser.header,
      value === undefined
        ? { kind: "not_found" }
        : { kind: "found", length: Number(value) },
      name,
    );
  }
});

Deno.test("ResponseHeaderParser reads a header however it is cut", () => {
  for (const [length, hex] of GOLDEN) {
    const bytes = fromHex(`${hex}deadbeef`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = new ResponseHeaderParser();
      const consumed = parser.push(bytes.subarray(0, cut)) +
        parser.push(bytes.subarray(cut));
      assertEquals(Math.min(consumed, hex.length / 2), consumed);
      assertEquals(
        parser.header,
        length === undefined
          ? { kind: "not_found" }
          : { kind: "found", length },
      );
    }
  }
});

Deno.test("ResponseHeaderParser reads what postcard reads: longer varints too", () => {
  const parser = new ResponseHeaderParser();
  assertEquals(parser.push(fromHex("00818000")), 4);
  assertEquals(parser.header, { kind: "found", length: 1 });
  parser.reset();
  parser.push(Uint8Array.of(2));
  assertEquals(parser.header, { kind: "failed" });
});

Deno.test("ResponseHeaderParser refuses what is no header", () => {
  const refused = [
    "03",
    "ff",
    "00ffffffffffffffffffff01",
    // 2^53
    "008080808080808010",
    "0080808080808080808080",
  ];
  for (const hex of refused) {
    const parser = new ResponseHeaderParser();
    assertThrows(() => parser.push(fromHex(hex)), ProtocolError);
  }
});
