/** Requests: their bytes are listed in `tags.ts`. */

import {
  HASH_LENGTH,
  type PostcardReader,
  PostcardWriter,
} from "../../content/mod.ts";
import { GET_MANY_MAX, REQUEST_MAX } from "../../limits.ts";
import { decodeWhole } from "./decode_whole.ts";
import { RequestTag } from "./tags.ts";
import { ProtocolError } from "../../errors.ts";

/** Asks for one chunk. */
export interface GetRequest {
  /** Which request it is. */
  kind: "get";
  /** BLAKE3 of the chunk, 32 bytes. */
  hash: Uint8Array;
}

/** Asks for a range of one chunk, cut off at the end of the chunk. */
export interface GetRangeRequest {
  /** Which request it is. */
  kind: "get_range";
  /** BLAKE3 of the whole chunk, 32 bytes. */
  hash: Uint8Array;
  /** First byte of the range. */
  offset: bigint;
  /** Bytes wanted at most. */
  length: bigint;
}

/** Asks for chunks, answered in order on one stream. */
export interface GetManyRequest {
  /** Which request it is. */
  kind: "get_many";
  /** At most {@linkcode GET_MANY_MAX} hashes of 32 bytes. */
  hashes: Uint8Array[];
}

/** Asks which chunks are held. */
export interface HaveRequest {
  /** Which request it is. */
  kind: "have";
  /** At most {@linkcode GET_MANY_MAX} hashes of 32 bytes. */
  hashes: Uint8Array[];
}

/** Calls a named procedure of the holder. */
export interface RpcRequest {
  /** Which request it is. */
  kind: "rpc";
  /** Name of the procedure, for example `blob.transfers`. */
  name: string;
  /** Its argument, in a form that the procedure defines. */
  body: Uint8Array;
}

/** One request. */
export type Request =
  | GetRequest
  | GetRangeRequest
  | GetManyRequest
  | HaveRequest
  | RpcRequest;

/** Encodes a request; throws a `RangeError` for one that a holder would refuse. */
export function encodeRequest(request: Request): Uint8Array {
  const writer = new PostcardWriter();
  writer.u8(RequestTag[request.kind]);
  switch (request.kind) {
    case "get":
      writeHash(writer, request.hash);
      break;
    case "get_range":
      writeHash(writer, request.hash);
      writer.u64(request.offset);
      writer.u64(request.length);
      break;
    case "get_many":
    case "have":
      writeHashes(writer, request.hashes);
      break;
    case "rpc":
      writer.string(request.name);
      writer.byteVec(request.body);
      break;
  }
  const bytes = writer.finish();
  if (bytes.length > REQUEST_MAX) {
    throw new RangeError(
      `Cannot send a request of ${bytes.length} bytes: the limit is ${REQUEST_MAX}`,
    );
  }
  return bytes;
}

/** Decodes all that came before FIN; hashes and body are views into it. */
export function decodeRequest(bytes: Uint8Array): Request {
  return decodeWhole(bytes, "request", (reader): Request => {
    const tag = reader.u32();
    switch (tag) {
      case RequestTag.get:
        return { kind: "get", hash: reader.bytes(HASH_LENGTH) };
      case RequestTag.get_range:
        return {
          kind: "get_range",
          hash: reader.bytes(HASH_LENGTH),
          offset: reader.u64(),
          length: reader.u64(),
        };
      case RequestTag.get_many:
        return { kind: "get_many", hashes: readHashes(reader) };
      case RequestTag.have:
        return { kind: "have", hashes: readHashes(reader) };
      case RequestTag.rpc:
        return { kind: "rpc", name: reader.string(), body: reader.byteVec() };
      default:
        throw new ProtocolError(`there is no request kind ${tag}`);
    }
  });
}

function readHashes(reader: PostcardReader): Uint8Array[] {
  const count = reader.length();
  if (count > GET_MANY_MAX) {
    throw new ProtocolError(
      `the request asks for ${count} hashes: the limit is ${GET_MANY_MAX}`,
    );
  }
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < count; i++) hashes.push(reader.bytes(HASH_LENGTH));
  return hashes;
}

function writeHash(writer: PostcardWriter, hash: Uint8Array): void {
  if (hash.length !== HASH_LENGTH) {
    throw new RangeError(`Cannot ask for a hash of ${hash.length} bytes`);
  }
  writer.bytes(hash);
}

function writeHashes(writer: PostcardWriter, hashes: Uint8Array[]): void {
  if (hashes.length > GET_MANY_MAX) {
    throw new RangeError(
      `Cannot ask for ${hashes.length} hashes at once: the limit is ${GET_MANY_MAX}`,
    );
  }
  writer.u32(hashes.length);
  for (const hash of hashes) writeHash(writer, hash);
}
