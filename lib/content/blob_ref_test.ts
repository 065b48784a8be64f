import { assertEquals, assertThrows } from "@std/assert";
import { RefError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import {
  blobRefSize,
  type ChunkRef,
  makeManifest,
  makeSmall,
  makeTree,
  REPLICATED,
} from "./blob_ref.ts";

const hash = new Uint8Array(32).fill(0xaa);

function chunks(...sizes: number[]): ChunkRef[] {
  return sizes.map((size) => ({ hash, size }));
}

Deno.test("makeSmall checks no size, as the reference", () => {
  assertEquals(makeSmall("", hash, 2n ** 64n - 1n).size, 2n ** 64n - 1n);
  assertEquals(makeSmall("", hash, 7).size, 7n);
});

Deno.test("makeManifest adds up its chunks", () => {
  const ref = makeManifest("", REPLICATED, chunks(CHUNK_SIZE, CHUNK_SIZE, 9));
  assertEquals(ref.totalSize, 8_388_617n);
  assertEquals(blobRefSize(ref), 8_388_617n);
});

Deno.test("makeManifest refuses lists that decodeBlobRef refuses", () => {
  for (
    const [list, text] of [
      [[], "at least one chunk"],
      [chunks(5, 5), "non-last chunk 0 has size 5"],
      [Array(4097).fill(chunks(CHUNK_SIZE)[0]), "total_size 17184063488"],
    ] as const
  ) {
    const make = () => makeManifest("", REPLICATED, [...list]);
    assertThrows(make, RefError, text);
  }
});

Deno.test("makeTree checks size and depth by themselves, not against each other", () => {
  for (
    const [size, depth, text] of [
      [0n, 1, "total_size must be > 0"],
      [(1n << 57n) + 1n, 1, "exceeds cap 144115188075855872"],
      [1n, 0, "tree depth 0 out of range 1..=4"],
      [1n, 5, "tree depth 5 out of range 1..=4"],
    ] as const
  ) {
    const make = () => makeTree("", REPLICATED, hash, size, depth);
    assertThrows(make, RefError, text);
  }
  assertEquals(makeTree("", REPLICATED, hash, 1n, 4).depth, 4);
});

Deno.test("references are made of 32-byte hashes only", () => {
  const short = hash.subarray(1);
  assertThrows(() => makeSmall("", short, 0), RangeError, "31 bytes");
  assertThrows(
    () => makeManifest("", REPLICATED, [{ hash: short, size: 1 }]),
    RangeError,
  );
  assertThrows(() => makeTree("", REPLICATED, short, 1n, 1), RangeError);
});
