/**
 * Reads encoded blob references, checking every rule of the format in its order:
 * which rule a broken reference is refused by is part of the behaviour.
 */

import { RefError } from "../errors.ts";
import {
  BLOB_SIZE_MAX,
  MANIFEST_BODY_MAX,
  REF_ENCODED_MAX,
  TREE_BODY_MAX,
  TREE_FANOUT,
} from "../limits.ts";
import {
  BLOB_REF_MAGIC,
  BLOB_REF_VERSION,
  type BlobRef,
  BODY_VERSION,
  checkManifestChunks,
  checkManifestSize,
  checkTreeShape,
  type ChunkRef,
  type Encoding,
  type ManifestRef,
  refDecodeError,
  type SmallRef,
  type TreeRef,
} from "./blob_ref.ts";
import { HASH_LENGTH } from "./hash.ts";
import { PostcardError, PostcardReader } from "./postcard.ts";
import { decodeUtf8, describeUtf8Fault } from "./utf8.ts";

const HEADER_LENGTH = BLOB_REF_MAGIC.length + 1;
const SMALL_FIXED_LENGTH = HASH_LENGTH + 8;

/**
 * Decodes a reference.
 *
 * Bytes after a Manifest or a Tree are ignored; after a Small there are none,
 * since its URI runs to the end.
 *
 * @param bytes One encoded reference; the result keeps nothing of it.
 * @returns `undefined` when the bytes do not start with the magic.
 * @throws {RefError} When they do and are no valid reference.
 *
 * @example
 * ```ts
 * import { decodeBlobRef } from "./decode_blob_ref.ts";
 *
 * decodeBlobRef(new TextEncoder().encode("something else")); // undefined
 * ```
 */
export function decodeBlobRef(bytes: Uint8Array): BlobRef | undefined {
  if (bytes.length < BLOB_REF_MAGIC.length) return undefined;
  for (let i = 0; i < BLOB_REF_MAGIC.length; i++) {
    if (bytes[i] !== BLOB_REF_MAGIC[i]) return undefined;
  }
  if (bytes.length < HEADER_LENGTH) {
    throw refDecodeError("frame too short for version byte: 4 bytes");
  }
  const version = bytes[BLOB_REF_MAGIC.length];
  const body = bytes.subarray(HEADER_LENGTH);
  switch (version) {
    case BLOB_REF_VERSION.small:
      return decodeSmall(body);
    case BLOB_REF_VERSION.manifest:
      return decodeManifest(body);
    case BLOB_REF_VERSION.tree:
      return decodeTree(body);
    default:
      throw unsupportedVersion(version);
  }
}

/**
 * Reads an {@linkcode Encoding}.
 *
 * @throws {PostcardError} When it is not one.
 */
export function readEncoding(reader: PostcardReader): Encoding {
  if (reader.variant(2) === 0) return { kind: "replicated" };
  return { kind: "reed_solomon", k: reader.u8(), m: reader.u8() };
}

function decodeSmall(body: Uint8Array): SmallRef {
  if (body.length < SMALL_FIXED_LENGTH) {
    throw refDecodeError(
      `small frame too short: ${body.length} bytes after version, need at least ${SMALL_FIXED_LENGTH}`,
    );
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const size = view.getBigUint64(HASH_LENGTH, true);
  if (size > BLOB_SIZE_MAX) {
    throw refDecodeError(`blob size ${size} exceeds cap ${BLOB_SIZE_MAX}`);
  }
  // A manifest entry and an answer hold references as long as a peer likes: a
  // URI is bounded before it is read, as an ill-formed one is walked bytewise.
  const length = HEADER_LENGTH + body.length;
  if (length > REF_ENCODED_MAX) {
    throw refDecodeError(
      `small reference of ${length} bytes exceeds cap ${REF_ENCODED_MAX}`,
    );
  }
  const text = body.subarray(SMALL_FIXED_LENGTH);
  const uri = decodeUtf8(text);
  if (uri === undefined) {
    throw refDecodeError(`URI not UTF-8: ${describeUtf8Fault(text)}`);
  }
  return { kind: "small", uri, hash: body.slice(0, HASH_LENGTH), size };
}

function decodeManifest(body: Uint8Array): ManifestRef {
  if (body.length > MANIFEST_BODY_MAX) {
    throw refDecodeError(
      `manifest body ${body.length} bytes exceeds legitimate upper bound ${MANIFEST_BODY_MAX}`,
    );
  }
  const ref = parseBody("manifest", body, (reader, head): ManifestRef => {
    const chunks: ChunkRef[] = [];
    for (let left = reader.count(); left > 0; left--) {
      chunks.push({ hash: reader.bytes(HASH_LENGTH), size: reader.u32() });
    }
    return { kind: "manifest", ...head, chunks, totalSize: reader.u64() };
  });
  const sum = checkManifestChunks(ref.chunks);
  if (sum !== ref.totalSize) {
    throw refDecodeError(
      `manifest total_size mismatch: declared ${ref.totalSize}, iterated ${sum}`,
    );
  }
  checkManifestSize(ref.totalSize);
  return ref;
}

function decodeTree(body: Uint8Array): TreeRef {
  if (body.length > TREE_BODY_MAX) {
    throw refDecodeError(
      `tree body ${body.length} bytes exceeds cap ${TREE_BODY_MAX}`,
    );
  }
  const ref = parseBody("tree", body, (reader, head): TreeRef => ({
    kind: "tree",
    ...head,
    rootHash: reader.bytes(HASH_LENGTH),
    totalSize: reader.u64(),
    depth: reader.u8(),
  }));
  checkTreeShape(ref.totalSize, ref.depth);
  const least = BigInt(TREE_FANOUT) ** BigInt(ref.depth - 1);
  if (ref.depth >= 2 && ref.totalSize < least) {
    throw refDecodeError(
      `tree depth ${ref.depth} requires total_size >= ${least} (TREE_FANOUT^(depth-1)); got ${ref.totalSize}`,
    );
  }
  return ref;
}

/**
 * Parses a copy of `body`, so that the hashes can be views of it. Its version
 * counts only when all of it could be read.
 */
function parseBody<T>(
  kind: string,
  body: Uint8Array,
  parse: (
    reader: PostcardReader,
    head: Pick<ManifestRef, "uri" | "encoding">,
  ) => T,
): T {
  try {
    const reader = new PostcardReader(body.slice());
    const version = reader.u8();
    const head = { uri: reader.string(), encoding: readEncoding(reader) };
    const ref = parse(reader, head);
    if (version !== BODY_VERSION) throw unsupportedVersion(version);
    return ref;
  } catch (error) {
    if (!(error instanceof PostcardError)) throw error;
    throw refDecodeError(`${kind} body decode failed: ${error.message}`);
  }
}

function unsupportedVersion(version: number): RefError {
  return new RefError(`blob ref version ${version} not supported`);
}
