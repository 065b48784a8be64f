import {
  blake3,
  makeTree,
  REPLICATED,
  type TreeRef,
} from "../../lib/content/mod.ts";
import { encodeTreeNode } from "../../lib/content/tree_node.ts";
import { ManifestError } from "../../lib/errors.ts";
import { TREE_DEPTH_MAX, TREE_FANOUT } from "../../lib/limits.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import { fetchBlobStream } from "../../lib/transfer/fetch/fetch_blob_stream.ts";
import { connect } from "../../lib/transfer/testing/fixture.ts";
import type { Attack } from "./attack.ts";

/** Stores a tree of one byte over and over: full nodes, one of each level. */
async function storeTinyTree(store: MemoryStore): Promise<TreeRef> {
  const byte = Uint8Array.of(7);
  const chunk = { hash: blake3(byte), size: byte.length };
  await store.put(chunk.hash, byte);
  let size = BigInt(TREE_FANOUT);
  let bytes = encodeTreeNode({
    kind: "leaf",
    chunks: Array(TREE_FANOUT).fill(chunk),
  });
  for (let level = 1; level < TREE_DEPTH_MAX; level++) {
    const child = { hash: blake3(bytes), size };
    await store.put(child.hash, bytes);
    bytes = encodeTreeNode({
      kind: "internal",
      children: Array(TREE_FANOUT).fill(child),
    });
    size *= BigInt(TREE_FANOUT);
  }
  const root = blake3(bytes);
  await store.put(root, bytes);
  return makeTree("mesh://tiny", REPLICATED, root, size, TREE_DEPTH_MAX);
}

export const attack: Attack = {
  name: "tiny_chunks",
  claim:
    "A reference cannot make a fetcher send a request for each byte of its content.",
  async run() {
    await using store = new MemoryStore();
    const ref = await storeTinyTree(store);
    await using connection = connect(store);
    const enough = new AbortController();
    let failure: unknown;
    let bytes = 0;
    const { session } = connection;
    try {
      const stream = fetchBlobStream(session, ref, enough);
      for await (const chunk of stream) {
        bytes += chunk.length;
        // It has shown what it can do.
        if (bytes >= 10 * TREE_FANOUT) enough.abort();
      }
    } catch (error) {
      failure = error;
    }
    const { opened } = session;
    return {
      held: failure instanceof ManifestError && opened <= 3 * TREE_FANOUT,
      line: `a tree of ${ref.totalSize} chunks of one byte ${
        failure instanceof ManifestError ? "is refused" : "is fetched"
      } after ${opened} requests`,
      cost: {
        attacker: `${store.bytes} bytes of nodes`,
        node: `${opened} requests`,
      },
    };
  },
};
