/**
 * Which chunks make up a blob, whatever kind of reference names it.
 *
 * @module
 */

import {
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  toHex,
  type TreeRef,
  walkTree,
} from "../../content/mod.ts";
import { type ErrorField, RefError } from "../../errors.ts";
import { CHUNK_MAX, TREE_FANOUT, TREE_NODE_MAX } from "../../limits.ts";
import { orderedMap } from "../../async/ordered_map.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";

/** One chunk of a blob. */
export interface BlobChunk {
  /** Its number in the blob, from 0. */
  readonly index: number;
  /** Where it begins in the blob, in bytes. */
  readonly offset: number;
  /** BLAKE3 of the chunk, 32 bytes. */
  readonly hash: Uint8Array;
  /** Its length, `undefined` when only the holder can tell (a bare hash). */
  readonly size: number | undefined;
}

/** How the chunks of a blob are listed. */
export interface BlobChunksOptions {
  /** Ends the requests for tree nodes. */
  signal?: AbortSignal;
  /** Facts for errors about tree nodes. */
  fields?: Readonly<Record<string, ErrorField>>;
}

/** BLAKE3 of nothing: a chunk that need not be fetched. */
const EMPTY_HASH =
  "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

/**
 * Checks that a blob can be fetched at all.
 *
 * @returns Its size in bytes, or `undefined` for a bare hash, whose size only
 * the holder can tell.
 * @throws {RefError} When it cannot.
 */
export function fetchableSize(ref: BlobRef): number | undefined {
  const size = blobRefSize(ref);
  if (ref.kind === "small" && size > BigInt(CHUNK_MAX)) {
    throw new RefError(
      `Cannot fetch a single chunk of ${size} bytes: the limit is ${CHUNK_MAX}`,
      { hint: "Publish the content again, in chunks, with send-blob." },
    );
  }
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RefError(`Cannot fetch ${size} bytes: no file is that large`);
  }
  if (ref.kind === "small" && size === 0n && toHex(ref.hash) !== EMPTY_HASH) {
    return undefined;
  }
  return Number(size);
}

/**
 * Lists the chunks of a blob in order. The nodes of a Tree are fetched on the
 * way, a leaf ahead of its chunks.
 *
 * @param ref What {@linkcode fetchableSize} has accepted.
 * @param source Where tree nodes come from; they are checked here.
 */
export async function* blobChunks(
  ref: BlobRef,
  source: ChunkSource,
  options: BlobChunksOptions = {},
): AsyncGenerator<BlobChunk, void, undefined> {
  if (ref.kind === "small") {
    const size = fetchableSize(ref);
    yield { index: 0, offset: 0, hash: ref.hash, size };
    return;
  }
  let index = 0;
  let offset = 0;
  const chunks = ref.kind === "manifest"
    ? ref.chunks
    : treeChunks(ref, source, options);
  for await (const { hash, size } of chunks) {
    yield { index: index++, offset, hash, size };
    offset += size;
  }
}

function treeChunks(
  ref: TreeRef,
  source: ChunkSource,
  options: BlobChunksOptions = {},
): AsyncIterable<ChunkRef> {
  const { signal, fields = {} } = options;
  const fetchNode = (hash: Uint8Array) =>
    source.fetchChunk(hash, TREE_NODE_MAX, {
      signal,
      label: () => ({ text: `tree node ${toHex(hash)}`, fields }),
    });
  // Walked ahead, so that the next node is fetched while this one's chunks are.
  return orderedMap(walkTree(ref, fetchNode), (chunk) => chunk, {
    ahead: TREE_FANOUT,
    signal,
  });
}
