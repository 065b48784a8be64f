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
  prepareStreamingBlake3,
} from "./hash.ts";
export { hasHash, verifyHash } from "./verify_hash.ts";
export { fromHex, toHex } from "../text/hex.ts";
export { decodeUtf8, decodeUtf8Lossy } from "./utf8.ts";
export { quoteText } from "../text/escape.ts";
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
  compareUtf8,
  decodeDirManifest,
  DIR_MANIFEST_VERSION,
  type DirEntry,
  type DirEntryKind,
  type DirManifest,
  encodeDirManifest,
  indexDirEntries,
  readDirEntries,
  readDirEntry,
  sortByUtf8,
} from "./dir_manifest.ts";
export { DirManifestEncoder } from "./dir_manifest_encoder.ts";
export {
  checkManifest,
  type CheckManifestOptions,
  checkManifestPath,
  type PathPlatform,
} from "./manifest_path.ts";
export {
  type Chunk,
  chunkPayload,
  chunkStream,
  type ChunkStreamOptions,
  readChunks,
  SEND_URI,
} from "./chunker.ts";
export {
  coveredBytes,
  decodeTreeNode,
  encodeTreeNode,
  type Stripe,
  type TreeChild,
  type TreeChunk,
  type TreeNode,
} from "./tree_node.ts";
export { walkTree } from "./tree_walk.ts";
export { type ChunkSink, TreeBuilder } from "./build_tree.ts";
export { RefBuilder } from "./build_ref.ts";
