import { assertEquals, assertThrows } from "@std/assert";
import { RefError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import {
  blobRefSize,
  type ChunkRef,
  encodeBlobRef,
  makeManifest,
  makeSmall,
  makeTree,
  REPLICATED,
} from "./blob_ref.ts";
import { toHex } from "../text/hex.ts";

const hash = new Uint8Array(32).fill(0xaa);

function chunks(...sizes: number[]): ChunkRef[] {
  return sizes.map((size) => ({ hash, size }));
}

Deno.test("encodeBlobRef writes a Reed-Solomon Manifest", () => {
  const ref = makeManifest(
    "mesh://rs",
    { kind: "reed_solomon", k: 4, m: 2 },
    chunks(1024),
  );
  assertEquals(
    toHex(encodeBlobRef(ref)),
    "b0b1b2b30201096d6573683a2f2f727301040201aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa80088008",
  );
});

Deno.test("encodeBlobRef writes a Tree", () => {
  const ref = makeTree(
    "mesh://cafe",
    REPLICATED,
    new Uint8Array(32).fill(0xab),
    1n << 30n,
    1,
  );
  assertEquals(
    toHex(encodeBlobRef(ref)),
    "b0b1b2b303010b6d6573683a2f2f6361666500abababababababababababababababababababababababababababababababab808080800401",
  );
});

Deno.test("makeSmall checks no size, as the reference", () => {
  assertEquals(makeSmall("", hash, 2n ** 64n - 1n).size, 2n ** 64n - 1n);
  assertEquals(makeSmall("", hash, 7).size, 7n);
});

Deno.test("makeManifest adds up its chunks", () => {
  const ref = makeManifest("", REPLICATED, chunks(CHUNK_SIZE, CHUNK_SIZE, 9));
  assertEquals(ref.totalSize, 8_388_617n);
  assertEquals(blobRefSize(ref), 8_388_617n);
});

Deno.test("makeManifest refuses lists that are no Manifest", () => {
  const refuse = (list: ChunkRef[], text: string) =>
    assertThrows(() => makeManifest("", REPLICATED, list), RefError, text);
  refuse([], "manifest must carry at least one chunk");
  refuse(
    chunks(5, 5),
    "manifest non-last chunk 0 has size 5 (expected 4194304)",
  );
  refuse(chunks(0), "manifest last chunk 0 has size 0 (expected 1..=4194304)");
  refuse(
    chunks(CHUNK_SIZE, CHUNK_SIZE + 1),
    "manifest last chunk 1 has size 4194305 (expected 1..=4194304)",
  );
  refuse(
    Array(8193).fill({ hash, size: CHUNK_SIZE }),
    "manifest chunk count 8193 exceeds cap 8192",
  );
  refuse(
    Array(4097).fill({ hash, size: CHUNK_SIZE }),
    "manifest total_size 17184063488 exceeds cap 17179869184",
  );
});

Deno.test("makeTree checks size and depth by themselves, not against each other", () => {
  const refuse = (size: bigint, depth: number, text: string) =>
    assertThrows(
      () => makeTree("", REPLICATED, hash, size, depth),
      RefError,
      text,
    );
  refuse(
    0n,
    1,
    "tree total_size must be > 0; empty payloads use BlobRef::Small",
  );
  refuse(
    (1n << 57n) + 1n,
    1,
    "tree total_size 144115188075855873 exceeds cap 144115188075855872",
  );
  refuse(1n, 0, "tree depth 0 out of range 1..=4");
  refuse(1n, 5, "tree depth 5 out of range 1..=4");
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
