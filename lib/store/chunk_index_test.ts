import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ChunkIndex, type ChunkLocation } from "./chunk_index.ts";

function hashOf(n: number): Uint8Array {
  const hash = new Uint8Array(32);
  // Only 1024 different beginnings: most entries collide.
  new DataView(hash.buffer).setUint32(0, n % 1024, true);
  new DataView(hash.buffer).setUint32(28, n, true);
  return hash;
}

Deno.test("ChunkIndex finds every chunk after growing, also where hashes begin alike", () => {
  const index = new ChunkIndex();
  for (let n = 0; n < 9000; n++) {
    index.add(hashOf(n), { file: n, offset: n * 2 ** 33, length: n, crc: n });
  }
  assertEquals(index.length, 9000);
  for (let n = 0; n < 9000; n++) {
    const expected = { file: n, offset: n * 2 ** 33, length: n, crc: n };
    assertEquals([...index.find(hashOf(n))], [expected]);
  }
  assertEquals(index.has(hashOf(9000)), false);
  assertEquals([...index.find(hashOf(9000))], []);
});

Deno.test("ChunkIndex keeps every place of a chunk", () => {
  const index = new ChunkIndex();
  for (let file = 0; file < 1000; file++) {
    index.add(hashOf(7), { file, offset: 0, length: 0, crc: 0 });
  }
  const files = [...index.find(hashOf(7))].map((place) => place.file);
  assertEquals(
    files.sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, n) => n),
  );
});

Deno.test("ChunkIndex agrees with a map", () => {
  const place = fc.record({
    hash: fc.nat(2000),
    file: fc.nat(0xffff_ffff),
    offset: fc.nat(Number.MAX_SAFE_INTEGER),
    length: fc.nat(4 << 20),
    crc: fc.nat(0xffff_ffff),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 2000 }), (places) => {
      const index = new ChunkIndex();
      const map = new Map<number, ChunkLocation[]>();
      for (const { hash, ...location } of places) {
        index.add(hashOf(hash), location);
        map.set(hash, [...map.get(hash) ?? [], location]);
      }
      for (let hash = 0; hash < 2000; hash += 7) {
        const expected = map.get(hash) ?? [];
        assertEquals(index.has(hashOf(hash)), expected.length > 0);
        const found = [...index.find(hashOf(hash))];
        assertEquals(new Set(found), new Set(expected));
        assertEquals(found.length, expected.length);
      }
    }),
    { numRuns: 20 },
  );
});
