import { assertEquals, assertRejects } from "@std/assert";
import { RefError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { blobRefSize, type ChunkRef, type TreeRef } from "./blob_ref.ts";
import { RefBuilder } from "./build_ref.ts";
import { toHex } from "../text/hex.ts";
import { walkTree } from "./tree_walk.ts";

/** Chunks in 16 GiB. */
const FULL = 4096;

function chunk(i: number, size = CHUNK_SIZE): ChunkRef {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, i);
  return { hash, size };
}

Deno.test("RefBuilder makes a Small of one chunk and a Manifest of more, up to 16 GiB", async () => {
  const one = new RefBuilder("u");
  await one.add(chunk(0));
  assertEquals((await one.finish()).kind, "small");
  const many = new RefBuilder("u");
  for (let i = 0; i < FULL; i++) await many.add(chunk(i));
  const ref = await many.finish();
  assertEquals([ref.kind, ref.uri], ["manifest", "u"]);
  assertEquals(blobRefSize(ref), 17_179_869_184n);
});

Deno.test("RefBuilder refuses the chunk with which content passes 16 GiB", async () => {
  const builder = new RefBuilder("u");
  for (let i = 0; i < FULL; i++) await builder.add(chunk(i));
  await assertRejects(
    () => builder.add(chunk(FULL, 1)),
    RefError,
    "blob ref decode failed: payload of 17179869185 bytes or more exceeds cap 17179869184",
  );
});

Deno.test("RefBuilder makes a Tree above 16 GiB where its nodes can be stored", async () => {
  const nodes = new Map<string, Uint8Array>();
  const builder = new RefBuilder("u", (hash, bytes) => {
    nodes.set(toHex(hash), bytes);
  });
  const chunks = Array.from(
    { length: FULL + 1 },
    (_, i) => chunk(i, i < FULL ? CHUNK_SIZE : 1),
  );
  for (const one of chunks) await builder.add(one);
  const ref = await builder.finish();
  assertEquals(ref.kind, "tree");
  const tree = ref as TreeRef;
  assertEquals([tree.totalSize, tree.depth], [17_179_869_185n, 2]);
  assertEquals(tree.uri, `mesh://${toHex(tree.rootHash)}`);
  assertEquals(nodes.size, FULL / 128 + 2);
  const walked = await Array.fromAsync(
    walkTree(tree, (hash) => Promise.resolve(nodes.get(toHex(hash))!)),
  );
  assertEquals(walked, chunks);
});

Deno.test("RefBuilder refuses content without a chunk", async () => {
  await assertRejects(
    () => new RefBuilder("u").finish(),
    RefError,
    "at least one chunk",
  );
});
