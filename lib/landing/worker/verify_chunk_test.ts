import { assertThrows } from "@std/assert";
import { blake3 } from "../../content/hash.ts";
import { HashMismatchError, IoError } from "../../errors.ts";
import { CHUNK_MAX } from "../../limits.ts";
import { verifyChunk } from "./verify_chunk.ts";

Deno.test("a chunk is what its whole hash says", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const hash = blake3(bytes);
  verifyChunk(bytes, hash);
  for (let i = 0; i < hash.length; i++) {
    const other = hash.slice();
    other[i] ^= 1;
    assertThrows(() => verifyChunk(bytes, other), HashMismatchError);
  }
  assertThrows(
    () => verifyChunk(bytes, hash.subarray(0, 31)),
    HashMismatchError,
  );
});

Deno.test("a chunk longer than any is refused, whatever its hash", () => {
  const bytes = new Uint8Array(CHUNK_MAX + 1);
  const longest = bytes.subarray(0, CHUNK_MAX);
  verifyChunk(longest, blake3(longest));
  assertThrows(() => verifyChunk(bytes, blake3(bytes)), IoError, "longer");
});
