import { assertEquals } from "@std/assert";
import { ChunkIndex } from "./chunk_index.ts";

function hashOf(n: number): Uint8Array {
  const hash = new Uint8Array(32);
  // Only 64 different beginnings: most entries collide.
  new DataView(hash.buffer).setUint32(0, n % 64, true);
  new DataView(hash.buffer).setUint32(28, n, true);
  return hash;
}

Deno.test("ChunkIndex finds every chunk after growing, also where hashes begin alike", () => {
  const index = new ChunkIndex();
  for (let n = 0; n < 3000; n++) {
    index.add(hashOf(n), { file: n, offset: n * 2 ** 33, length: n });
  }
  assertEquals(index.length, 3000);
  for (let n = 0; n < 3000; n++) {
    const expected = { file: n, offset: n * 2 ** 33, length: n };
    assertEquals([...index.find(hashOf(n))], [expected]);
  }
  assertEquals(index.has(hashOf(3000)), false);
  assertEquals([...index.find(hashOf(3000))], []);
});

Deno.test("ChunkIndex keeps every place of a chunk", () => {
  const index = new ChunkIndex();
  for (let file = 0; file < 1000; file++) {
    index.add(hashOf(7), { file, offset: 0, length: 0 });
  }
  const files = [...index.find(hashOf(7))].map((place) => place.file);
  assertEquals(
    files.sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, n) => n),
  );
});
