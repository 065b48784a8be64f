import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { HashMismatchError, ManifestError } from "../errors.ts";
import { TREE_CHUNK_LEAST, TREE_FANOUT } from "../limits.ts";
import {
  type ChunkRef,
  makeTree,
  REPLICATED,
  type TreeRef,
} from "./blob_ref.ts";
import { decodeBlobRef } from "./decode_blob_ref.ts";
import { blake3 } from "./hash.ts";
import { fromHex, toHex } from "../text/hex.ts";
import {
  coveredBytes,
  encodeTreeNode,
  type TreeChild,
  type TreeNode,
} from "./tree_node.ts";
import { walkTree } from "./tree_walk.ts";

const nodes = new Map<string, Uint8Array>();
const asked: string[] = [];

function fetchNode(hash: Uint8Array): Promise<Uint8Array> {
  const bytes = nodes.get(toHex(hash));
  assert(bytes !== undefined);
  asked.push(toHex(hash));
  return Promise.resolve(bytes!);
}

/** Stores a node, and gives its hash and size as its parent has them. */
function put(node: TreeNode): TreeChild {
  const bytes = encodeTreeNode(node);
  const hash = blake3(bytes);
  nodes.set(toHex(hash), bytes);
  return { hash, size: coveredBytes(node) };
}

function chunk(i: number): ChunkRef {
  return { hash: new Uint8Array(32).fill(i), size: i };
}

function leaf(...which: number[]): TreeChild {
  return put({ kind: "leaf", chunks: which.map(chunk) });
}

function refOf(root: TreeChild, depth: number): TreeRef {
  return makeTree("", REPLICATED, root.hash, root.size, depth);
}

function walk(ref: TreeRef): Promise<ChunkRef[]> {
  return Array.fromAsync(walkTree(ref, fetchNode));
}

Deno.test("walkTree reads the chunks of a tree whose root is its leaf", async () => {
  const bytes = fromHex(
    "01028e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a9906006437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d850300",
  );
  nodes.set(toHex(blake3(bytes)), bytes);
  const ref = decodeBlobRef(fromHex(
    "b0b1b2b30301476d6573683a2f2f3936336663373261623761333563663836383033313137373030656239303165336364366430366237613239373738313965643932303133363135323565653300963fc72ab7a35cf86803117700eb901e3cd6d06b7a2977819ed9201361525ee30901",
  ));
  assertEquals(await walk(ref as TreeRef), [
    { hash: blake3(new TextEncoder().encode("hello\n")), size: 6 },
    { hash: blake3(new TextEncoder().encode("abc")), size: 3 },
  ]);
});

Deno.test("walkTree goes through internal nodes from left to right", async () => {
  const left = put({ kind: "internal", children: [leaf(1, 2), leaf(3)] });
  const right = put({ kind: "internal", children: [leaf(4)] });
  const root = put({ kind: "internal", children: [left, right, left] });
  assertEquals(await walk(refOf(root, 3)), [1, 2, 3, 4, 1, 2, 3].map(chunk));
});

Deno.test("walkTree fetches a node only when its chunks are next", async () => {
  const root = put({ kind: "internal", children: [leaf(5), leaf(6)] });
  asked.length = 0;
  const chunks = walkTree(refOf(root, 2), fetchNode);
  await chunks.next();
  assertEquals(asked.length, 2);
  await chunks.next();
  assertEquals(asked.length, 3);
});

Deno.test("walkTree passes over the parity chunks of an erasure leaf", async () => {
  const encoding = { kind: "reed_solomon" as const, k: 2, m: 1 };
  const root = put({
    kind: "erasure_leaf",
    stripes: [
      { encoding, chunks: [chunk(1), chunk(2), { ...chunk(3), parity: 0 }] },
      { encoding: REPLICATED, chunks: [chunk(4)] },
    ],
  });
  assertEquals(root.size, 7n);
  assertEquals(await walk(refOf(root, 1)), [1, 2, 4].map(chunk));
});

Deno.test("walkTree refuses a node that is not the one asked for", async () => {
  const root = leaf(7);
  nodes.set(toHex(root.hash), new Uint8Array([1, 2, 3]));
  await assertRejects(() => walk(refOf(root, 1)), HashMismatchError, "got ");
});

/** Walking this fails, with these words. */
async function refuses(
  root: TreeChild,
  depth: number,
  words: string,
): Promise<void> {
  await assertRejects(() => walk(refOf(root, depth)), ManifestError, words);
}

Deno.test("walkTree refuses a node that covers other than it should", async () => {
  const { hash } = leaf(8);
  await refuses({ hash, size: 9n }, 1, "covers 8 bytes instead of 9");
  const root = put({ kind: "internal", children: [{ hash, size: 7n }] });
  const node = `tree walk: node ${toHex(hash)}`;
  await refuses(root, 2, `${node} covers 8 bytes instead of 7`);
});

Deno.test("walkTree refuses leaves and internal nodes at the wrong level", async () => {
  const inner = put({ kind: "internal", children: [leaf(9)] });
  const lopsided = put({ kind: "internal", children: [leaf(1), inner] });
  await refuses(leaf(9), 2, "is a leaf 1 levels too high");
  const high = "is an internal node where the leaves should be";
  await refuses(inner, 1, high);
  await refuses(lopsided, 2, high);
});

Deno.test("walkTree refuses a malformed node", async () => {
  const bytes = fromHex("0100");
  const hash = blake3(bytes);
  nodes.set(toHex(hash), bytes);
  const words = "is malformed: TreeNode Leaf has 0 chunks";
  await refuses({ hash, size: 1n }, 1, words);
});

/** A tree of full nodes of one leaf, over and over: four nodes, however many chunks. */
function repeated(size: number, depth: number): TreeRef {
  const one = { hash: chunk(1).hash, size };
  let root = put({ kind: "leaf", chunks: Array(TREE_FANOUT).fill(one) });
  for (let level = 1; level < depth; level++) {
    root = put({ kind: "internal", children: Array(TREE_FANOUT).fill(root) });
  }
  return refOf(root, depth);
}

for (const size of [1, TREE_CHUNK_LEAST / 2]) {
  Deno.test(`walkTree gives up a tree of 128^4 chunks of ${size} bytes before they are many`, async () => {
    asked.length = 0;
    let chunks = 0;
    const error = await assertRejects(async () => {
      for await (const _ of walkTree(repeated(size, 4), fetchNode)) chunks++;
    }, ManifestError);
    assertStringIncludes(error.message, "into too many chunks: the first ");
    assertEquals(error.fields.chunks, chunks + 1);
    assert(chunks <= 2 * TREE_FANOUT, `${chunks} chunks`);
    assert(asked.length <= 8, `${asked.length} nodes`);
  });
}

Deno.test("walkTree takes a leaf of chunks of whatever size, and any number that are long enough on average", async () => {
  assertEquals((await walk(repeated(1, 1))).length, TREE_FANOUT);
  assertEquals(
    (await walk(repeated(TREE_CHUNK_LEAST, 2))).length,
    TREE_FANOUT ** 2,
  );
});
