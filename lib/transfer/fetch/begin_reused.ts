/** Files of a new tree that begin as copies of files elsewhere on this machine. */

import {
  blobRefSize,
  decodeBlobRef,
  readDirEntries,
} from "../../content/mod.ts";
import type { TreeLanding } from "../../landing/mod.ts";
import type { CheckTreeOptions } from "./resumed_tree.ts";
import { checkFoundFiles, chunksOf } from "./resumed_tree.ts";
import { LostFiles } from "./lost_files.ts";
import type { ResumedChunks } from "./resumed_chunks.ts";
import { CLONED_MIN } from "./reuse.ts";
import type { ReusedFiles } from "./reused_files.ts";

/** What is needed to begin files. */
export interface BeginReusedOptions extends CheckTreeOptions {
  landing: TreeLanding;
  /** What an earlier run has left; gets what is right of the copies. */
  resumed: ResumedChunks;
}

/**
 * Has files of which nothing is there begin as copies that share the blocks of
 * files elsewhere, where the file system does that; what is in them is checked
 * like what an earlier run has left.
 *
 * @param files Where content was found.
 * @returns How many files are complete by it.
 */
export async function beginReused(
  files: ReusedFiles,
  { resumed, ...options }: BeginReusedOptions,
): Promise<number> {
  const { landing, manifest, fetcher, progress, isLinked, signal } = options;
  const found = new Map<number, number>();
  let entry = -1;
  for (const file of readDirEntries(manifest)) {
    entry++;
    if (isLinked(entry) || landing.found.has(entry)) continue;
    if (file.kind.type !== "file") continue;
    const ref = decodeBlobRef(file.kind.blob);
    if (ref === undefined || blobRefSize(ref) < CLONED_MIN) continue;
    try {
      const like = await files.likest(chunksOf(file, fetcher, signal));
      if (like === undefined) continue;
      const size = await landing.begin(
        entry,
        file.path,
        (to) => like.cloneTo(to),
      );
      if (size !== undefined) found.set(entry, size);
    } catch (error) {
      // Who fetches it will say so, or does without it.
      if (!LostFiles.isOfOneFile(error)) throw error;
    }
  }
  const check: TreeLanding["check"] = (ranges) => landing.check(ranges);
  const { chunks, files: complete } = await checkFoundFiles({
    ...options,
    landing: { found, check },
  });
  resumed.addAll(chunks);
  progress.cloned(Number(chunks.bytes), complete);
  return complete;
}
