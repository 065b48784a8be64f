/**
 * Blob references: what content is called. A reference names its bytes by hash,
 * as one chunk (Small), a list of chunks (Manifest) or a tree of chunks (Tree).
 *
 * Every encoded form is the magic `b0 b1 b2 b3`, one version byte (1 Small,
 * 2 Manifest, 3 Tree) and a body.
 */

import { RefError } from "../errors.ts";
import {
  BLOB_SIZE_MAX,
  CHUNK_SIZE,
  MANIFEST_CHUNKS_MAX,
  TREE_DEPTH_MAX,
  TREE_SIZE_MAX,
} from "../limits.ts";
import { HASH_LENGTH } from "./hash.ts";
import { PostcardWriter } from "./postcard.ts";

/**
 * How the chunks of a blob are kept: as they are, or with `m` parity chunks for
 * every `k`.
 */
export type Encoding = { kind: "replicated" } | {
  /** Which form the reference has. */
  kind: "reed_solomon";
  k: number;
  m: number;
};

/** The encoding of everything this program publishes. */
export const REPLICATED: Encoding = Object.freeze({ kind: "replicated" });

/** One chunk of a blob. */
export interface ChunkRef {
  /** BLAKE3 of the chunk, 32 bytes. */
  hash: Uint8Array;
  /** Length of the chunk, in bytes. */
  size: number;
}

/** A blob that is one chunk. */
export interface SmallRef {
  /** Which form the reference has. */
  kind: "small";
  /** Where the bytes come from, for people; part of the encoding. */
  uri: string;
  /** BLAKE3 of the content, 32 bytes. */
  hash: Uint8Array;
  /** Length of the content, in bytes; 0 also where only a hash was given. */
  size: bigint;
}

/**
 * A blob that is a list of chunks, all but the last of {@linkcode CHUNK_SIZE}
 * bytes.
 */
export interface ManifestRef {
  /** Which form the reference has. */
  kind: "manifest";
  /** Where the bytes come from, for people; part of the encoding. */
  uri: string;
  /** How the chunks are kept. */
  encoding: Encoding;
  /** The chunks in the order of the content; equal chunks appear each time. */
  chunks: ChunkRef[];
  /** Length of the content, in bytes. */
  totalSize: bigint;
}

/** A blob whose chunk list is itself stored, as a tree of nodes. */
export interface TreeRef {
  /** Which form the reference has. */
  kind: "tree";
  /** Where the bytes come from, for people; part of the encoding. */
  uri: string;
  /** How the chunks are kept. */
  encoding: Encoding;
  /** BLAKE3 of the root node, 32 bytes. */
  rootHash: Uint8Array;
  /** Length of the content, in bytes. */
  totalSize: bigint;
  /** Levels of nodes, 1 … 4; at 1 the root is a leaf. */
  depth: number;
}

/** What content is called. */
export type BlobRef = SmallRef | ManifestRef | TreeRef;

/** The first bytes of every encoded reference. */
export const BLOB_REF_MAGIC: readonly number[] = [0xb0, 0xb1, 0xb2, 0xb3];
/** Version byte of each kind of reference. */
export const BLOB_REF_VERSION = { small: 1, manifest: 2, tree: 3 } as const;
/** First byte of a Manifest body and of a Tree body. */
export const BODY_VERSION = 1;

/**
 * Makes a reference to one chunk. Its size is not checked: a Small of more than
 * 16 GiB can be written but not read.
 *
 * @param hash BLAKE3 of the content, 32 bytes; not copied.
 * @param size Length of the content, in bytes.
 * @throws {RangeError} When the hash is not 32 bytes long.
 */
export function makeSmall(
  uri: string,
  hash: Uint8Array,
  size: bigint | number,
): SmallRef {
  checkHash(hash);
  return { kind: "small", uri, hash, size: BigInt(size) };
}

/**
 * Makes a reference to a list of chunks.
 *
 * @param chunks 1 … 8192 chunks, all but the last of 4 MiB; not copied.
 * @throws {RefError} When the chunks do not make a Manifest.
 * @throws {RangeError} When a hash is not 32 bytes long.
 */
export function makeManifest(
  uri: string,
  encoding: Encoding,
  chunks: ChunkRef[],
): ManifestRef {
  for (const chunk of chunks) checkHash(chunk.hash);
  const totalSize = checkManifestChunks(chunks);
  checkManifestSize(totalSize);
  return { kind: "manifest", uri, encoding, chunks, totalSize };
}

/**
 * Makes a reference to a tree of chunks.
 *
 * @param rootHash BLAKE3 of the root node, 32 bytes; not copied.
 * @param totalSize Length of the content, in bytes.
 * @param depth Levels of nodes, 1 … 4.
 * @throws {RefError} When the size or the depth is out of range.
 * @throws {RangeError} When the hash is not 32 bytes long.
 */
export function makeTree(
  uri: string,
  encoding: Encoding,
  rootHash: Uint8Array,
  totalSize: bigint,
  depth: number,
): TreeRef {
  checkHash(rootHash);
  checkTreeShape(totalSize, depth);
  return { kind: "tree", uri, encoding, rootHash, totalSize, depth };
}

/**
 * The length of the content that `ref` declares, in bytes.
 *
 * @returns 0 also for a reference that was given as a bare hash.
 */
export function blobRefSize(ref: BlobRef): bigint {
  return ref.kind === "small" ? ref.size : ref.totalSize;
}

/**
 * Encodes a reference.
 *
 * @returns The frame in memory of its own.
 *
 * @example
 * ```ts
 * import { encodeBlobRef, makeSmall } from "./blob_ref.ts";
 * import { blake3 } from "./hash.ts";
 *
 * const bytes = new TextEncoder().encode("hello\n");
 * encodeBlobRef(makeSmall("mesh://transfer", blake3(bytes), bytes.length));
 * ```
 */
