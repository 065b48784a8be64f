import { assertEquals } from "@std/assert";
import { CHUNK_SIZE } from "../limits.ts";
import { blake3 } from "./hash.ts";
import { hashChunk, isZeroChunk } from "./zero_chunk.ts";

Deno.test("isZeroChunk knows a whole chunk of zeros, and no other", () => {
  const bytes = new Uint8Array(CHUNK_SIZE);
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE), true);
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE - 1), false);
  bytes[CHUNK_SIZE - 1] = 1;
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE), false);
});

Deno.test("hashChunk gives the hash of every chunk, zeros or not", () => {
  for (const length of [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1]) {
    const bytes = new Uint8Array(length);
    assertEquals(hashChunk(bytes), blake3(bytes), `${length} zeros`);
    for (const at of [0, length >> 1, length - 1]) {
      if (length === 0) continue;
      bytes[at] = 1;
      assertEquals(hashChunk(bytes), blake3(bytes), `${length}, not at ${at}`);
      bytes[at] = 0;
    }
  }
});
