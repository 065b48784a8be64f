import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PostcardError, PostcardReader, PostcardWriter } from "./postcard.ts";
import { anyText } from "./testing/arbitraries.ts";

const END = "Hit the end of buffer, expected more data";
const BAD_VARINT =
  "Found a varint that didn't terminate. Is the usize too big for this platform?";

function read<T>(bytes: number[], take: (reader: PostcardReader) => T): T {
  return take(new PostcardReader(new Uint8Array(bytes)));
}

function written(put: (writer: PostcardWriter) => void): number[] {
  const writer = new PostcardWriter(1);
  put(writer);
  return [...writer.finish()];
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
  assertEquals(written((w) => w.u32(0)), [0]);
  assertEquals(written((w) => w.u32(127)), [0x7f]);
  assertEquals(written((w) => w.u32(300)), [0xac, 0x02]);
  assertEquals(written((w) => w.u32(4_194_304)), [0x80, 0x80, 0x80, 0x02]);
  assertEquals(written((w) => w.u64(2n ** 64n - 1n)), [
    ...Array(9).fill(0xff),
    1,
  ]);
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

Deno.test("PostcardReader takes over-long varints up to the longest form", () => {
  assertEquals(read([0x81, 0x00], (r) => r.u32()), 1);
  assertEquals(read([0x81, 0x80, 0x80, 0x80, 0x00], (r) => r.u32()), 1);
  assertEquals(
    read([0xff, 0xff, 0xff, 0xff, 0x0f], (r) => r.u32()),
    0xffff_ffff,
  );
  assertEquals(read([0x81, ...Array(8).fill(0x80), 0x00], (r) => r.u64()), 1n);
  assertEquals(read([0x81, ...Array(8).fill(0x80), 0x00], (r) => r.count()), 1);
  assertEquals(
    read([...Array(9).fill(0xff), 0x01], (r) => r.u64()),
    2n ** 64n - 1n,
  );
});

Deno.test("PostcardReader refuses varints beyond their type", () => {
  const bad = (bytes: number[], take: (r: PostcardReader) => unknown) =>
    assertThrows(() => read(bytes, take), PostcardError, BAD_VARINT);
  bad([0x80, 0x80, 0x80, 0x80, 0x10], (r) => r.u32());
  bad([0x80, 0x80, 0x80, 0x80, 0x80], (r) => r.u32());
  bad([...Array(9).fill(0x80), 0x02], (r) => r.u64());
  bad([...Array(10).fill(0x80)], (r) => r.u64());
  bad([...Array(10).fill(0xff)], (r) => r.byteVec());
  bad([0x80, 0x80, 0x80, 0x80, 0x80], (r) => r.variant(2));
});

Deno.test("PostcardReader reports the end of the input", () => {
  const end = (bytes: number[], take: (r: PostcardReader) => unknown) =>
    assertThrows(() => read(bytes, take), PostcardError, END);
  end([], (r) => r.u8());
  end([], (r) => r.u32());
  end([0x80], (r) => r.u32());
  end([0x80, 0x80], (r) => r.u64());
  end([], (r) => r.count());
  end([1, 2], (r) => r.bytes(3));
  end([3, 1, 2], (r) => r.byteVec());
  end([3, 0x61], (r) => r.string());
});

Deno.test("PostcardReader refuses a length that no input can hold, without allocating", () => {
  const most = [...Array(9).fill(0xff), 0x01];
  assertThrows(
    () => read([...most, 1, 2], (r) => r.byteVec()),
    PostcardError,
    END,
  );
  assertThrows(
    () => read([...most, 1, 2], (r) => r.string()),
    PostcardError,
    END,
  );
  assertThrows(
    () => read([...most, 1, 2], (r) => r.length()),
    PostcardError,
    END,
  );
  assertThrows(() => read([3, 1, 2], (r) => r.length()), PostcardError, END);
  assertEquals(read([2, 1, 2], (r) => r.length()), 2);
  assertEquals(read(most, (r) => r.count()), Number.MAX_SAFE_INTEGER);
});

Deno.test("PostcardReader refuses ill-formed strings and unknown variants", () => {
  assertThrows(
    () => read([1, 0xff], (r) => r.string()),
    PostcardError,
    "Tried to parse invalid utf-8",
  );
  assertThrows(
    () => read([2], (r) => r.variant(2)),
    PostcardError,
    "Serde Deserialization Error",
  );
  assertEquals(read([1], (r) => r.variant(2)), 1);
});

Deno.test("PostcardReader starts at an offset and says where it is", () => {
  const reader = new PostcardReader(new Uint8Array([9, 9, 1, 0x61, 7]), 2);
  assertEquals(reader.string(), "a");
  assertEquals([reader.offset, reader.remaining], [4, 1]);
});

Deno.test("PostcardReader throws nothing but PostcardError on arbitrary bytes", () => {
  const step = fc.constantFrom(
    "u8" as const,
    "u32" as const,
    "u64" as const,
    "length" as const,
    "count" as const,
    "byteVec" as const,
    "string" as const,
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
