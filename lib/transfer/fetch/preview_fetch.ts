/**
 * What a fetch would do, without writing anything.
 *
 * @module
 */

import { type BlobRef, readDirEntries } from "../../content/mod.ts";
import {
  checkTree,
  inspectTarget,
  type LinkPolicy,
  type TreeCounts,
} from "../../landing/mod.ts";
import type { Session } from "../../mesh/mod.ts";
import type { PathFilter } from "../../store/mod.ts";
import { Inventory } from "./inventory.ts";
import { readManifest } from "./read_manifest.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { dirWork } from "./dir_work.ts";
import type { FetchOptions } from "./fetch_blob.ts";
import { batchBytes, dirBounds } from "./fetch_dir.ts";

/** How a fetch is previewed; there is no progress. */
export type PreviewOptions = Omit<FetchOptions, "onProgress">;

/** How a fetch of a directory is previewed. */
export interface PreviewDirOptions extends PreviewOptions {
  /** As for `fetchDir`. */
  links?: LinkPolicy;
  /** As for `fetchDir`. */
  filter?: PathFilter;
}

/** What a fetch would do. */
export interface FetchPreview {
  /** Chunks it would ask for. */
  chunks: number;
  /** Those that the holder says it lacks: with any, the fetch would fail. */
  chunksMissing: number;
  /** Bytes of content it would ask for, when they are known beforehand. */
  bytesToFetch?: bigint;
  /** Bytes of the chunks that the holder lacks, when they are known. */
  bytesMissing?: bigint;
  /** Whether something is at the target that would be replaced. */
  replaces: boolean;
}

/** What {@linkcode previewBlob} found. */
export interface BlobPreview extends FetchPreview {
  /** Size of the blob, unknown for a bare hash. */
  bytes?: bigint;
}

/** What {@linkcode previewDir} found. */
export interface DirPreview extends FetchPreview, TreeCounts {
  /** What the user should know about the manifest. */
  warnings: readonly string[];
}

/**
 * Tells what `fetchBlob` would do. The nodes of a Tree are fetched; of the
 * content the holder is only asked whether it has it.
 *
 * @param session The holder.
 * @param ref What would be fetched.
 * @param out Path of the file; none for a stream.
 * @throws {IoError} When no file can be installed there.
 * @throws As `fetchBlob`, when a node of the Tree cannot be fetched.
 */
export async function previewBlob(
  session: Session,
  ref: BlobRef,
  out: string | undefined,
  options: PreviewOptions = {},
): Promise<BlobPreview> {
  const size = fetchableSize(ref);
  const replaces = out !== undefined && inspectTarget(out, "blob");
  const source = new ChunkFetcher(session, options);
  const inventory = new Inventory(source, options.signal);
  await inventory.take((signal) => blobChunks(ref, source, { signal }));
  const { chunks, chunksMissing } = inventory;
  if (size === undefined) return { chunks, chunksMissing, replaces };
  return { bytes: BigInt(size), ...totals(inventory), replaces };
}

/**
 * Tells what `fetchDir` would do. The manifest is fetched and checked as a
 * whole; of the content the holder is only asked whether it has it.
 *
 * @param session The holder.
 * @param ref The reference of the directory's manifest.
 * @param out Path of the directory.
 * @throws {IoError} When no tree can be installed there.
 * @throws As `fetchDir`, when the manifest cannot be fetched or is refused.
 */
export async function previewDir(
  session: Session,
  ref: BlobRef,
  out: string,
  options: PreviewDirOptions = {},
): Promise<DirPreview> {
  const { filter, links = "keep", signal } = options;
  const replaces = inspectTarget(out, "tree");
  const source = new ChunkFetcher(session, options);
  const bounds = dirBounds(options);
  const manifest = await readManifest(source, ref, bounds, filter);
  const { counts, warnings } = checkTree({ manifest, links });
  const inventory = new Inventory(source, signal);
  const maxBytes = batchBytes(bounds.maxBytes);
  await inventory.take((signal) =>
    dirChunks(manifest, maxBytes, source, signal)
  );
  return { ...counts, ...totals(inventory), replaces, warnings };
}

/** The chunks that a fetch of a directory asks for. */
async function* dirChunks(
  manifest: Uint8Array,
  maxBytes: number,
  source: ChunkFetcher,
  signal: AbortSignal,
): AsyncGenerator<Pick<BlobChunk, "hash" | "size">, void, undefined> {
  for (const work of dirWork(readDirEntries(manifest), maxBytes)) {
    switch (work.kind) {
      case "batch":
        yield* work.wanted;
        break;
      case "chunk":
        yield work.piece;
        break;
      case "tree": {
        const fields = { path: work.path };
        yield* blobChunks(work.ref, source, { signal, fields });
        break;
      }
    }
  }
}

function totals(
  { chunks, chunksMissing, bytes, bytesMissing }: Inventory,
): Omit<FetchPreview, "replaces"> {
  return {
    chunks,
    chunksMissing,
    bytesToFetch: BigInt(bytes),
    bytesMissing: BigInt(bytesMissing),
  };
}