export function encodeBlobRef(ref: BlobRef): Uint8Array<ArrayBuffer> {
  switch (ref.kind) {
    case "small":
      return encodeSmall(ref);
    case "manifest":
      return encodeManifest(ref);
    case "tree":
      return encodeTree(ref);
  }
}

const utf8 = new TextEncoder();
const SMALL_HASH = BLOB_REF_MAGIC.length + 1;
const SMALL_SIZE = SMALL_HASH + HASH_LENGTH;
const SMALL_URI = SMALL_SIZE + 8;

function encodeSmall(ref: SmallRef): Uint8Array<ArrayBuffer> {
  const uri = utf8.encode(ref.uri);
  const bytes = new Uint8Array(SMALL_URI + uri.length);
  bytes.set(BLOB_REF_MAGIC);
  bytes[BLOB_REF_MAGIC.length] = BLOB_REF_VERSION.small;
  bytes.set(ref.hash, SMALL_HASH);
  new DataView(bytes.buffer).setBigUint64(SMALL_SIZE, ref.size, true);
  bytes.set(uri, SMALL_URI);
  return bytes;
}

function encodeManifest(ref: ManifestRef): Uint8Array<ArrayBuffer> {
  const writer = new PostcardWriter(
    64 + ref.uri.length + 36 * ref.chunks.length,
  );
  writeHead(writer, BLOB_REF_VERSION.manifest, ref);
  writer.u64(ref.chunks.length);
  for (const chunk of ref.chunks) {
    writer.bytes(chunk.hash);
    writer.u32(chunk.size);
  }
  writer.u64(ref.totalSize);
  return writer.finish();
}

function encodeTree(ref: TreeRef): Uint8Array<ArrayBuffer> {
  const writer = new PostcardWriter(128 + ref.uri.length);
  writeHead(writer, BLOB_REF_VERSION.tree, ref);
  writer.bytes(ref.rootHash);
  writer.u64(ref.totalSize);
  writer.u8(ref.depth);
  return writer.finish();
}

function writeHead(
  writer: PostcardWriter,
  version: number,
  ref: ManifestRef | TreeRef,
): void {
  for (const byte of BLOB_REF_MAGIC) writer.u8(byte);
  writer.u8(version);
  writer.u8(BODY_VERSION);
  writer.string(ref.uri);
  writeEncoding(writer, ref.encoding);
}

/** Writes an {@linkcode Encoding} as the postcard enum it is. */
export function writeEncoding(
  writer: PostcardWriter,
  encoding: Encoding,
): void {
  if (encoding.kind === "replicated") {
    writer.u32(0);
  } else {
    writer.u32(1);
    writer.u8(encoding.k);
    writer.u8(encoding.m);
  }
}

/**
 * Checks number and sizes of a Manifest's chunks.
 *
 * @returns The sum of their sizes.
 * @throws {RefError} When they do not make a Manifest.
 */
export function checkManifestChunks(chunks: readonly ChunkRef[]): bigint {
  if (chunks.length === 0) {
    throw refDecodeError("manifest must carry at least one chunk");
  }
  if (chunks.length > MANIFEST_CHUNKS_MAX) {
    throw refDecodeError(
      `manifest chunk count ${chunks.length} exceeds cap ${MANIFEST_CHUNKS_MAX}`,
    );
  }
  const last = chunks.length - 1;
  for (let i = 0; i < last; i++) {
    const { size } = chunks[i];
    if (size !== CHUNK_SIZE) {
      throw refDecodeError(
        `manifest non-last chunk ${i} has size ${size} (expected ${CHUNK_SIZE})`,
      );
    }
  }
  const { size } = chunks[last];
  if (size < 1 || size > CHUNK_SIZE) {
    throw refDecodeError(
      `manifest last chunk ${last} has size ${size} (expected 1..=${CHUNK_SIZE})`,
    );
  }
  return BigInt(last * CHUNK_SIZE + size);
}

/**
 * Checks the size of a Manifest.
 *
 * @throws {RefError} Above 16 GiB.
 */
export function checkManifestSize(totalSize: bigint): void {
  if (totalSize > BLOB_SIZE_MAX) {
    throw refDecodeError(
      `manifest total_size ${totalSize} exceeds cap ${BLOB_SIZE_MAX}`,
    );
  }
}

/**
 * Checks size and depth of a Tree, each by itself.
 *
 * @throws {RefError} When one is out of range.
 */
export function checkTreeShape(totalSize: bigint, depth: number): void {
  if (totalSize === 0n) {
    throw refDecodeError(
      "tree total_size must be > 0; empty payloads use BlobRef::Small",
    );
  }
  if (totalSize > TREE_SIZE_MAX) {
    throw refDecodeError(
      `tree total_size ${totalSize} exceeds cap ${TREE_SIZE_MAX}`,
    );
  }
  if (depth < 1 || depth > TREE_DEPTH_MAX) {
    throw refDecodeError(
      `tree depth ${depth} out of range 1..=${TREE_DEPTH_MAX}`,
    );
  }
}

/** An error of a reference that breaks its format. */
export function refDecodeError(reason: string): RefError {
  return new RefError(`blob ref decode failed: ${reason}`);
}

function checkHash(hash: Uint8Array): void {
  if (hash.length !== HASH_LENGTH) {
    throw new RangeError(
      `Cannot make a reference: the hash has ${hash.length} bytes, not ${HASH_LENGTH}`,
    );
  }
}
