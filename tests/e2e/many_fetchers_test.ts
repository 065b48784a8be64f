/** One holder and a hundred fetchers, each of a file of its own. */

import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import {
  ephemeralIdentity,
  fetchBlobStream,
  MemoryStore,
  Node,
  serveNode,
} from "../../mod.ts";
import { noise } from "../../scripts/make_tree.ts";

const FETCHERS = 100;
const BYTES = 256 * 1024;

/** Descriptors that this process has open, 0 where nothing tells. */
function descriptors(): number {
  if (Deno.build.os !== "linux") return 0;
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("a hundred fetchers at once all get their files, from one socket", async () => {
  const before = descriptors();
  await using store = new MemoryStore();
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const address = "127.0.0.1:0";
  await using node = await Node.listen({
    address,
    psk,
    identity: ephemeralIdentity(),
  });
  const serving = serveNode(node, store);
  const identity = ephemeralIdentity();
  await using sessions = new AsyncDisposableStack();
  const fetchers = await Promise.all(
    Array.from({ length: FETCHERS }, async (_, seed) => {
      const content = noise(BYTES, seed);
      const { ref, chunks } = chunkPayload(content, "mesh://test");
      for (const { hash, bytes } of chunks) await store.put(hash, bytes);
      const session = await Node.attach({
        address: `127.0.0.1:${node.address.port}`,
        publicKey: node.publicKey,
        psk,
        identity,
        connections: 1,
        // All handshakes run in this one process.
        connectTimeoutMs: 120_000,
      });
      sessions.use(session);
      return { session, ref, hash: blake3(content) };
    }),
  );

  await Promise.all(fetchers.map(async ({ session, ref, hash }) => {
    const [whole, ...more] = await Array.fromAsync(
      fetchBlobStream(session, ref),
    );
    assertEquals([blake3(whole), more], [hash, []]);
  }));
  // A socket for each fetcher, one for the holder, and nothing for a session.
  const opened = descriptors() - before;
  assert(opened <= FETCHERS + 8, `${opened} descriptors`);

  await sessions.disposeAsync();
  await node.close();
  await serving;
});
