/** A holder of chunks for programs that ask for them in every way. */

import { CHUNK_SIZE } from "../../../lib/limits.ts";
import { parseRef } from "../../../mod.ts";
import { HolderProcess } from "../../../scripts/holder_process.ts";
import { noise } from "../../../scripts/make_tree.ts";

/**
 * A holder of one file of twelve chunks, in a process of its own.
 *
 * @param ageMs How old the file is when it is published.
 */
export async function holderOfChunks(
  stack: AsyncDisposableStack,
  ageMs = 0,
): Promise<HolderProcess> {
  const root = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  const path = `${root}/file`;
  await Deno.writeFile(path, noise(12 * CHUNK_SIZE, 3));
  await new Promise((resolve) => setTimeout(resolve, ageMs));
  return stack.use(await HolderProcess.start([path], { keys: root }));
}

/** The chunks of what a holder serves. */
export function hashesOf(holder: HolderProcess): Uint8Array[] {
  const ref = parseRef(holder.refs[0].ref);
  if (ref.kind !== "manifest") throw new Error("not a list of chunks");
  return ref.chunks.map(({ hash }) => hash);
}
