/** A holder of chunks for programs that ask for them in every way. */

import { CHUNK_SIZE } from "../../../lib/limits.ts";
import { blake3 } from "../../../lib/content/mod.ts";
import { parseRef } from "../../../mod.ts";
import { HolderProcess } from "../../../scripts/holder_process.ts";
import { noise } from "../../../scripts/make_tree.ts";

/** Files of one short chunk each that lie beside the large one. */
const SHORT_FILES = 1024;

/** The content of one of them. */
function shortFile(index: number): Uint8Array {
  return noise(1000, 100 + index);
}

/** The hashes of the short files. */
export function shortHashes(): Uint8Array[] {
  return Array.from({ length: SHORT_FILES }, (_, i) => blake3(shortFile(i)));
}

/**
 * A holder of one file of twelve chunks, and of many short files, in a process of
 * its own.
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
  const tree = `${root}/tree`;
  await Deno.mkdir(tree);
  for (let i = 0; i < SHORT_FILES; i++) {
    await Deno.writeFile(`${tree}/${i}`, shortFile(i));
  }
  await new Promise((resolve) => setTimeout(resolve, ageMs));
  return stack.use(await HolderProcess.start([path, tree], { keys: root }));
}

/** The chunks of what a holder serves. */
export function hashesOf(holder: HolderProcess): Uint8Array[] {
  const ref = parseRef(holder.refs[0].ref);
  if (ref.kind !== "manifest") throw new Error("not a list of chunks");
  return ref.chunks.map(({ hash }) => hash);
}
