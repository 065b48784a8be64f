import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PostcardError, PostcardReader, PostcardWriter } from "./postcard.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { anyText } from "./testing/arbitraries.ts";

const END = "Hit the end of buffer, expected more data";
const BAD_VARINT =
  "Found a varint that didn't terminate. Is the usize too big for this platform?";

function read<T>(hex: string, take: (reader: PostcardReader) => T): T {
  return take(new PostcardReader(fromHex(hex)));
}

/** Reading each of these fails. */
function refuses(
  message: string,
  ...cases: [hex: string, take: (reader: PostcardReader) => unknown][]
): void {
  for (const [hex, take] of cases) {
    assertThrows(() => read(hex, take), PostcardError, message);
  }
}

function written(put: (writer: PostcardWriter) => void): string {
  const writer = new PostcardWriter(1);
  put(writer);
  return toHex(writer.finish());
}

Deno.test("PostcardReader reads what PostcardWriter writes", () => {
  const value = fc.oneof(
    fc.tuple(fc.constant("u8" as const), fc.nat(255)),
    fc.tuple(fc.constant("u32" as const), fc.nat(0xffff_ffff)),
    fc.tuple(
      fc.constant("u64" as const),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
    fc.tuple(
      fc.constant("byteVec" as const),
      fc.uint8Array({ maxLength: 200 }),
    ),
    fc.tuple(fc.constant("string" as const), anyText(200)),
  );
  fc.assert(fc.property(fc.array(value), (values) => {
    const writer = new PostcardWriter();
    for (const [type, content] of values) {
      if (type === "u8") writer.u8(content);
      else if (type === "u32") writer.u32(content);
      else if (type === "u64") writer.u64(content);
      else if (type === "byteVec") writer.byteVec(content);
      else writer.string(content);
    }
    const reader = new PostcardReader(writer.finish());
    for (const [type, content] of values) assertEquals(reader[type](), content);
    assertEquals(reader.remaining, 0);
  }));
});

Deno.test("PostcardWriter writes the shortest varint", () => {
  for (
    const [value, hex] of [
      [0, "00"],
      [127, "7f"],
      [300, "ac02"],
      [4_194_304, "80808002"],
    ] as const
  ) assertEquals(written((w) => w.u32(value)), hex);
  const most = "ff".repeat(9) + "01";
  assertEquals(written((w) => w.u64(2n ** 64n - 1n)), most);
  assertEquals(
    written((w) => w.u64(Number.MAX_SAFE_INTEGER)),
    written((w) => w.u64(BigInt(Number.MAX_SAFE_INTEGER))),
  );
});

Deno.test("PostcardWriter refuses numbers outside their type", () => {
  for (const bad of [-1, 256, 1.5, NaN]) {
    assertThrows(() => written((w) => w.u8(bad)), RangeError);
  }
  assertThrows(() => written((w) => w.u32(2 ** 32)), RangeError);
  assertThrows(() => written((w) => w.u64(2 ** 53)), RangeError);
  assertThrows(() => written((w) => w.u64(-1n)), RangeError);
  assertThrows(() => written((w) => w.u64(2n ** 64n)), RangeError);
});

const LONG = "80".repeat(8);

Deno.test("PostcardReader takes over-long varints up to the longest form", () => {
  assertEquals(read("8100", (r) => r.u32()), 1);
  assertEquals(read("8180808000", (r) => r.u32()), 1);
  assertEquals(read("ffffffff0f", (r) => r.u32()), 0xffff_ffff);
  assertEquals(read(`81${LONG}00`, (r) => r.u64()), 1n);
  assertEquals(read(`81${LONG}00`, (r) => r.count()), 1);
  const most = "ff".repeat(9) + "01";
  assertEquals(read(most, (r) => r.u64()), 2n ** 64n - 1n);
  assertEquals(read(most, (r) => r.count()), Number.MAX_SAFE_INTEGER);
});

Deno.test("PostcardReader refuses varints beyond their type", () => {
  refuses(
    BAD_VARINT,
    ["8080808010", (r) => r.u32()],
    ["8080808080", (r) => r.u32()],
    [`80${LONG}02`, (r) => r.u64()],
    [`8080${LONG}`, (r) => r.u64()],
    ["ff".repeat(10), (r) => r.byteVec()],
    ["8080808080", (r) => r.variant(2)],
  );
});

Deno.test("PostcardReader reports the end of the input, and allocates for no length that it cannot have", () => {
  const most = "ff".repeat(9) + "01";
  refuses(
    END,
    ["", (r) => r.u8()],
    ["", (r) => r.u32()],
    ["80", (r) => r.u32()],
    ["8080", (r) => r.u64()],
    ["", (r) => r.count()],
    ["0102", (r) => r.bytes(3)],
    ["030102", (r) => r.byteVec()],
    ["0361", (r) => r.string()],
    [`${most}0102`, (r) => r.byteVec()],
    [`${most}0102`, (r) => r.string()],
    [`${most}0102`, (r) => r.length()],
    ["030102", (r) => r.length()],
  );
  assertEquals(read("020102", (r) => r.length()), 2);
});

Deno.test("PostcardReader refuses ill-formed strings and unknown variants", () => {
  refuses("Tried to parse invalid utf-8", ["01ff", (r) => r.string()]);
  refuses("Serde Deserialization Error", ["02", (r) => r.variant(2)]);
  assertEquals(read("01", (r) => r.variant(2)), 1);
});

Deno.test("PostcardReader starts at an offset and says where it is", () => {
  const reader = new PostcardReader(new Uint8Array([9, 9, 1, 0x61, 7]), 2);
  assertEquals(reader.string(), "a");
  assertEquals([reader.offset, reader.remaining], [4, 1]);
});

Deno.test("PostcardReader throws nothing but PostcardError on arbitrary bytes", () => {
  const step = fc.constantFrom(
    ...["u8", "u32", "u64", "length", "count", "byteVec", "string"] as const,
  );
  fc.assert(fc.property(fc.uint8Array(), fc.array(step), (bytes, steps) => {
    const reader = new PostcardReader(bytes);
    try {
      for (const name of steps) reader[name]();
    } catch (error) {
      if (!(error instanceof PostcardError)) throw error;
    }
  }));
});
