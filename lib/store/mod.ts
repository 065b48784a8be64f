/**
 * Where chunks live: in the reference's on-disk layout, in files as they lie, or
 * in memory; and how content gets there.
 *
 * @module
 */

export { CacheStore, type CacheStoreOptions } from "./cache_store.ts";
export type {
  ChunkStore,
  ReadContext,
  WritableChunkStore,
} from "./chunk_store.ts";
export {
  type ChunkCount,
  type Collected,
  collectGarbage,
  type CollectOptions,
} from "./collect_garbage.ts";
export { checkChunk } from "./check_chunk.ts";
export { combineSources, type NamedSource } from "./combine_sources.ts";
export { CombinedStore } from "./combined_store.ts";
export type { CacheRank } from "./cache_rank.ts";
export {
  type CopiedChunks,
  copyChunks,
  type CopyChunksOptions,
  type CopyTarget,
} from "./copy_chunks.ts";
export { DiskStore } from "./disk_store.ts";
export type { DiskStoreOptions } from "./disk_store_options.ts";
export {
  type ExistingEntry,
  type ExistingFile,
  ExistingTree,
  type KnownFile,
} from "./existing_tree.ts";
export { heldChunks, lookForMissing } from "./held_chunks.ts";
export { HashCache, type HashCacheOptions } from "./hash_cache.ts";
export type { FileHashes } from "./hash_table.ts";
export { markChunks } from "./mark_chunks.ts";
export { MemoryStore } from "./memory_store.ts";
export { PlainStore } from "./plain_store.ts";
export {
  type PublishedRef,
  SourceStore,
  type SourceStoreOptions,
} from "./source_store.ts";
export {
  makePathFilter,
  parsePathPattern,
  parsePathPatterns,
  type PathFilter,
  type PathPattern,
  type PathRules,
  type PathType,
} from "./path_filter.ts";
export type { PublishOptions, PublishProgress } from "./publish_progress.ts";
export type {
  PublishCounts,
  PublishNotesOptions,
  PublishWarning,
} from "./publish_notes.ts";
export {
  decodeRecords,
  type HeapRecord,
  IDX_RECORD_LENGTH,
} from "./store_record.ts";
export {
  type CheckedSource,
  checkSource,
  checkSources,
} from "./source_paths.ts";
export { storeBlob, type StoredBlob } from "./store_blob.ts";
export { type HeldPath, holdArgument } from "./hold_argument.ts";
export { prepareHashing } from "./native_hashing.ts";
export { nameWarnings } from "./name_warnings.ts";
export type { NotCarried, NotCarriedNote } from "./not_carried.ts";
export { storeDir, type StoreDirOptions, storeTree } from "./store_dir.ts";
export type { DirStats, StoredDir } from "./publish_dir.ts";
export { syncExistingFile, syncExistingTree } from "./sync_existing.ts";
export { manifestOf, readManifestIn } from "./verify/manifest_at_hand.ts";
export {
  type BlobVerdict,
  verifyBlob,
  type VerifyOptions,
} from "./verify/verify_blob.ts";
export {
  type DirVerdict,
  type EntryDifference,
  verifyDir,
  type VerifyDirOptions,
} from "./verify/verify_dir.ts";
export {
  type StoreProblem,
  type StoreVerdict,
  verifyStore,
  type VerifyStoreOptions,
} from "./verify/verify_store.ts";
export type { ByteRange } from "./verify/wrong_slices.ts";
