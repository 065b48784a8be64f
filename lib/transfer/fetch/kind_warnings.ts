import {
  type BlobRef,
  blobRefSize,
  checkManifestStart,
  SEND_URI,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";

/**
 * Says that a blob is the manifest of a directory, which is one to fetch, but
 * seldom the one that is wanted.
 *
 * @param ref Its reference: one that `send-blob` made is never of a directory.
 * @param start Its first chunk.
 * @returns One sentence, or none.
 */
export function kindWarnings(ref: BlobRef, start: Uint8Array): string[] {
  if (ref.uri === SEND_URI) return [];
  try {
    const size = Number(blobRefSize(ref));
    checkManifestStart(start, Math.max(size, start.length));
  } catch (error) {
    if (error instanceof ManifestError) return [];
    throw error;
  }
  return [
    "this is the manifest of a directory, not its files: recv-dir fetches those",
  ];
}
