/** Files of a plan, by what became of them. */

import { blobRefSize, decodeBlobRef } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { quoteText } from "../../text/escape.ts";
import { chunksOf } from "./file_chunks.ts";
import type { ExpectedEntry } from "./installed_tree.ts";
import type { PlannedFile, PlannedFiles } from "./planned_files.ts";

/** The first file for which `is` holds. */
export function firstFile(
  files: PlannedFiles,
  is: (entry: number) => boolean,
): PlannedFile | undefined {
  for (let entry = 0; entry < files.entries; entry++) {
    const file = is(entry) ? files.at(entry) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}

/** The files that were written, as they are to be. */
export function* writtenFiles(
  files: PlannedFiles,
  isWritten: (entry: number) => boolean,
): Generator<ExpectedEntry, void, void> {
  for (let entry = 0; entry < files.entries; entry++) {
    const file = isWritten(entry) ? files.at(entry) : undefined;
    if (file === undefined) continue;
    const ref = decodeBlobRef(file.blob);
    if (ref === undefined) {
      throw new IoError(`${quoteText(file.path)} has no reference`);
    }
    // The chunks of a tree are not known here.
    const [first] = ref.kind === "tree" ? [] : chunksOf(file, ref);
    yield {
      path: file.path,
      type: "file",
      size: Number(blobRefSize(ref)),
      start: first && { offset: 0, length: first.size, hash: first.hash },
    };
  }
}
