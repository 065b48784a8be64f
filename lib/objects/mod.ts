/**
 * Chunks that lie behind HTTP: mirrors, which any web server can be, and
 * buckets of S3-compatible object stores.
 *
 * Goals: nothing that a server sends is believed, nor waited for without a
 * bound; what fails for a reason that passes is asked for again, and goes on
 * where it ended; no secret reaches a message.
 *
 * Not its matter: where chunks go (`landing`), and from which of several sources
 * they come (`transfer`).
 *
 * @module
 */

export type { ChunkReader, ReadChunkOptions } from "./chunk_reader.ts";
export { HttpMirror } from "./http_mirror.ts";
export type { HttpRequestsOptions } from "./http_requests.ts";
export {
  ObjectCache,
  type ObjectCacheEvent,
  type ObjectCacheOptions,
  type ShownFetch,
} from "./object_cache.ts";
export { ObjectUploads, type ObjectUploadsOptions } from "./object_uploads.ts";
export {
  type BucketLocation,
  isObjectsUrl,
  type MirrorLocation,
  type ObjectsLocation,
  parseObjectsUrl,
  shownLocation,
} from "./objects_url.ts";
export { openObjects, type OpenObjectsOptions } from "./open_objects.ts";
export { RecentChunks } from "./recent_chunks.ts";
export { S3Store, type S3StoreOptions } from "./s3_store.ts";
export type { ListedChunk } from "./s3_xml.ts";
