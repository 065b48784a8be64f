import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ManifestError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";
import { REPLICATED } from "./blob_ref.ts";
import { blake3 } from "./hash.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { anyTreeNode, mutated } from "./testing/arbitraries.ts";
import {
  coveredBytes,
  decodeTreeNode,
  encodeTreeNode,
  type Stripe,
  type TreeChunk,
  type TreeNode,
} from "./tree_node.ts";

const hash = new Uint8Array(32).fill(9);
const LEAF =
  "01028e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a9906006437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d850300";

function data(size: number): TreeChunk {
  return { hash, size };
}

function parity(size: number, index: number): TreeChunk {
  return { hash, size, parity: index };
}

function leaf(...chunks: TreeChunk[]): TreeNode {
  return { kind: "leaf", chunks };
}

function internal(...sizes: bigint[]): TreeNode {
  return { kind: "internal", children: sizes.map((size) => ({ hash, size })) };
}

function erasureLeaf(...stripes: Stripe[]): TreeNode {
  return { kind: "erasure_leaf", stripes };
}

function stripe(k: number, m: number, ...chunks: TreeChunk[]): Stripe {
  return { encoding: { kind: "reed_solomon", k, m }, chunks };
}

function replicated(...chunks: TreeChunk[]): Stripe {
  return { encoding: REPLICATED, chunks };
}

/** Each node, or the hex of one, is refused with this message. */
function refuses(...cases: [node: TreeNode | string, message: string][]): void {
  for (const [node, message] of cases) {
    const error = assertThrows(
      () =>
        typeof node === "string"
          ? decodeTreeNode(fromHex(node))
          : encodeTreeNode(node),
      ManifestError,
    );
    assertEquals(error.message, `TreeNode ${message}`);
  }
}

Deno.test("encodeTreeNode writes a leaf, an internal node and an erasure leaf as the format has them", () => {
  const leaf = decodeTreeNode(fromHex(LEAF));
  assertEquals(leaf, {
    kind: "leaf",
    chunks: [
      { hash: blake3(new TextEncoder().encode("hello\n")), size: 6 },
      { hash: blake3(new TextEncoder().encode("abc")), size: 3 },
    ],
  });
  assertEquals(toHex(encodeTreeNode(leaf)), LEAF);
  const leafHash = blake3(fromHex(LEAF));
  assertEquals(
    toHex(leafHash),
    "963fc72ab7a35cf86803117700eb901e3cd6d06b7a2977819ed9201361525ee3",
  );
  const internal: TreeNode = {
    kind: "internal",
    children: [
      { hash: leafHash, size: 9n },
      { hash: new Uint8Array(32).fill(0x11), size: 300n },
    ],
  };
  assertEquals(
    toHex(encodeTreeNode(internal)),
    `0002${toHex(leafHash)}09${"11".repeat(32)}ac02`,
  );
  const erasure = erasureLeaf(
    stripe(
      1,
      1,
      { hash: new Uint8Array(32).fill(1), size: 5 },
      { hash: new Uint8Array(32).fill(2), size: 5, parity: 0 },
    ),
  );
  assertEquals(
    toHex(encodeTreeNode(erasure)),
    `020101010102${"01".repeat(32)}0500${"02".repeat(32)}050100`,
  );
});

Deno.test("coveredBytes counts subtrees, chunks, and of stripes the data only", () => {
  assertEquals(coveredBytes(decodeTreeNode(fromHex(LEAF))), 9n);
  assertEquals(coveredBytes(internal(1n << 60n, 1n)), (1n << 60n) + 1n);
  const stripes = [replicated(data(7)), stripe(1, 1, data(5), parity(5, 0))];
  assertEquals(coveredBytes(erasureLeaf(...stripes)), 12n);
});

Deno.test("decodeTreeNode gives back any valid node, and keeps nothing of its input", () => {
  fc.assert(fc.property(anyTreeNode(), (node) => {
    const bytes = encodeTreeNode(node);
    const decoded = decodeTreeNode(bytes);
    bytes.fill(0);
    assertEquals(decoded, node);
  }));
});

Deno.test("decodeTreeNode ignores bytes after the node", () => {
  assertEquals(
    decodeTreeNode(fromHex(LEAF + "ff")),
    decodeTreeNode(fromHex(LEAF)),
  );
});

Deno.test("decodeTreeNode refuses what is no node", () => {
  const end = "decode failed: Hit the end of buffer, expected more data";
  refuses(
    ["", end],
    ["03", "decode failed: Serde Deserialization Error"],
    ["01ff7f", end],
    [
      `0101${"00".repeat(32)}0102`,
      "decode failed: Serde Deserialization Error",
    ],
    ["00".repeat(65_537), "65537 bytes exceeds cap 65536"],
  );
  const longest = fromHex(LEAF.padEnd(2 * 65_536, "0"));
  assertEquals(decodeTreeNode(longest), decodeTreeNode(fromHex(LEAF)));
});

Deno.test("a node has 1 to 128 children or chunks", () => {
  const half = replicated(...Array(65).fill(data(1)));
  refuses(
    [internal(), "Internal has 0 children, not 1..=128"],
    [leaf(), "Leaf has 0 chunks, not 1..=128"],
    [leaf(...Array(129).fill(data(1))), "Leaf has 129 chunks, not 1..=128"],
    [
      internal(...Array(129).fill(1n)),
      "Internal has 129 children, not 1..=128",
    ],
    [erasureLeaf(), "ErasureLeaf has no stripe"],
    [erasureLeaf(half, half), "ErasureLeaf has 130 chunks, not 1..=128"],
  );
  const full = leaf(...Array(128).fill(data(1)));
  assertEquals(decodeTreeNode(encodeTreeNode(full)), full);
});

Deno.test("sizes in a node are positive and within their bounds", () => {
  const half = 1n << 63n;
  const most = internal(half, half - 1n);
  assertEquals(decodeTreeNode(encodeTreeNode(most)), most);
  refuses(
    [internal(1n, 0n), "Internal child 1 has size 0"],
    [internal(0n, 1n), "Internal child 0 has size 0"],
    [internal(half, half), "Internal sizes add up to more than 64 bits"],
    [leaf(data(0)), "Leaf chunk 0 has size 0, not 1..=16777216"],
    [
      leaf(data(1), data(CHUNK_MAX + 1)),
      "Leaf chunk 1 has size 16777217, not 1..=16777216",
    ],
    [
      erasureLeaf(replicated(data(0))),
      "ErasureLeaf stripe 0 chunk 0 has size 0, not 1..=16777216",
    ],
  );
});

Deno.test("a stripe has the chunks its encoding says", () => {
  refuses([
    erasureLeaf(replicated(data(1), parity(1, 0))),
    "ErasureLeaf stripe 0 is Replicated and has 1 data and 1 parity chunks",
  ]);
  for (
    const chunks of [
      [data(1), parity(1, 0)],
      [data(1), data(1)],
      [data(1), parity(1, 0), data(1)],
      [data(1), data(1), data(1)],
    ]
  ) {
    refuses([
      erasureLeaf(stripe(2, 1, ...chunks)),
      "ErasureLeaf stripe 0 is not 2 data and then 1 parity chunks",
    ]);
  }
});

Deno.test("decodeTreeNode throws nothing but ManifestError, whatever the bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    mutated(anyTreeNode(), encodeTreeNode),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      let node;
      try {
        node = decodeTreeNode(bytes);
      } catch (error) {
        if (error instanceof ManifestError) return;
        throw error;
      }
      assertEquals(decodeTreeNode(encodeTreeNode(node)), node);
    }),
    { numRuns: 1000 },
  );
});
