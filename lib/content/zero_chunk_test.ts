import { assertEquals } from "@std/assert";
import { CHUNK_SIZE } from "../limits.ts";
import { blake3 } from "./hash.ts";
import { isZeroChunk } from "./zero_chunk.ts";

Deno.test("isZeroChunk knows a whole chunk of zeros, and no other", () => {
  const bytes = new Uint8Array(CHUNK_SIZE);
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE), true);
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE - 1), false);
  bytes[CHUNK_SIZE - 1] = 1;
  assertEquals(isZeroChunk(blake3(bytes), CHUNK_SIZE), false);
});
