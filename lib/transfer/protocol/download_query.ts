/**
 * The messages of the procedure {@linkcode NODE_DOWNLOADS}; their bytes are
 * listed in `tags.ts`.
 */

import { type PostcardReader, PostcardWriter } from "../../content/mod.ts";
import { DIR_NAME_MAX, DOWNLOAD_ROWS_MAX } from "../../limits.ts";
import { decodeWhole } from "./decode_whole.ts";
import { ProtocolError } from "../../errors.ts";

/** Name of the procedure. */
export const NODE_DOWNLOADS = "node.downloads";

/** One fetch that a node serves, as people know it. */
export interface DownloadRow {
  /** The name it is published under; absent where that is not known. */
  readonly name?: string;
  /** Node id of the peer that fetches. */
  readonly peer: bigint;
  /** Its address, for people; empty where that is not told. */
  readonly address: string;
  /** Bytes that have left for it. */
  readonly bytes: number;
  /** Bytes of content in all, once it is known what is fetched. */
  readonly totalBytes?: number;
  /** Milliseconds since its first request. */
  readonly sinceMs: number;
}

/** Longest address that is told, as `[IPv6%interface]:port`, in UTF-8 bytes. */
const ADDRESS_MAX = 128;

function readString(reader: PostcardReader, max: number): string {
  const text = reader.string();
  if (text.length > max) {
    throw new ProtocolError(`a text of ${text.length} units, ${max} at most`);
  }
  return text;
}

function readSize(reader: PostcardReader): number {
  const value = reader.u64();
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProtocolError(`a download cannot have ${value} bytes`);
  }
  return Number(value);
}

function readOption<T>(reader: PostcardReader, read: () => T): T | undefined {
  const byte = reader.u8();
  if (byte > 1) throw new ProtocolError(`${byte} is no boolean`);
  return byte === 1 ? read() : undefined;
}

/** Encodes a list; of too many rows only the first. */
export function encodeDownloads(rows: readonly DownloadRow[]): Uint8Array {
  const shown = rows.slice(0, DOWNLOAD_ROWS_MAX);
  const writer = new PostcardWriter();
  writer.u32(shown.length);
  for (const { name, peer, address, bytes, totalBytes, sinceMs } of shown) {
    writer.u8(name === undefined ? 0 : 1);
    if (name !== undefined) writer.string(name);
    writer.u64(peer);
    writer.string(address);
    writer.u64(bytes);
    writer.u8(totalBytes === undefined ? 0 : 1);
    if (totalBytes !== undefined) writer.u64(totalBytes);
    writer.u64(Math.round(sinceMs));
  }
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not such a list. */
export function decodeDownloads(bytes: Uint8Array): DownloadRow[] {
  return decodeWhole(bytes, "list of downloads", (reader) => {
    const length = reader.length();
    if (length > DOWNLOAD_ROWS_MAX) {
      throw new ProtocolError(`a list of ${length} downloads is too long`);
    }
    return Array.from({ length }, () => {
      const name = readOption(reader, () => readString(reader, DIR_NAME_MAX));
      const peer = reader.u64();
      const address = readString(reader, ADDRESS_MAX);
      const sent = readSize(reader);
      const totalBytes = readOption(reader, () => readSize(reader));
      return {
        peer,
        address,
        bytes: sent,
        sinceMs: readSize(reader),
        ...(name !== undefined && { name }),
        ...(totalBytes !== undefined && { totalBytes }),
      };
    });
  });
}
