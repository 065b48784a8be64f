import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  describeUtf8Fault,
  sortByUtf8,
} from "./utf8.ts";
import { fromHex } from "../text/hex.ts";
import { anyText } from "./testing/arbitraries.ts";

const utf8 = new TextEncoder();

Deno.test("decodeUtf8 reads any well-formed text, U+FEFF in front included", () => {
  assertEquals(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  fc.assert(fc.property(anyText(120), (text) => {
    assertEquals(decodeUtf8(utf8.encode(text)), text);
  }));
});

Deno.test("decodeUtf8 refuses surrogates, overlong forms and cut sequences", () => {
  for (const hex of ["ff", "c080", "eda080", "e282", "f4908080"]) {
    assertEquals(decodeUtf8(fromHex(hex)), undefined);
    assertEquals(decodeUtf8(fromHex("61".repeat(100) + hex)), undefined);
  }
});

Deno.test("decodeUtf8Lossy makes one U+FFFD of each maximal ill-formed part", () => {
  for (
    const [hex, text] of [
      ["61e282fff09f9262", "a\ufffd\ufffd\ufffdb"],
      ["eda080", "\ufffd\ufffd\ufffd"],
      ["efbbbf", "\ufeff"],
    ]
  ) assertEquals(decodeUtf8Lossy(fromHex(hex)), text);
});

Deno.test("describeUtf8Fault says what Rust says", () => {
  for (
    const [hex, length, index] of [
      ["ff", 1, 0],
      ["6180", 1, 1],
      ["c080", 1, 0],
      ["eda080", 1, 0],
      ["e28261", 2, 0],
      ["f09f9261", 3, 0],
    ] as const
  ) {
    assertEquals(
      describeUtf8Fault(fromHex(hex)),
      `invalid utf-8 sequence of ${length} bytes from index ${index}`,
    );
  }
  for (const [hex, index] of [["61e282", 1], ["c3", 0]] as const) {
    assertEquals(
      describeUtf8Fault(fromHex(hex)),
      `incomplete utf-8 byte sequence from index ${index}`,
    );
  }
});

Deno.test("describeUtf8Fault passes over the first and the last character of every length", () => {
  const edges = "\0\x7f\x80\u07ff\u0800\u0fff\u1000\ud7ff\ue000\uffff" +
    "\u{10000}\u{3ffff}\u{40000}\u{fffff}\u{100000}\u{10ffff}";
  for (const character of edges) {
    const bytes = utf8.encode(character);
    assertEquals(
      describeUtf8Fault(Uint8Array.of(...bytes, 0xff)),
      `invalid utf-8 sequence of 1 bytes from index ${bytes.length}`,
    );
  }
});

Deno.test("describeUtf8Fault finds a fault exactly where decodeUtf8 does", () => {
  const lead = fc.constantFrom(...fromHex("61c2e0e2edeff0f3f4"));
  const next = fc.constantFrom(0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(lead, next, fc.nat(255)), { maxLength: 8 }),
      (bytes) => {
        const input = new Uint8Array(bytes);
        assertEquals(
          describeUtf8Fault(input) === "well-formed utf-8",
          decodeUtf8(input) !== undefined,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("compareUtf8 orders by the bytes of the UTF-8", () => {
  const sorted = [
    ...["", "a", "a-b", "a.txt", "a/x", "a0", "é", "\ud7ff", "\ue000"],
    ...["\uffff", "\u{10000}", "😀", "\u{10fffe}", "\u{10ffff}"],
  ];
  assertEquals([...sorted].reverse().sort(compareUtf8), sorted);
  fc.assert(fc.property(anyText(6), anyText(6), (a, b) => {
    const [x, y] = [utf8.encode(a), utf8.encode(b)];
    const at = x.findIndex((byte, i) => byte !== y[i]);
    const expected = at < 0 ? x.length - y.length : x[at] - (y[at] ?? -1);
    assertEquals(Math.sign(compareUtf8(a, b)), Math.sign(expected));
  }));
});

Deno.test("sortByUtf8 sorts like compareUtf8 and keeps equal items in order", () => {
  const items = fc.array(
    fc.tuple(fc.oneof(anyText(4), fc.string({ maxLength: 4 })), fc.nat()),
  );
  fc.assert(fc.property(items, (items) => {
    const expected = [...items].sort(([a], [b]) => compareUtf8(a, b));
    assertEquals(sortByUtf8(items, ([text]) => text), expected);
  }));
});
