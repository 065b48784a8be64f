import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RefError } from "../errors.ts";
import { CHUNK_SIZE, REF_ENCODED_MAX } from "../limits.ts";
import {
  blobRefSize,
  encodeBlobRef,
  makeSmall,
  type ManifestRef,
  type TreeRef,
} from "./blob_ref.ts";
import { decodeBlobRef } from "./decode_blob_ref.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { PostcardWriter } from "./postcard.ts";
import { anyBlobRef, mutated } from "./testing/arbitraries.ts";

/** 4 MiB + 1 of byte 0x42, as `send-blob` prints it. */
const TWO_CHUNKS = "b0b1b2b302010f6d6573683a2f2f7472616e736665720002" +
  "d839dbd6753bf60543d2ffbb29c98f08d7f1c6148931918b11839104ae1ae52080808002" +
  "9f9524ca18c0cc03aef1a0b84faed9375e5d19575e9328e65fea72991f0f58cf01" +
  "81808002";
const HELLO =
  "b0b1b2b3018e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99" +
  "06000000000000006d6573683a2f2f7472616e73666572";
const REED_SOLOMON =
  "b0b1b2b30201096d6573683a2f2f727301040201aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa80088008";
const TREE =
  "b0b1b2b303010b6d6573683a2f2f6361666500abababababababababababababababababababababababababababababababab808080800401";

const hash = new Uint8Array(32).fill(7);

type Refusal = [frame: Uint8Array | string, message: string];

/** Each frame, or its hex, is refused with this message. */
function refuses(...cases: Refusal[]): void {
  for (const [frame, message] of cases) {
    const bytes = typeof frame === "string" ? fromHex(frame) : frame;
    const error = assertThrows(() => decodeBlobRef(bytes), RefError);
    const start = message.startsWith("blob ref version ")
      ? ""
      : "blob ref decode failed: ";
    assertEquals(error.message, start + message);
  }
}

/** The beginning of a Manifest or a Tree. */
function frame(version: number, bodyVersion: number, uri = ""): PostcardWriter {
  const writer = new PostcardWriter();
  writer.bytes(fromHex("b0b1b2b3"));
  writer.u8(version);
  writer.u8(bodyVersion);
  writer.string(uri);
  writer.u32(0);
  return writer;
}

/** A Manifest of its parts, valid or not. */
function manifestFrame(
  sizes: number[],
  total = sizes.reduce((sum, size) => sum + size, 0),
  bodyVersion = 1,
): Uint8Array {
  const writer = frame(2, bodyVersion);
  writer.u64(sizes.length);
  for (const size of sizes) {
    writer.bytes(hash);
    writer.u32(size);
  }
  writer.u64(total);
  return writer.finish();
}

function treeFrame(
  { bodyVersion = 1, uri = "", total = 1n, depth = 1 },
): Uint8Array {
  const writer = frame(3, bodyVersion, uri);
  writer.bytes(hash);
  writer.u64(total);
  writer.u8(depth);
  return writer.finish();
}

Deno.test("decodeBlobRef and encodeBlobRef agree on the known references", () => {
  for (const hex of [HELLO, TWO_CHUNKS, REED_SOLOMON, TREE]) {
    assertEquals(toHex(encodeBlobRef(decodeBlobRef(fromHex(hex))!)), hex);
  }
});

Deno.test("decodeBlobRef reads every field", () => {
  assertEquals(
    decodeBlobRef(fromHex(HELLO)),
    makeSmall("mesh://transfer", fromHex(HELLO.slice(10, 74)), 6n),
  );
  const manifest = decodeBlobRef(fromHex(TWO_CHUNKS)) as ManifestRef;
  assertEquals(manifest.uri, "mesh://transfer");
  assertEquals(manifest.encoding, { kind: "replicated" });
  assertEquals(manifest.chunks.map((chunk) => chunk.size), [CHUNK_SIZE, 1]);
  assertEquals(manifest.totalSize, 4_194_305n);
  const striped = decodeBlobRef(fromHex(REED_SOLOMON)) as ManifestRef;
  assertEquals(striped.encoding, { kind: "reed_solomon", k: 4, m: 2 });
  const tree = decodeBlobRef(fromHex(TREE)) as TreeRef;
  assertEquals(tree.rootHash, new Uint8Array(32).fill(0xab));
  assertEquals([tree.totalSize, tree.depth], [1n << 30n, 1]);
});

