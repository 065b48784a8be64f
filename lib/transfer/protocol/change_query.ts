/**
 * The messages of the procedure {@linkcode CONTENT_CHANGES}; their bytes are
 * listed in `tags.ts`.
 */

import {
  type BlobRef,
  decodeBlobRef,
  encodeBlobRef,
  HASH_LENGTH,
  PostcardWriter,
} from "../../content/mod.ts";
import { GET_MANY_MAX, REF_ENCODED_MAX } from "../../limits.ts";
import { decodeWhole } from "./decode_whole.ts";
import { ProtocolError } from "../../errors.ts";

/** Name of the procedure. */
export const CONTENT_CHANGES = "content.changes";

/** What a holder knows of a chunk, in the order of the tags. */
const STATES = ["unknown", "held", "changed", "gone"] as const;

/**
 * What a holder knows of a chunk: nothing, that it has it, or that the file it
 * was in has changed or is gone.
 */
export type ChunkState = typeof STATES[number];

/** A query of what has changed since content was published. */
export interface ChangeQuery {
  /** BLAKE3 of the encoded reference of the content. */
  readonly ref: Uint8Array;
  /** The chunks that are missing. */
  readonly hashes: readonly Uint8Array[];
}

/** What has changed. */
export interface ContentChanges {
  /** Of each chunk of the query. */
  readonly states: readonly ChunkState[];
  /** The reference under which the same path was published again. */
  readonly successor?: BlobRef;
}

export function encodeChangeQuery({ ref, hashes }: ChangeQuery): Uint8Array {
  const writer = new PostcardWriter();
  writer.bytes(ref);
  writer.u64(hashes.length);
  for (const hash of hashes) writer.bytes(hash);
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not such a query. */
export function decodeChangeQuery(bytes: Uint8Array): ChangeQuery {
  return decodeWhole(bytes, "query of changes", (reader) => {
    const ref = reader.bytes(HASH_LENGTH);
    const count = reader.count();
    if (count > GET_MANY_MAX) {
      throw new ProtocolError(`${count} chunks are too many for one query`);
    }
    const hashes: Uint8Array[] = [];
    for (let i = 0; i < count; i++) hashes.push(reader.bytes(HASH_LENGTH));
    return { ref, hashes };
  });
}

export function encodeContentChanges(
  { states, successor }: ContentChanges,
): Uint8Array {
  const writer = new PostcardWriter();
  writer.u64(states.length);
  for (const state of states) writer.u8(STATES.indexOf(state));
  const encoded = successor && encodeBlobRef(successor);
  const isTold = encoded !== undefined && encoded.length <= REF_ENCODED_MAX;
  writer.u8(isTold ? 1 : 0);
  if (isTold) writer.byteVec(encoded);
  return writer.finish();
}

/**
 * @param count How many chunks were asked about.
 * @throws {ProtocolError} When the bytes are not the answer to that.
 */
export function decodeContentChanges(
  bytes: Uint8Array,
  count: number,
): ContentChanges {
  return decodeWhole(bytes, "list of changes", (reader) => {
    if (reader.count() !== count) {
      throw new ProtocolError("the list of changes has another length");
    }
    const states: ChunkState[] = [];
    for (let i = 0; i < count; i++) {
      // A state that a newer node may know is none that we do.
      states.push(STATES.at(reader.u8()) ?? "unknown");
    }
    if (reader.u8() === 0) return { states };
    const successor = decodeBlobRef(reader.byteVec());
    return successor === undefined ? { states } : { states, successor };
  });
}
