/** One holder and a hundred fetchers, each of a file of its own. */

import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../../lib/content/mod.ts";
import {
  ephemeralIdentity,
  fetchBlobStream,
  fromHex,
  Node,
  parseRef,
} from "../../mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { startHolder, test } from "../support/cli.ts";

const FETCHERS = 100;
const BYTES = 256 * 1024;

/** Descriptors that a process has open, 0 where nothing tells. */
function descriptors(pid: number): number {
  if (Deno.build.os !== "linux") return 0;
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

test("a hundred fetchers at once all get their files, from one socket", async (dir) => {
  const contents = Array.from({ length: FETCHERS }, (_, i) => noise(BYTES, i));
  const paths = await Promise.all(
    contents.map((content, i) => dir.write(`file-${i}`, content)),
  );
  await using holder = await startHolder(dir.path, paths);
  const { child: { pid }, ready, refs, address } = holder;
  const psk = fromHex((await Deno.readTextFile(holder.pskFile)).trim());
  const before = descriptors(pid);
  const identity = ephemeralIdentity();
  await using sessions = new AsyncDisposableStack();
  const fetchers = await Promise.all(contents.map(async (content, i) => {
    const session = await Node.attach({
      address,
      publicKey: fromHex(ready.node_pubkey),
      psk,
      identity,
      connections: 1,
      // All handshakes of the fetchers run in this one process.
      connectTimeoutMs: 120_000,
    });
    sessions.use(session);
    const ref = parseRef(refs[i].ref);
    return { session, ref, hash: blake3(content) };
  }));

  await Promise.all(fetchers.map(async ({ session, ref, hash }) => {
    const [whole, ...more] = await Array.fromAsync(
      fetchBlobStream(session, ref),
    );
    assertEquals([blake3(whole), more], [hash, []]);
  }));
  const opened = descriptors(pid) - before;
  assert(opened < FETCHERS / 4, `${opened} descriptors`);
});