Deno.test("decodeBlobRef gives back any reference, from any place in memory", () => {
  fc.assert(fc.property(anyBlobRef(), fc.nat(9), (ref, offset) => {
    const frame = encodeBlobRef(ref);
    const memory = new Uint8Array(frame.length + offset);
    memory.set(frame, offset);
    assertEquals(decodeBlobRef(memory.subarray(offset)), ref);
  }));
});

Deno.test("decodeBlobRef keeps nothing of its input", () => {
  for (const hex of [HELLO, TWO_CHUNKS, TREE]) {
    const frame = fromHex(hex);
    const ref = decodeBlobRef(frame);
    frame.fill(0);
    assertEquals(ref, decodeBlobRef(fromHex(hex)));
  }
});

Deno.test("decodeBlobRef says of other bytes that they are no reference", () => {
  for (const hex of ["", "b0b1b2", "b0b1b2b4", "00b1b2b301", "0100"]) {
    assertEquals(decodeBlobRef(fromHex(hex)), undefined);
  }
});

Deno.test("decodeBlobRef refuses a frame that ends before its version, or has none it knows", () => {
  refuses(
    ["b0b1b2b3", "frame too short for version byte: 4 bytes"],
    ["b0b1b2b300", "blob ref version 0 not supported"],
    ["b0b1b2b304ffff", "blob ref version 4 not supported"],
  );
});

Deno.test("decodeBlobRef refuses a broken Small, and judges its size before its URI", () => {
  const small = (size: bigint) =>
    toHex(encodeBlobRef(makeSmall("", hash, size)));
  refuses(
    [
      HELLO.slice(0, 2 * 44),
      "small frame too short: 39 bytes after version, need at least 40",
    ],
    [
      small(17_179_869_185n),
      "blob size 17179869185 exceeds cap 17179869184",
    ],
    [
      HELLO + "ff",
      "URI not UTF-8: invalid utf-8 sequence of 1 bytes from index 15",
    ],
    [
      small(2n ** 64n - 1n) + "ff",
      "blob size 18446744073709551615 exceeds cap 17179869184",
    ],
  );
});

Deno.test("decodeBlobRef takes a Small of 16 GiB, an empty URI and a U+FEFF", () => {
  const largest = makeSmall("", hash, 17_179_869_184n);
  assertEquals(decodeBlobRef(encodeBlobRef(largest)), largest);
  const marked = makeSmall("\ufeffx", hash, 0n);
  assertEquals(decodeBlobRef(encodeBlobRef(marked)), marked);
});

Deno.test("decodeBlobRef is as lenient as postcard", () => {
  const expected = decodeBlobRef(fromHex(TWO_CHUNKS));
  assertEquals(decodeBlobRef(fromHex(TWO_CHUNKS + "de")), expected);
  // The length of the URI as two bytes, the second one without value.
  const overlong = TWO_CHUNKS.replace("02010f6d", "02018f006d");
  assertEquals(decodeBlobRef(fromHex(overlong)), expected);
  assertEquals(
    decodeBlobRef(fromHex(TREE + "00")),
    decodeBlobRef(fromHex(TREE)),
  );
});

Deno.test("decodeBlobRef reads a body of exactly the most bytes it may have", () => {
  for (const [hex, most] of [[TWO_CHUNKS, 417_824], [TREE, 1024]] as const) {
    const longest = fromHex(hex.padEnd(2 * (5 + most), "0"));
    assertEquals(decodeBlobRef(longest), decodeBlobRef(fromHex(hex)));
  }
});

