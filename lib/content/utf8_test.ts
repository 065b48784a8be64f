import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  describeUtf8Fault,
  sortByUtf8,
} from "./utf8.ts";
import { anyText } from "./testing/arbitraries.ts";

const utf8 = new TextEncoder();

Deno.test("decodeUtf8 reads any well-formed text, U+FEFF in front included", () => {
  assertEquals(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  fc.assert(fc.property(anyText(120), (text) => {
    assertEquals(decodeUtf8(utf8.encode(text)), text);
  }));
});

Deno.test("decodeUtf8 refuses surrogates, overlong forms and cut sequences", () => {
  for (
    const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [
      0xf4,
      0x90,
      0x80,
      0x80,
    ]]
  ) {
    assertEquals(decodeUtf8(new Uint8Array(bytes)), undefined);
    const long = new Uint8Array(100).fill(0x61);
    long.set(bytes, 100 - bytes.length);
    assertEquals(decodeUtf8(long), undefined);
  }
});

Deno.test("decodeUtf8Lossy makes one U+FFFD of each maximal ill-formed part", () => {
  const bytes = new Uint8Array([
    0x61,
    0xe2,
    0x82,
    0xff,
    0xf0,
    0x9f,
    0x92,
    0x62,
  ]);
  assertEquals(decodeUtf8Lossy(bytes), "a\ufffd\ufffd\ufffdb");
  assertEquals(
    decodeUtf8Lossy(new Uint8Array([0xed, 0xa0, 0x80])),
    "\ufffd\ufffd\ufffd",
  );
  assertEquals(decodeUtf8Lossy(new Uint8Array([0xef, 0xbb, 0xbf])), "\ufeff");
});

Deno.test("describeUtf8Fault says what Rust says", () => {
  const cases: [number[], string][] = [
    [[0xff], "invalid utf-8 sequence of 1 bytes from index 0"],
    [[0x61, 0x80], "invalid utf-8 sequence of 1 bytes from index 1"],
    [[0xc0, 0x80], "invalid utf-8 sequence of 1 bytes from index 0"],
    [[0xed, 0xa0, 0x80], "invalid utf-8 sequence of 1 bytes from index 0"],
    [[0xe2, 0x82, 0x61], "invalid utf-8 sequence of 2 bytes from index 0"],
    [
      [0xf0, 0x9f, 0x92, 0x61],
      "invalid utf-8 sequence of 3 bytes from index 0",
    ],
    [[0x61, 0xe2, 0x82], "incomplete utf-8 byte sequence from index 1"],
    [[0xc3], "incomplete utf-8 byte sequence from index 0"],
  ];
  for (const [bytes, text] of cases) {
    assertEquals(describeUtf8Fault(new Uint8Array(bytes)), text);
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
  const lead = fc.constantFrom(
    0x61,
    0xc2,
    0xe0,
    0xe2,
    0xed,
    0xef,
    0xf0,
    0xf3,
    0xf4,
  );
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
    "",
    "a",
    "a-b",
    "a.txt",
    "a/x",
    "a0",
    "é",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\u{10000}",
    "😀",
    "\u{10fffe}",
    "\u{10ffff}",
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
