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

Deno.test("ChunkIndex agrees with a map after growing, also where hashes begin alike", () => {
  const place = fc.record({
    hash: fc.nat(2000),
    file: fc.nat(0xffff_ffff),
    offset: fc.nat(Number.MAX_SAFE_INTEGER),
    length: fc.nat(4 << 20),
  });
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1200, maxLength: 2000 }),
      (places) => {
        const index = new ChunkIndex();
        const map = new Map<number, ChunkLocation[]>();
        for (const { hash, ...location } of places) {
          index.add(hashOf(hash), location);
          map.set(hash, [...map.get(hash) ?? [], location]);
        }
        assertEquals(index.length, places.length);
        for (let hash = 0; hash <= 2001; hash += 3) {
          const expected = map.get(hash) ?? [];
          assertEquals(index.has(hashOf(hash)), expected.length > 0);
          const found = [...index.find(hashOf(hash))];
          assertEquals(new Set(found), new Set(expected));
          assertEquals(found.length, expected.length);
        }
      },
    ),
    { numRuns: 10 },
  );
});
