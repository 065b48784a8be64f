/**
 * The messages of the procedure {@linkcode BLOB_TRANSFERS}; their bytes are
 * listed in `tags.ts`.
 */

import {
  HASH_LENGTH,
  type PostcardReader,
  PostcardWriter,
} from "../../content/mod.ts";
import { TRANSFER_ROWS_MAX } from "../../limits.ts";
import { decodeWhole } from "./decode_whole.ts";
import { DirectionTag, TransferQueryTag } from "./tags.ts";
import { ProtocolError } from "../../errors.ts";
import type { TransferRow } from "./transfer_registry.ts";

/** Name of the procedure. */
export const BLOB_TRANSFERS = "blob.transfers";

/** A query of the running transfers of a node. */
export type TransferQuery =
  /** Those that are fetched; with `all` those that are served, too. */
  | { readonly kind: "list"; readonly all: boolean }
  /** One of them. */
  | { readonly kind: "status"; readonly transferId: bigint }
  /** The end of one of them. */
  | { readonly kind: "cancel"; readonly transferId: bigint };

/** Result of a `list`. */
export interface TransferList {
  /** How many there are. */
  readonly count: bigint;
  /** They, or the oldest `TRANSFER_ROWS_MAX` of them. */
  readonly rows: readonly TransferRow[];
}

/** Writes and reads one type of value. */
interface Codec<T> {
  write(writer: PostcardWriter, value: T): void;
  read(reader: PostcardReader): T;
}

/** One type of message. */
export interface Message<T> {
  encode(value: T): Uint8Array;
  /** @throws {ProtocolError} When the bytes are not such a message. */
  decode(bytes: Uint8Array): T;
}

function message<T>(what: string, { write, read }: Codec<T>): Message<T> {
  return {
    encode(value) {
      const writer = new PostcardWriter();
      write(writer, value);
      return writer.finish();
    },
    decode: (bytes) => decodeWhole(bytes, what, read),
  };
}

const bool: Codec<boolean> = {
  write: (writer, value) => writer.u8(value ? 1 : 0),
  read(reader) {
    const byte = reader.u8();
    if (byte > 1) throw new ProtocolError(`${byte} is no boolean`);
    return byte === 1;
  },
};

/** A number of bytes. */
const size: Codec<number> = {
  write: (writer, value) => writer.u64(value),
  read(reader) {
    const value = reader.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ProtocolError(`a transfer cannot have ${value} bytes`);
    }
    return Number(value);
  },
};

function option<T>({ write, read }: Codec<T>): Codec<T | undefined> {
  return {
    write(writer, value) {
      bool.write(writer, value !== undefined);
      if (value !== undefined) write(writer, value);
    },
    read: (reader) => bool.read(reader) ? read(reader) : undefined,
  };
}

/** A value that is nothing but a tag. */
function tag<K extends string>(
  tags: Readonly<Record<K, number>>,
  what: string,
): Codec<K> {
  const names = Object.keys(tags) as K[];
  return {
    write: (writer, name) => writer.u8(tags[name]),
    read(reader) {
      const byte = reader.u8();
      const name = names.find((name) => tags[name] === byte);
      if (name === undefined) {
        throw new ProtocolError(`there is no ${what} ${byte}`);
      }
      return name;
    },
  };
}

const totalBytes = option(size);
const direction = tag(DirectionTag, "direction");
const queryKind = tag(TransferQueryTag, "query of transfers");

const row: Codec<TransferRow> = {
  write(writer, row) {
    writer.u64(row.transferId);
    writer.u64(row.peer);
    writer.bytes(row.hash);
    size.write(writer, row.bytesReceived);
    totalBytes.write(writer, row.totalBytes);
    direction.write(writer, row.direction);
  },
  read(reader) {
    const row = {
      transferId: reader.u64(),
      peer: reader.u64(),
      hash: reader.bytes(HASH_LENGTH),
      bytesReceived: size.read(reader),
    };
    const total = totalBytes.read(reader);
    const way = { direction: direction.read(reader) };
    return {
      ...row,
      ...way,
      ...(total !== undefined && { totalBytes: total }),
    };
  },
};

/** Body of the request. */
export const transferQuery: Message<TransferQuery> = message(
  "query of transfers",
  {
    write(writer, query) {
      queryKind.write(writer, query.kind);
      if (query.kind === "list") bool.write(writer, query.all);
      else writer.u64(query.transferId);
    },
    read(reader): TransferQuery {
      const kind = queryKind.read(reader);
      return kind === "list"
        ? { kind, all: bool.read(reader) }
        : { kind, transferId: reader.u64() };
    },
  },
);

/** Result of a `list`; of too many rows only the first are encoded. */
export const transferList: Message<TransferList> = message(
  "list of transfers",
  {
    write(writer, { count, rows }) {
      const shown = rows.slice(0, TRANSFER_ROWS_MAX);
      writer.u64(count);
      writer.u32(shown.length);
      for (const one of shown) row.write(writer, one);
    },
    read(reader) {
      const count = reader.u64();
      const length = reader.length();
      if (length > TRANSFER_ROWS_MAX || BigInt(length) > count) {
        throw new ProtocolError(
          `a list of ${count} transfers cannot have ${length} rows`,
        );
      }
      return { count, rows: Array.from({ length }, () => row.read(reader)) };
    },
  },
);

/** Result of a `status`. */
export const transferStatus: Message<TransferRow | undefined> = message(
  "status of a transfer",
  option(row),
);

/** Result of a `cancel`: whether there was such a transfer. */
export const transferCancelled: Message<boolean> = message(
  "answer to a cancellation",
  bool,
);
