/** What a manifest says of the chunks of a file. */

import type { BlobRef, ChunkRef } from "../../content/mod.ts";
import { IoError, ManifestError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { quoteText } from "../../text/escape.ts";
import type { WantedRange } from "./content_check.ts";
import type { PlannedFile } from "./planned_files.ts";

/** The chunks of a file whose entry lists them. */
export function chunksOf(file: PlannedFile, ref: BlobRef): ChunkRef[] {
  switch (ref.kind) {
    case "small":
      return [{ hash: ref.hash, size: Number(ref.size) }];
    case "manifest":
      return ref.chunks;
    case "tree":
      throw new IoError(
        `the manifest does not list the chunks of ${quoteText(file.path)}`,
      );
  }
}

/** A chunk that the manifest lists. */
export function listedRange(
  file: PlannedFile,
  ref: BlobRef,
  chunk: number,
): WantedRange | undefined {
  const { hash, size: length } = chunksOf(file, ref)[chunk] ?? {};
  return hash === undefined || length === undefined
    ? undefined
    : { offset: chunk * CHUNK_SIZE, length, hash };
}

/** The error of an entry that says what cannot be. */
export function wrongSize(
  file: PlannedFile,
  declared: number,
  actual: number,
): ManifestError {
  return new ManifestError(
    `dir transfer: bad manifest: entry ${quoteText(file.path)} declares ` +
      `${declared} bytes, got ${actual}`,
    { fields: { path: file.path, declared, actual } },
  );
}
