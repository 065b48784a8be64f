import { fromHex, toHex } from "../text/hex.ts";
import { assertEquals } from "@std/assert";
import {
  decodePointer,
  decodeRecords,
  encodePointer,
  encodeRecord,
  encodeTimestamp,
  generationName,
  parseGenerationName,
  RecordChecksum,
} from "./store_record.ts";

const checksum = await RecordChecksum.load();

Deno.test("RecordChecksum is the low half of XXH3-64 at every length class", () => {
  const cases: [number, string][] = [
    [0, "2d06800538d394c2"],
    [1, "c44bdff4074eecdb"],
    [3, "3698b80191e625f9"],
    [8, "60e1baa91347a1f2"],
    [16, "8626370b70d8ac70"],
    [17, "aa7a5f479409a664"],
    [128, "040e97756280237a"],
    [129, "f0f4dc98ce461dfd"],
    [240, "8acecb90be72b9c3"],
    [241, "82d3ebf50a3e9c42"],
    [1025, "9babf50235cea0a0"],
    [65536, "1fbf280810208f17"],
  ];
  for (const [length, hex] of cases) {
    const input = Uint8Array.from({ length }, (_, i) => (31 * i) % 251);
    assertEquals(checksum.low32(input), parseInt(hex.slice(8), 16));
    assertEquals(checksum.low28(input), parseInt(hex.slice(9), 16));
  }
});

Deno.test("encodePointer gives the bytes of generations 1 and 2", () => {
  const first = "5245444d01010000000000003ee1c150";
  const second = "5245444d01020000000000007e225a93";
  assertEquals(toHex(encodePointer(1, checksum)), first);
  assertEquals(toHex(encodePointer(2, checksum)), second);
  assertEquals(decodePointer(fromHex(first), checksum), 1);
  assertEquals(decodePointer(fromHex(`${second}ffff`), checksum), 2);
});

Deno.test("decodePointer refuses every changed bit, a short file and generation 0", () => {
  const good = encodePointer(1, checksum);
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bad = good.slice();
    bad[bit >> 3] ^= 1 << (bit & 7);
    assertEquals(decodePointer(bad, checksum), undefined, `bit ${bit}`);
  }
  for (let length = 0; length < good.length; length++) {
    assertEquals(decodePointer(good.subarray(0, length), checksum), undefined);
  }
  assertEquals(decodePointer(encodePointer(0, checksum), checksum), undefined);
});

Deno.test("encodeRecord gives the record of the six bytes hello and line feed", () => {
  const payload = new TextEncoder().encode("hello\n");
  const sum = checksum.low28(payload);
  const record = { seq: 0n, offset: 0, length: 6, sum };
  const hex = "000000000000000000000000060000002a46a20b";
  assertEquals(toHex(encodeRecord(record)), hex);
  assertEquals(decodeRecords(fromHex(hex)), [record]);
});

Deno.test("decodeRecords leaves out partial and inline records and ignores the other flags", () => {
  const heap = { seq: 1n, offset: 2, length: 3, sum: 4 };
  const inline = encodeRecord(heap);
  inline[19] |= 0x80;
  const flagged = encodeRecord(heap);
  flagged[19] |= 0x60;
  const bytes = new Uint8Array([...inline, ...flagged, ...inline.slice(0, 19)]);
  assertEquals(decodeRecords(bytes), [heap]);
});

Deno.test("encodeTimestamp counts nanoseconds", () => {
  assertEquals(toHex(encodeTimestamp(1.5)), "40420f0000000000");
});

Deno.test("parseGenerationName takes what generationName gives and nothing else", () => {
  assertEquals(generationName(1), "v0000000001");
  assertEquals(parseGenerationName("v0000000001"), 1);
  assertEquals(parseGenerationName("v4294967295"), 4294967295);
  for (
    const name of ["v1", "v0000000000", "v4294967296", "V0000000001", "idx"]
  ) assertEquals(parseGenerationName(name), undefined);
});
