/**
 * The nodes of Tree blobs. A node is stored like a chunk, under the BLAKE3 of
 * its encoding.
 */

import { ManifestError } from "../errors.ts";
import { CHUNK_MAX, TREE_FANOUT, TREE_NODE_MAX } from "../limits.ts";
import { type ChunkRef, type Encoding, writeEncoding } from "./blob_ref.ts";
import { readEncoding } from "./decode_blob_ref.ts";
import { HASH_LENGTH } from "./hash.ts";
import { PostcardError, PostcardReader, PostcardWriter } from "./postcard.ts";

/** A subtree of an internal node. */
export interface TreeChild {
  /** BLAKE3 of the child node, 32 bytes. */
  hash: Uint8Array;
  /** Bytes of content below it. */
  size: bigint;
}

/** A chunk of a leaf, up to 16 MiB. */
export interface TreeChunk extends ChunkRef {
  /** Index of a parity chunk in its stripe; a data chunk has none. */
  parity?: number;
}

/** Chunks that repair each other. */
export interface Stripe {
  /** How many of them are data and parity. */
  encoding: Encoding;
  /** The data chunks, then the parity chunks. */
  chunks: TreeChunk[];
}

/** A node of a Tree blob. */
export type TreeNode =
  | { kind: "internal"; children: TreeChild[] }
  | { kind: "leaf"; chunks: TreeChunk[] }
  | { kind: "erasure_leaf"; stripes: Stripe[] };

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * Encodes a node.
 *
 * @throws {ManifestError} When the node breaks a rule of the format.
 */
export function encodeTreeNode(node: TreeNode): Uint8Array<ArrayBuffer> {
  checkNode(node);
  const writer = new PostcardWriter(8192);
  switch (node.kind) {
    case "internal":
      writer.u32(0);
      writer.u64(node.children.length);
      for (const child of node.children) {
        writer.bytes(child.hash);
        writer.u64(child.size);
      }
      break;
    case "leaf":
      writer.u32(1);
      writeChunks(writer, node.chunks);
      break;
    case "erasure_leaf":
      writer.u32(2);
      writer.u64(node.stripes.length);
      for (const stripe of node.stripes) {
        writeEncoding(writer, stripe.encoding);
        writeChunks(writer, stripe.chunks);
      }
      break;
  }
  const bytes = writer.finish();
  checkLength(bytes);
  return bytes;
}

/**
 * Decodes a node and checks every rule of the format; bytes after it are
 * ignored.
 *
 * @param bytes One encoded node; the result keeps nothing of it.
 * @throws {ManifestError} When the bytes are no valid node.
 */
export function decodeTreeNode(bytes: Uint8Array): TreeNode {
  checkLength(bytes);
  const node = parseNode(bytes.slice());
  checkNode(node);
  return node;
}

/** How many bytes of content lie below a node. */
export function coveredBytes(node: TreeNode): bigint {
  return node.kind === "internal"
    ? node.children.reduce((sum, child) => sum + child.size, 0n)
    : BigInt(contentChunks(node).reduce((sum, chunk) => sum + chunk.size, 0));
}

/** The chunks whose bytes, in this order, are the content of a leaf. */
export function contentChunks(
  node: Exclude<TreeNode, { kind: "internal" }>,
): TreeChunk[] {
  return node.kind === "leaf"
    ? node.chunks
    : node.stripes.flatMap((stripe) => stripe.chunks.filter(isData));
}

function isData(chunk: TreeChunk): boolean {
  return chunk.parity === undefined;
}

function writeChunks(writer: PostcardWriter, chunks: TreeChunk[]): void {
  writer.u64(chunks.length);
  for (const chunk of chunks) {
    writer.bytes(chunk.hash);
    writer.u32(chunk.size);
    if (chunk.parity === undefined) {
      writer.u32(0);
    } else {
      writer.u32(1);
      writer.u8(chunk.parity);
    }
  }
}

function parseNode(bytes: Uint8Array): TreeNode {
  try {
    const reader = new PostcardReader(bytes);
    switch (reader.variant(3)) {
      case 0:
        return {
          kind: "internal",
          children: readVec(reader, () => ({
            hash: reader.bytes(HASH_LENGTH),
            size: reader.u64(),
          })),
        };
      case 1:
        return { kind: "leaf", chunks: readChunks(reader) };
      default:
        return {
          kind: "erasure_leaf",
          stripes: readVec(reader, () => ({
            encoding: readEncoding(reader),
            chunks: readChunks(reader),
          })),
        };
    }
  } catch (error) {
    if (!(error instanceof PostcardError)) throw error;
    throw badNode(`decode failed: ${error.message}`);
  }
}

function readChunks(reader: PostcardReader): TreeChunk[] {
  return readVec(reader, () => {
    const hash = reader.bytes(HASH_LENGTH);
    const size = reader.u32();
    return reader.variant(2) === 0
      ? { hash, size }
      : { hash, size, parity: reader.u8() };
  });
}

function readVec<T>(reader: PostcardReader, read: () => T): T[] {
  const elements: T[] = [];
  for (let left = reader.count(); left > 0; left--) elements.push(read());
  return elements;
}

function checkNode(node: TreeNode): void {
  switch (node.kind) {
    case "internal": {
      checkCount("Internal", "children", node.children.length);
      const empty = node.children.findIndex((child) => child.size < 1n);
      if (empty >= 0) throw badNode(`Internal child ${empty} has size 0`);
      if (coveredBytes(node) > U64_MAX) {
        throw badNode("Internal sizes add up to more than 64 bits");
      }
      break;
    }
    case "leaf":
      checkCount("Leaf", "chunks", node.chunks.length);
      checkSizes("Leaf", node.chunks);
      break;
    case "erasure_leaf": {
      if (node.stripes.length === 0) throw badNode("ErasureLeaf has no stripe");
      const chunks = node.stripes.reduce((sum, s) => sum + s.chunks.length, 0);
      checkCount("ErasureLeaf", "chunks", chunks);
      node.stripes.forEach(checkStripe);
      break;
    }
  }
}

function checkCount(variant: string, what: string, count: number): void {
  if (count < 1 || count > TREE_FANOUT) {
    throw badNode(`${variant} has ${count} ${what}, not 1..=${TREE_FANOUT}`);
  }
}

function checkSizes(variant: string, chunks: TreeChunk[]): void {
  for (const [i, { size }] of chunks.entries()) {
    if (size < 1 || size > CHUNK_MAX) {
      throw badNode(
        `${variant} chunk ${i} has size ${size}, not 1..=${CHUNK_MAX}`,
      );
    }
  }
}

function checkStripe(stripe: Stripe, index: number): void {
  const { encoding, chunks } = stripe;
  const name = `ErasureLeaf stripe ${index}`;
  checkSizes(name, chunks);
  const data = chunks.filter(isData).length;
  const parity = chunks.length - data;
  if (encoding.kind === "replicated") {
    if (data < 1 || parity > 0) {
      throw badNode(
        `${name} is Replicated and has ${data} data and ${parity} parity chunks`,
      );
    }
    return;
  }
  const { k, m } = encoding;
  if (data !== k || parity !== m || !chunks.slice(0, k).every(isData)) {
    throw badNode(`${name} is not ${k} data and then ${m} parity chunks`);
  }
}

function checkLength(bytes: Uint8Array): void {
  if (bytes.length > TREE_NODE_MAX) {
    throw badNode(`${bytes.length} bytes exceeds cap ${TREE_NODE_MAX}`);
  }
}

function badNode(reason: string): ManifestError {
  return new ManifestError(`TreeNode ${reason}`);
}
