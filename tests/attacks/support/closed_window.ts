/** Clients that ask for chunks and take next to nothing of them. */

import { ephemeralIdentity } from "../../../lib/mesh/mod.ts";
import { CHUNK_SIZE } from "../../../lib/limits.ts";
import { parseRef } from "../../../mod.ts";
import { HolderProcess } from "../../../scripts/holder_process.ts";
import { noise } from "../../../scripts/make_tree.ts";
import { attachOptionsOfHolder } from "./beside.ts";
import { WireClient } from "./wire_client.ts";

/** A holder of one file of twelve chunks, in a process of its own. */
export async function holderOfChunks(
  stack: AsyncDisposableStack,
): Promise<HolderProcess> {
  const root = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  const path = `${root}/file`;
  await Deno.writeFile(path, noise(12 * CHUNK_SIZE, 3));
  return stack.use(await HolderProcess.start([path], { keys: root }));
}

/** The chunks of what a holder serves. */
export function hashesOf(holder: HolderProcess): Uint8Array[] {
  const ref = parseRef(holder.refs[0].ref);
  if (ref.kind !== "manifest") throw new Error("not a list of chunks");
  return ref.chunks.map(({ hash }) => hash);
}

/**
 * Attaches `count` clients, each of which asks for chunks on 16 streams and then
 * says nothing.
 *
 * @param keys How many keys they have.
 */
export async function closedWindows(
  holder: HolderProcess,
  count: number,
  keys: number,
  stack: DisposableStack,
): Promise<number> {
  const [hash] = hashesOf(holder);
  const identities = Array.from({ length: keys }, () => ephemeralIdentity());
  const victim = attachOptionsOfHolder(holder);
  const get = Uint8Array.of(0, ...hash);
  let attached = 0;
  const attach = async (i: number) => {
    try {
      const client = await WireClient.attach(victim, identities[i % keys]);
      stack.use(client);
      attached++;
      for (let j = 0; j < 16; j++) {
        const id = 4 * j;
        const frame = { type: "stream", id, offset: 0, data: get } as const;
        await client.send({ ...frame, fin: true });
      }
    } catch (error) {
      if (!String(error).includes("does not answer")) throw error;
    }
  };
  for (let next = 0; next < count; next += 16) {
    const some = Math.min(16, count - next);
    await Promise.all(Array.from({ length: some }, (_, i) => attach(next + i)));
  }
  return attached;
}
