/**
 * Which chunks make up a blob, whatever kind of reference names it, and how one
 * is fetched.
 */

import { orderedMap } from "../../async/ordered_map.ts";
import {
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  type TreeRef,
  verifyHash,
  walkTree,
} from "../../content/mod.ts";
import { type ErrorField, RefError } from "../../errors.ts";
import {
  CHUNK_MAX,
  CHUNK_SIZE,
  TREE_FANOUT,
  TREE_NODE_MAX,
} from "../../limits.ts";
import { toHex } from "../../text/hex.ts";
import type { FetchChunkOptions } from "../ask/chunk_fetcher.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";

/** One chunk of a blob. */
export interface BlobChunk {
  readonly index: number;
  readonly offset: number;
  readonly hash: Uint8Array;
  /** `undefined` when only the holder can tell: of a bare hash. */
  readonly size: number | undefined;
}

export interface BlobChunksOptions {
  /** Ends the requests for tree nodes. */
  signal?: AbortSignal;
  /** Facts for errors about tree nodes. */
  fields?: Readonly<Record<string, ErrorField>>;
}

export interface FetchBlobChunkOptions
  extends Omit<FetchChunkOptions, "label"> {
  /** What the blob is, for errors; nothing if it is what the user wants. */
  what?: string;
}

/** BLAKE3 of nothing: a chunk that need not be fetched. */
const EMPTY_HASH =
  "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

/** Size of a blob, if it can be fetched at all; `undefined` for a bare hash. */
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
 * Lists the chunks of a blob in order; the nodes of a Tree are fetched on the
 * way, a leaf ahead of its chunks.
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
  { signal, fields = {} }: BlobChunksOptions,
): AsyncIterable<ChunkRef> {
  const fetchNode = (hash: Uint8Array) =>
    source.fetchChunk(
      { hash, size: undefined, maxSize: TREE_NODE_MAX },
      { signal, label: () => ({ text: `tree node ${toHex(hash)}`, fields }) },
      (node) => {
        verifyHash(node, hash);
        return node;
      },
    );
  // Walked ahead, so that the next node is fetched while this one's chunks are.
  return orderedMap(walkTree(ref, fetchNode), (chunk) => chunk, {
    ahead: TREE_FANOUT,
    signal,
  });
}

/** Bytes to reserve for a chunk; those of a full one if its length is unknown. */
export function chunkBytes({ size }: Pick<BlobChunk, "size">): number {
  return size ?? CHUNK_SIZE;
}

/**
 * Fetches one chunk, an empty one without a request.
 *
 * @param use Verifies its bytes, and uses them.
 */
export async function fetchBlobChunk<T>(
  source: ChunkSource,
  { index, hash, size }: BlobChunk,
  { what, ...options }: FetchBlobChunkOptions,
  use: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const text = `chunk ${index}${what ? ` of ${what}` : ""} (${toHex(hash)})`;
  const about = {
    ...options,
    label: () => ({ text, fields: { chunk: index } }),
  };
  if (size === 0) return await use(new Uint8Array());
  const wanted = { hash, size, maxSize: CHUNK_MAX };
  return await source.fetchChunk(wanted, about, use);
}
