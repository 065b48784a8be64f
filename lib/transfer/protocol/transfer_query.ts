/**
 * What is said in the procedure {@linkcode BLOB_TRANSFERS}: postcard bodies of
 * an Rpc request and its answer.
 *
 * | Request body | Answer body |
 * |---|---|
 * | `00` bool all: list | u64 count of all, vec of rows |
 * | `01` u64 id: status | option of a row |
 * | `02` u64 id: cancel | bool |
 *
 * A row is: u64 id, u64 peer, 32 bytes of hash, u64 bytes so far, option of
 * u64 bytes in the end, direction (`00` fetching, `01` serving).
 *
 * @module
 */

import {
  HASH_LENGTH,
  PostcardReader,
  PostcardWriter,
} from "../../content/mod.ts";
import { TRANSFER_ROWS_MAX } from "../../limits.ts";
import { ProtocolError } from "./transfer_error.ts";
import type { TransferDirection, TransferRow } from "./transfer_registry.ts";

/** Name of the procedure. */
export const BLOB_TRANSFERS = "blob.transfers";

/** What is asked of the running transfers of a node. */
export type TransferQuery =
  /** Those that are fetched; with `all` those that are served, too. */
  | { readonly kind: "list"; readonly all: boolean }
  /** One of them. */
  | { readonly kind: "status"; readonly transferId: bigint }
  /** The end of one of them. */
  | { readonly kind: "cancel"; readonly transferId: bigint };

/** Answer to a `list`. */
export interface TransferList {
  /** How many there are. */
  readonly count: bigint;
  /** They, or the oldest `TRANSFER_ROWS_MAX` of them. */
  readonly rows: readonly TransferRow[];
}

const DIRECTIONS: readonly TransferDirection[] = ["fetching", "serving"];

/**
 * Encodes a query.
 *
 * @example
 * ```ts
 * import { encodeTransferQuery } from "./transfer_query.ts";
 *
 * encodeTransferQuery({ kind: "status", transferId: 300n }); // 01 ac 02
 * ```
 */
export function encodeTransferQuery(query: TransferQuery): Uint8Array {
  const writer = new PostcardWriter();
  switch (query.kind) {
    case "list":
      writer.u8(0);
      writeBool(writer, query.all);
      break;
    case "status":
      writer.u8(1);
      writer.u64(query.transferId);
      break;
    case "cancel":
      writer.u8(2);
      writer.u64(query.transferId);
      break;
  }
  return writer.finish();
}

/**
 * Decodes a query.
 *
 * @throws {ProtocolError} When it is none.
 */
export function decodeTransferQuery(body: Uint8Array): TransferQuery {
  return decodeWhole(body, "query of transfers", (reader) => {
    const kind = reader.u8();
    switch (kind) {
      case 0:
        return { kind: "list", all: readBool(reader) };
      case 1:
        return { kind: "status", transferId: reader.u64() };
      case 2:
        return { kind: "cancel", transferId: reader.u64() };
      default:
        throw new ProtocolError(`there is no query ${kind} of transfers`);
    }
  });
}

/** Encodes the answer to a `list`; rows above `TRANSFER_ROWS_MAX` are only counted. */
export function encodeTransferList(rows: readonly TransferRow[]): Uint8Array {
  const shown = rows.slice(0, TRANSFER_ROWS_MAX);
  const writer = new PostcardWriter();
  writer.u64(rows.length);
  writer.u32(shown.length);
  for (const row of shown) writeRow(writer, row);
  return writer.finish();
}

/**
 * Decodes the answer to a `list`.
 *
 * @throws {ProtocolError} When it is none.
 */
export function decodeTransferList(body: Uint8Array): TransferList {
  return decodeWhole(body, "list of transfers", (reader) => {
    const count = reader.u64();
    const length = reader.length();
    if (length > TRANSFER_ROWS_MAX || BigInt(length) > count) {
      throw new ProtocolError(
        `a list of ${count} transfers cannot have ${length} rows`,
      );
    }
    const rows: TransferRow[] = [];
    for (let i = 0; i < length; i++) rows.push(readRow(reader));
    return { count, rows };
  });
}

/** Encodes the answer to a `status`. */
export function encodeTransferStatus(row: TransferRow | undefined): Uint8Array {
  const writer = new PostcardWriter();
  writeBool(writer, row !== undefined);
  if (row !== undefined) writeRow(writer, row);
  return writer.finish();
}

/**
 * Decodes the answer to a `status`.
 *
 * @throws {ProtocolError} When it is none.
 */
export function decodeTransferStatus(
  body: Uint8Array,
): TransferRow | undefined {
  return decodeWhole(
    body,
    "status of a transfer",
    (reader) => readBool(reader) ? readRow(reader) : undefined,
  );
}

/** Encodes the answer to a `cancel`: whether there was such a transfer. */
export function encodeTransferCancelled(cancelled: boolean): Uint8Array {
  return Uint8Array.of(cancelled ? 1 : 0);
}

/**
 * Decodes the answer to a `cancel`.
 *
 * @throws {ProtocolError} When it is none.
 */
export function decodeTransferCancelled(body: Uint8Array): boolean {
  return decodeWhole(body, "answer to a cancellation", readBool);
}

function writeRow(writer: PostcardWriter, row: TransferRow): void {
  writer.u64(row.transferId);
  writer.u64(row.peer);
  writer.bytes(row.hash);
  writer.u64(row.bytesReceived);
  writeBool(writer, row.totalBytes !== undefined);
  if (row.totalBytes !== undefined) writer.u64(row.totalBytes);
  writer.u8(DIRECTIONS.indexOf(row.direction));
}

function readRow(reader: PostcardReader): TransferRow {
  const transferId = reader.u64();
  const peer = reader.u64();
  const hash = reader.bytes(HASH_LENGTH);
  const bytesReceived = readSize(reader);
  const total = readBool(reader) ? { totalBytes: readSize(reader) } : {};
  const code = reader.u8();
  if (code >= DIRECTIONS.length) {
    throw new ProtocolError(`a transfer cannot go in direction ${code}`);
  }
  const direction = DIRECTIONS[code];
  return { transferId, direction, peer, hash, bytesReceived, ...total };
}

function readSize(reader: PostcardReader): number {
  const size = reader.u64();
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProtocolError(`a transfer cannot have ${size} bytes`);
  }
  return Number(size);
}

function writeBool(writer: PostcardWriter, value: boolean): void {
  writer.u8(value ? 1 : 0);
}

function readBool(reader: PostcardReader): boolean {
  const byte = reader.u8();
  if (byte > 1) throw new ProtocolError(`${byte} is no boolean`);
  return byte === 1;
}

function decodeWhole<T>(
  body: Uint8Array,
  what: string,
  read: (reader: PostcardReader) => T,
): T {
  const reader = new PostcardReader(body);
  let value: T;
  try {
    value = read(reader);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError(`the ${what} cannot be decoded: ${why}`, { cause });
  }
  if (reader.remaining > 0) {
    throw new ProtocolError(
      `the ${what} has ${reader.remaining} bytes after its end`,
    );
  }
  return value;
}