Deno.test("decodeBlobRef refuses a Manifest for the first rule it breaks", () => {
  const end = "manifest body decode failed: " +
    "Hit the end of buffer, expected more data";
  refuses(
    [
      "b0b1b2b302" + "00".repeat(417_825),
      "manifest body 417825 bytes exceeds legitimate upper bound 417824",
    ],
    ["b0b1b2b302", end],
    [
      "b0b1b2b3020101ff",
      "manifest body decode failed: Tried to parse invalid utf-8",
    ],
    [
      "b0b1b2b302010002",
      "manifest body decode failed: Serde Deserialization Error",
    ],
    [
      "b0b1b2b30201ffffffffffffffffff02",
      "manifest body decode failed: Found a varint that didn't terminate. " +
      "Is the usize too big for this platform?",
    ],
    // 2^63 chunks declared, none there: nothing is allocated.
    ["b0b1b2b302010000ffffffffffffffff7f", end],
    // A wrong body version counts only when the whole body could be read.
    ["b0b1b2b30202", end],
    [manifestFrame([], 0, 2), "blob ref version 2 not supported"],
    [manifestFrame([]), "manifest must carry at least one chunk"],
    [
      manifestFrame(Array(8193).fill(1)),
      "manifest chunk count 8193 exceeds cap 8192",
    ],
    [
      manifestFrame([CHUNK_SIZE, 9, 9]),
      "manifest non-last chunk 1 has size 9 (expected 4194304)",
    ],
    [
      manifestFrame([CHUNK_SIZE, 0]),
      "manifest last chunk 1 has size 0 (expected 1..=4194304)",
    ],
    [
      manifestFrame([CHUNK_SIZE + 1]),
      "manifest last chunk 0 has size 4194305 (expected 1..=4194304)",
    ],
    [
      manifestFrame([5], 6),
      "manifest total_size mismatch: declared 6, iterated 5",
    ],
    [
      manifestFrame(Array(4097).fill(CHUNK_SIZE)),
      "manifest total_size 17184063488 exceeds cap 17179869184",
    ],
  );
});

Deno.test("decodeBlobRef takes a Manifest of one short chunk and one of 16 GiB", () => {
  const sizeOf = (sizes: number[]) =>
    blobRefSize(decodeBlobRef(manifestFrame(sizes))!);
  assertEquals(sizeOf([1]), 1n);
  assertEquals(sizeOf(Array(4096).fill(CHUNK_SIZE)), 17_179_869_184n);
});

Deno.test("decodeBlobRef refuses a Tree for the first rule it breaks", () => {
  refuses(
    [
      treeFrame({ uri: "u".repeat(1000) }),
      "tree body 1038 bytes exceeds cap 1024",
    ],
    [
      "b0b1b2b30301",
      "tree body decode failed: Hit the end of buffer, expected more data",
    ],
    [
      treeFrame({ bodyVersion: 9, total: 0n }),
      "blob ref version 9 not supported",
    ],
    [
      treeFrame({ total: 0n, depth: 9 }),
      "tree total_size must be > 0; empty payloads use BlobRef::Small",
    ],
    [
      treeFrame({ total: (1n << 57n) + 1n, depth: 9 }),
      "tree total_size 144115188075855873 exceeds cap 144115188075855872",
    ],
    [treeFrame({ depth: 0 }), "tree depth 0 out of range 1..=4"],
    [treeFrame({ depth: 5 }), "tree depth 5 out of range 1..=4"],
    [
      treeFrame({ total: 16_383n, depth: 3 }),
      "tree depth 3 requires total_size >= 16384 (TREE_FANOUT^(depth-1)); got 16383",
    ],
  );
  assert(decodeBlobRef(treeFrame({ total: 16_384n, depth: 3 })) !== undefined);
});

Deno.test("decodeBlobRef throws nothing but RefError, whatever the bytes", () => {
  const framed = fc.tuple(fc.constantFrom(1, 2, 3), fc.uint8Array()).map((
    [version, body],
  ) => new Uint8Array([0xb0, 0xb1, 0xb2, 0xb3, version, ...body]));
  const bytes = fc.oneof(
    fc.uint8Array(),
    framed,
    mutated(anyBlobRef(), encodeBlobRef),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      let ref;
      try {
        ref = decodeBlobRef(bytes);
      } catch (error) {
        if (error instanceof RefError) return;
        throw error;
      }
      // What was accepted has one shortest form, which says the same.
      if (ref !== undefined) {
        assertEquals(decodeBlobRef(encodeBlobRef(ref)), ref);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a Small reference may be as long as the bound and no longer, whatever its URI holds", () => {
  const longest = new Uint8Array(REF_ENCODED_MAX).fill(0x61);
  longest.set(fromHex(HELLO).subarray(0, 45));
  assertEquals(decodeBlobRef(longest)?.kind, "small");
  for (const last of [0x61, 0xff]) {
    const long = new Uint8Array(REF_ENCODED_MAX + 1).fill(last);
    long.set(longest);
    const error = assertThrows(() => decodeBlobRef(long), RefError);
    assert(error.message.includes(`${REF_ENCODED_MAX + 1} bytes`));
  }
});
