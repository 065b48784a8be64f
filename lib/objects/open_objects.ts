import type { ChunkReader } from "./chunk_reader.ts";
import { HttpMirror } from "./http_mirror.ts";
import type { ObjectsLocation } from "./objects_url.ts";
import { S3Store, type S3StoreOptions } from "./s3_store.ts";

/** How {@linkcode openObjects} opens. */
export type OpenObjectsOptions = S3StoreOptions;

/**
 * Opens what a URL names, to read chunks from it. Nothing is asked yet.
 *
 * @throws {ConfigError} When credentials for a bucket are there and cannot be
 * used.
 */
export async function openObjects(
  location: ObjectsLocation,
  options: OpenObjectsOptions,
): Promise<ChunkReader> {
  return location.kind === "http"
    ? new HttpMirror(location, options)
    : await S3Store.open(location, options);
}
