import { equals } from "@std/bytes/equals";
import { type BlobRef, blobRefSize, type ChunkRef } from "./blob_ref.ts";

/** Whether two references name the same bytes; `false` when that is not known. */
export function sameContent(a: BlobRef, b: BlobRef): boolean {
  if (blobRefSize(a) !== blobRefSize(b)) return false;
  if (a.kind === "tree" || b.kind === "tree") {
    return a.kind === "tree" && b.kind === "tree" &&
      equals(a.rootHash, b.rootHash);
  }
  const [one, other] = [chunksOf(a), chunksOf(b)];
  return one.length === other.length &&
    one.every(({ hash, size }, i) =>
      size === other[i].size && equals(hash, other[i].hash)
    );
}

function chunksOf(
  ref: Exclude<BlobRef, { kind: "tree" }>,
): readonly ChunkRef[] {
  return ref.kind === "manifest"
    ? ref.chunks
    : [{ hash: ref.hash, size: Number(ref.size) }];
}
