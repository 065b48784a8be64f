/**
 * Cuts the files of a directory manifest into requests: small chunks many at
 * a time, large ones one by one.
 *
 * @module
 */

import {
  type BlobRef,
  decodeBlobRef,
  type DirEntry,
  type TreeRef,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { GET_MANY_MAX } from "../../limits.ts";
import { fetchableSize } from "./blob_chunks.ts";
import type { WantedChunk } from "../ask/chunk_source.ts";

/** One chunk of one file. */
export interface FilePiece extends WantedChunk {
  /** Index of the file in the manifest's entries. */
  readonly entry: number;
  /** Its path there. */
  readonly path: string;
  /** Index of the chunk in the file's list. */
  readonly chunk: number;
  /** Size of the whole file, in bytes. */
  readonly fileSize: number;
}

/** Small chunks, fetched with one request and written with one message. */
export interface BatchWork {
  /** Discriminant. */
  readonly kind: "batch";
  /** What is asked for, each hash once. */
  readonly wanted: readonly FilePiece[];
  /** What is written; a hash may serve several files. */
  readonly pieces: readonly FilePiece[];
  /** For each piece its index in `wanted`, -1 when it is empty. */
  readonly places: readonly number[];
  /** Bytes of `wanted`. */
  readonly bytes: number;
}

/** A chunk that is worth a request of its own. */
export interface ChunkWork {
  /** Discriminant. */
  readonly kind: "chunk";
  /** The chunk. */
  readonly piece: FilePiece;
}

/** A file whose list of chunks has to be fetched first. */
export interface TreeFileWork {
  /** Discriminant. */
  readonly kind: "tree";
  /** Index of the file in the manifest's entries. */
  readonly entry: number;
  /** Its path there. */
  readonly path: string;
  /** Its content. */
  readonly ref: TreeRef;
}

/** One step of fetching a directory. */
export type DirWork = BatchWork | ChunkWork | TreeFileWork;

/** Most files in one batch: a lost batch is quickly repeated. */
const BATCH_PIECES = Math.min(256, GET_MANY_MAX);

/**
 * Lists the work of a manifest, in the order of its entries.
 *
 * @param entries What the landing has accepted.
 * @param batchBytes Bytes of one batch, at most; a chunk of more than half of
 * that is fetched on its own.
 * @throws {ManifestError} When a file has no reference.
 * @throws {RefError} When its reference is broken or cannot be fetched.
 */
export function* dirWork(
  entries: Iterable<DirEntry>,
  batchBytes: number,
): Generator<DirWork, void, undefined> {
  let batch = new Batch();
  let entry = -1;
  for (const { path, kind } of entries) {
    entry++;
    if (kind.type !== "file") continue;
    const ref = refOf(path, kind.blob);
    if (ref.kind === "tree") {
      yield { kind: "tree", entry, path, ref };
      continue;
    }
    // A size of 0 is no bare hash here: other bytes will not match the hash.
    const fileSize = fetchableSize(ref) ?? 0;
    const chunks: readonly WantedChunk[] = ref.kind === "manifest"
      ? ref.chunks
      : [{ hash: ref.hash, size: fileSize }];
    for (const [chunk, { hash, size }] of chunks.entries()) {
      const piece: FilePiece = { entry, path, chunk, hash, size, fileSize };
      if (size > batchBytes / 2) {
        yield { kind: "chunk", piece };
        continue;
      }
      if (batch.pieces.length > 0 && batch.bytes + size > batchBytes) {
        yield batch.work();
        batch = new Batch();
      }
      batch.add(piece);
      if (batch.pieces.length === BATCH_PIECES) {
        yield batch.work();
        batch = new Batch();
      }
    }
  }
  if (batch.pieces.length > 0) yield batch.work();
}

class Batch {
  readonly pieces: FilePiece[] = [];
  bytes = 0;
  readonly #wanted: FilePiece[] = [];
  readonly #places: number[] = [];
  /** Places by the first four bytes of the hash. */
  readonly #known: Map<number, number> = new Map();

  add(piece: FilePiece): void {
    this.pieces.push(piece);
    this.#places.push(this.#place(piece));
  }

  work(): BatchWork {
    return {
      kind: "batch",
      wanted: this.#wanted,
      pieces: this.pieces,
      places: this.#places,
      bytes: this.bytes,
    };
  }

  #place(piece: FilePiece): number {
    const { hash, size } = piece;
    if (size === 0) return -1;
    const key = hash[0] | hash[1] << 8 | hash[2] << 16 | hash[3] << 24;
    const known = this.#known.get(key);
    if (known !== undefined && sameChunk(this.#wanted[known], piece)) {
      return known;
    }
    const place = this.#wanted.push(piece) - 1;
    this.#known.set(key, place);
    this.bytes += size;
    return place;
  }
}

function sameChunk(a: WantedChunk, b: WantedChunk): boolean {
  return a.size === b.size && a.hash.every((byte, i) => byte === b.hash[i]);
}

function refOf(path: string, blob: Uint8Array): BlobRef {
  const ref = decodeBlobRef(blob);
  if (ref === undefined) {
    throw new ManifestError(
      `dir transfer: bad manifest: entry ${path} has no blob ref`,
      { fields: { path } },
    );
  }
  return ref;
}
