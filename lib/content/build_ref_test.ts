import { assertEquals, assertRejects } from "@std/assert";
import { RefError } from "../errors.ts";
import { blobRefSize, type TreeRef } from "./blob_ref.ts";
import { RefBuilder } from "./build_ref.ts";
import { toHex } from "../text/hex.ts";
import { chunkRefs } from "./testing/chunk_payload.ts";
import { walkTree } from "./tree_walk.ts";

/** The chunks of 16 GiB, and one byte more. */
const FULL = chunkRefs(4096);
const LAST = { ...FULL[0], size: 1 };

Deno.test("RefBuilder makes a Small of one chunk and a Manifest of more, up to 16 GiB", async () => {
  const one = new RefBuilder("u");
  await one.add(FULL[0]);
  assertEquals((await one.finish()).kind, "small");
  const many = new RefBuilder("u");
  for (const chunk of FULL) await many.add(chunk);
  const ref = await many.finish();
  assertEquals([ref.kind, ref.uri], ["manifest", "u"]);
  assertEquals(blobRefSize(ref), 17_179_869_184n);
});

Deno.test("RefBuilder refuses the chunk with which content passes 16 GiB", async () => {
  const builder = new RefBuilder("u");
  for (const chunk of FULL) await builder.add(chunk);
  await assertRejects(
    () => builder.add(LAST),
    RefError,
    "blob ref decode failed: payload of 17179869185 bytes or more exceeds cap 17179869184",
  );
});

Deno.test("RefBuilder makes a Tree above 16 GiB where its nodes can be stored", async () => {
  const nodes = new Map<string, Uint8Array>();
  const builder = new RefBuilder("u", (hash, bytes) => {
    nodes.set(toHex(hash), bytes);
  });
  const chunks = [...FULL, LAST];
  for (const one of chunks) await builder.add(one);
  const ref = await builder.finish();
  assertEquals(ref.kind, "tree");
  const tree = ref as TreeRef;
  assertEquals([tree.totalSize, tree.depth], [17_179_869_185n, 2]);
  assertEquals(tree.uri, `mesh://${toHex(tree.rootHash)}`);
  assertEquals(nodes.size, FULL.length / 128 + 2);
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
