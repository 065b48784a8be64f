/**
 * What bytes are called: hashing, chunking, blob references, directory manifests
 * and chunk trees. Pure: no input, no output, no clock.
 *
 * @module
 */

export {
  type Blake3,
  blake3,
  createBlake3,
  HASH_LENGTH,
  prepareNativeBlake3,
  prepareStreamingBlake3,
} from "./hash.ts";
export { hasHash, verifyHash } from "./verify_hash.ts";
export { hashChunk, isZeroChunk, zeroHash } from "./zero_chunk.ts";
export {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  sortByUtf8,
} from "./utf8.ts";
export { PostcardError, PostcardReader, PostcardWriter } from "./postcard.ts";
export {
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  encodeBlobRef,
  type Encoding,
  makeManifest,
  makeSmall,
  makeTree,
  type ManifestRef,
  REPLICATED,
  type SmallRef,
  type TreeRef,
} from "./blob_ref.ts";
export { decodeBlobRef } from "./decode_blob_ref.ts";
export { parseRef } from "./parse_ref.ts";
export {
  checkManifestStart,
  decodeDirManifest,
  type DirEntry,
  type DirEntryKind,
  type DirManifest,
  DirManifestEncoder,
  encodeDirManifest,
  indexDirEntries,
  readDirEntries,
  readDirEntry,
} from "./dir_manifest.ts";
export {
  checkManifest,
  checkManifestPath,
  refusedEntries,
} from "./manifest_path.ts";
export {
  combineTrees,
  distinctNames,
  type NamedPart,
} from "./combine_trees.ts";
export { PathTable } from "./path_table.ts";
export { safeName } from "./safe_name.ts";
export {
  limitsNames,
  type NameRules,
  pathFolding,
  type PathPlatform,
} from "./name_rules.ts";
export { type Chunk, chunkStream, SEND_URI } from "./chunk_stream.ts";
export { sameContent } from "./same_content.ts";
export { walkTree } from "./tree_walk.ts";
export { TreeBuilder } from "./build_tree.ts";
export { RefBuilder } from "./build_ref.ts";
