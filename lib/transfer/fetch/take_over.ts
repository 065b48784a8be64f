import {
  blobRefSize,
  decodeBlobRef,
  readDirEntries,
} from "../../content/mod.ts";
import type { TreeLanding } from "../../landing/mod.ts";
import type { FetchProgress } from "./progress.ts";
import type { Reuse } from "./reuse.ts";

/** Has the files of the old tree that are in the new one taken over. */
export async function takeOver(
  reuse: Reuse | undefined,
  landing: TreeLanding,
  manifest: Uint8Array,
  progress: FetchProgress,
): Promise<{ count: number; bytes: bigint }> {
  if (reuse === undefined) return { count: 0, bytes: 0n };
  await reuse.link(landing);
  let bytes = 0n;
  let index = 0;
  for (const { kind } of readDirEntries(manifest)) {
    if (kind.type === "file" && reuse.isLinked(index)) {
      const ref = decodeBlobRef(kind.blob);
      if (ref !== undefined) bytes += blobRefSize(ref);
    }
    index++;
  }
  progress.linked(reuse.filesLinked, bytes);
  return { count: reuse.filesLinked, bytes };
}
