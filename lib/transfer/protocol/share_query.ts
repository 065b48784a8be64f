/**
 * The messages of the procedures {@linkcode CONTENT_NAME} and
 * {@linkcode CONTENT_FETCHED}; their bytes are listed in `tags.ts`.
 */

import { HASH_LENGTH, PostcardWriter } from "../../content/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { DIR_NAME_MAX } from "../../limits.ts";
import { decodeWhole } from "./decode_whole.ts";

/** Name of the procedure that tells the name of content. */
export const CONTENT_NAME = "content.name";

/** Name of the procedure that is told that all of some content has arrived. */
export const CONTENT_FETCHED = "content.fetched";

/** Encodes what both are called with: the hash that a ticket has. */
export function encodeContentHash(hash: Uint8Array): Uint8Array {
  const writer = new PostcardWriter();
  writer.bytes(hash);
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not one hash. */
export function decodeContentHash(bytes: Uint8Array): Uint8Array {
  return decodeWhole(
    bytes,
    "hash of content",
    (reader) => reader.bytes(HASH_LENGTH).slice(),
  );
}

export function encodeContentName(name: string): Uint8Array {
  const writer = new PostcardWriter();
  writer.string(name);
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not a name, or it is too long. */
export function decodeContentName(bytes: Uint8Array): string {
  return decodeWhole(bytes, "name of content", (reader) => {
    const name = reader.string();
    const { length } = new TextEncoder().encode(name);
    if (length > DIR_NAME_MAX) {
      throw new ProtocolError(`a name of ${length} bytes is too long`);
    }
    return name;
  });
}

/** Encodes whether the holder counts it as fetched. */
export function encodeFetchedVerdict(isCounted: boolean): Uint8Array {
  return new Uint8Array([isCounted ? 1 : 0]);
}

/** @throws {ProtocolError} When the bytes are not a verdict. */
export function decodeFetchedVerdict(bytes: Uint8Array): boolean {
  return decodeWhole(bytes, "verdict", (reader) => {
    const byte = reader.u8();
    if (byte > 1) throw new ProtocolError(`${byte} is no boolean`);
    return byte === 1;
  });
}
