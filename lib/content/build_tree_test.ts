import { assertEquals, assertRejects } from "@std/assert";
import { RefError } from "../errors.ts";
import { CHUNK_SIZE, TREE_CHUNK_LEAST } from "../limits.ts";
import { type ChunkRef, encodeBlobRef, type TreeRef } from "./blob_ref.ts";
import { TreeBuilder } from "./build_tree.ts";
import { decodeBlobRef } from "./decode_blob_ref.ts";
import { blake3 } from "./hash.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { chunkRefs } from "./testing/chunk_payload.ts";
import { walkTree } from "./tree_walk.ts";

interface Built {
  ref: TreeRef;
  nodes: Map<string, Uint8Array>;
}

async function build(chunks: ChunkRef[]): Promise<Built> {
  const nodes = new Map<string, Uint8Array>();
  const builder = new TreeBuilder((hash, bytes) => {
    nodes.set(toHex(hash), bytes);
  });
  for (const chunk of chunks) await builder.add(chunk);
  return { ref: await builder.finish(), nodes };
}

Deno.test("TreeBuilder makes the known tree of two chunks", async () => {
  const contents = ["hello\n", "abc"].map((text) =>
    new TextEncoder().encode(text)
  );
  const { ref, nodes } = await build(
    contents.map((bytes) => ({ hash: blake3(bytes), size: bytes.length })),
  );
  assertEquals(
    toHex(encodeBlobRef(ref)),
    "b0b1b2b30301476d6573683a2f2f3936336663373261623761333563663836383033313137373030656239303165336364366430366237613239373738313965643932303133363135323565653300963fc72ab7a35cf86803117700eb901e3cd6d06b7a2977819ed9201361525ee30901",
  );
  assertEquals(
    nodes.get(toHex(ref.rootHash)),
    fromHex(
      "01028e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a9906006437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d850300",
    ),
  );
});

Deno.test("TreeBuilder makes trees that decode and walk to the same chunks, of the least depth", async () => {
  const cases: [count: number, size: number, depth: number][] = [
    [1, 1, 1],
    [127, CHUNK_SIZE, 1],
    [128, CHUNK_SIZE, 1],
    [129, TREE_CHUNK_LEAST, 2],
    [128 * 128, TREE_CHUNK_LEAST, 2],
    [128 * 128 + 1, TREE_CHUNK_LEAST, 3],
    [128 * 128 + 128, CHUNK_SIZE, 3],
    [128 * 200 + 5, CHUNK_SIZE, 3],
  ];
  for (const [count, size, depth] of cases) {
    const list = chunkRefs(count, size);
    const { ref, nodes } = await build(list);
    assertEquals(ref.depth, depth, `${count} chunks`);
    assertEquals(ref.totalSize, BigInt(count) * BigInt(size));
    assertEquals(decodeBlobRef(encodeBlobRef(ref)), ref);
    const walk = walkTree(
      ref,
      (hash) => Promise.resolve(nodes.get(toHex(hash))!),
    );
    let at = 0;
    for await (const chunk of walk) {
      const expected = list[at++];
      if (
        chunk.size !== expected.size ||
        toHex(chunk.hash) !== toHex(expected.hash)
      ) {
        throw new Error(`chunk ${at - 1} of ${count} differs`);
      }
    }
    assertEquals(at, count);
  }
});

Deno.test("TreeBuilder hands out children before their parents, one at a time", async () => {
  let running = 0;
  let last: Uint8Array | undefined;
  const builder = new TreeBuilder(async (hash) => {
    assertEquals(++running, 1);
    await Promise.resolve();
    running--;
    last = hash;
  });
  for (const chunk of chunkRefs(300)) await builder.add(chunk);
  const ref = await builder.finish();
  assertEquals(last, ref.rootHash);
});

Deno.test("TreeBuilder refuses empty content and chunks of a size no leaf may have", async () => {
  for (
    const [list, words] of [
      [[], "tree total_size must be > 0"],
      [chunkRefs(1, 0), "tree chunk has size 0"],
      [chunkRefs(1, 16_777_217), "size 16777217"],
    ] as const
  ) await assertRejects(() => build([...list]), RefError, words);
});

Deno.test("TreeBuilder fails when a node cannot be stored", async () => {
  const builder = new TreeBuilder(() => Promise.reject(new Error("disk full")));
  await builder.add(chunkRefs(1)[0]);
  await assertRejects(() => builder.finish(), Error, "disk full");
});
