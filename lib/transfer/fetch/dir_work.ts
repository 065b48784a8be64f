/**
 * Cuts the files of a directory manifest into requests: small chunks many at
 * a time, large ones one by one.
 */

import type { ChunkPlace } from "./chunk_place.ts";
import type { ResumedChunks } from "./resumed_chunks.ts";
import { equals } from "@std/bytes/equals";
import {
  type BlobRef,
  decodeBlobRef,
  type DirEntry,
  type TreeRef,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { GET_MANY_MAX } from "../../limits.ts";
import type { WantedChunk } from "../ask/chunk_fetcher.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { blobChunks, fetchableSize } from "./blob_chunks.ts";

/** One chunk of one file. */
export interface FileChunk extends WantedChunk {
  /** Index of the file in the manifest's entries. */
  readonly entry: number;
  readonly path: string;
  /** Index of the chunk in the file's list. */
  readonly chunk: number;
  readonly fileSize: number;
}

/** Small chunks, fetched with one request and written with one message. */
export interface BatchWork {
  readonly kind: "batch";
  /** Whether they are on this machine, or were a moment ago. */
  readonly isThere?: true;
  /** What is requested, each hash once. */
  readonly wanted: readonly FileChunk[];
  /** What is written; a hash may serve several files. */
  readonly chunks: readonly FileChunk[];
  /** For each of `chunks` its index in `wanted`, -1 when it is empty. */
  readonly places: readonly number[];
  /** Bytes of `wanted`. */
  readonly bytes: number;
}

/** A chunk that is worth a request of its own. */
export interface ChunkWork {
  readonly kind: "chunk";
  readonly wanted: readonly [FileChunk];
  readonly bytes: number;
  /** Where in the file it begins, if the file is a Tree. */
  readonly treeOffset?: number;
  /** Whether it is on this machine, or was a moment ago. */
  readonly isThere?: true;
}

/** One request of fetching a directory. */
export type DirWork = BatchWork | ChunkWork;

/** What need not be fetched. */
export interface WhatIsThere {
  /** Whether a chunk is in some file or store. */
  has: ChunkPlace["has"];
  /** Whether the file of an entry is in place. */
  isLinked(entry: number): boolean;
}

export interface DirWorkOptions {
  /** Fetches the nodes of files that are Trees. */
  fetcher: ChunkSource;
  /** Bytes of one batch, at most; a chunk of more than half of it goes alone. */
  batchBytes: number;
  signal?: AbortSignal;
  /** What is on this machine. */
  there?: WhatIsThere;
  /** What is at its place already. */
  resumed?: Pick<ResumedChunks, "has">;
  /**
   * Told that the nodes of a file cannot be fetched; `true` goes on without that
   * file.
   */
  onLost?: (file: LostTree, error: unknown) => Promise<boolean>;
}

/** A file whose chunks are not known. */
export type LostTree = Pick<FileChunk, "entry" | "path" | "hash">;

/** Most files in one batch: a lost batch is quickly repeated. */
const BATCH_CHUNKS = Math.min(256, GET_MANY_MAX);

/**
 * Lists the work of a manifest that the landing has accepted, in the order of
 * its entries.
 */
export async function* dirWork(
  entries: Iterable<DirEntry>,
  { fetcher, batchBytes, signal, there, resumed, onLost }: DirWorkOptions,
): AsyncGenerator<DirWork, void, undefined> {
  const batches = { fetched: new Batch(), there: new Batch(true) };
  let entry = -1;
  for (const { path, kind } of entries) {
    entry++;
    if (kind.type !== "file" || there?.isLinked(entry)) continue;
    const ref = refOf(path, kind.blob);
    // A size of 0 is no bare hash here: other bytes will not match the hash.
    const fileSize = fetchableSize(ref) ?? 0;
    const file = { entry, path, fileSize };
    if (ref.kind === "tree") {
      try {
        yield* treeWork(ref, file, { fetcher, signal, there, resumed });
      } catch (error) {
        const lost = { entry, path, hash: ref.rootHash };
        if (!await onLost?.(lost, error)) throw error;
      }
      continue;
    }
    const chunks: readonly WantedChunk[] = ref.kind === "manifest"
      ? ref.chunks
      : [{ hash: ref.hash, size: fileSize }];
    for (const [chunk, { hash, size }] of chunks.entries()) {
      if (resumed?.has(entry, chunk)) continue;
      const wanted = { ...file, chunk, hash, size };
      const found = size > 0 && (there?.has(hash, size) ?? false);
      const isThere = typeof found === "boolean" ? found : await found;
      if (size > batchBytes / 2) {
        const work = { kind: "chunk", wanted: [wanted], bytes: size } as const;
        yield isThere ? { ...work, isThere } : work;
        continue;
      }
      const into = isThere ? "there" : "fetched";
      if (!batches[into].hasRoom(size, batchBytes)) {
        yield batches[into];
        batches[into] = new Batch(isThere);
      }
      batches[into].add(wanted);
    }
  }
  for (const batch of [batches.there, batches.fetched]) {
    if (batch.chunks.length > 0) yield batch;
  }
}

async function* treeWork(
  ref: TreeRef,
  file: Pick<FileChunk, "entry" | "path" | "fileSize">,
  { fetcher, signal, there, resumed }: Pick<
    DirWorkOptions,
    "fetcher" | "signal" | "there" | "resumed"
  >,
): AsyncGenerator<ChunkWork, void, undefined> {
  const about = { signal, fields: { path: file.path } };
  for await (const chunk of blobChunks(ref, fetcher, about)) {
    const { index, offset, hash, size = 0 } = chunk;
    if (resumed?.has(file.entry, index)) continue;
    const wanted = [{ ...file, chunk: index, hash, size }] as const;
    const work = { kind: "chunk", wanted, bytes: size } as const;
    const isThere = await there?.has(hash, size);
    yield { ...work, treeOffset: offset, ...(isThere && { isThere }) };
  }
}

class Batch implements BatchWork {
  readonly kind = "batch";
  readonly isThere?: true;
  readonly chunks: FileChunk[] = [];
  readonly wanted: FileChunk[] = [];
  readonly places: number[] = [];
  bytes = 0;
  /** Places by the first four bytes of the hash. */
  readonly #known: Map<number, number> = new Map();

  constructor(isThere = false) {
    if (isThere) this.isThere = true;
  }

  /** Whether a chunk of that size may be added. */
  hasRoom(size: number, maxBytes: number): boolean {
    const { length } = this.chunks;
    return length === 0 ||
      length < BATCH_CHUNKS && this.bytes + size <= maxBytes;
  }

  add(chunk: FileChunk): void {
    this.chunks.push(chunk);
    this.places.push(this.#place(chunk));
  }

  #place(chunk: FileChunk): number {
    const { hash, size } = chunk;
    if (size === 0) return -1;
    const key = hash[0] | hash[1] << 8 | hash[2] << 16 | hash[3] << 24;
    const known = this.#known.get(key);
    if (known !== undefined && sameChunk(this.wanted[known], chunk)) {
      return known;
    }
    const place = this.wanted.push(chunk) - 1;
    this.#known.set(key, place);
    this.bytes += size;
    return place;
  }
}

function sameChunk(a: WantedChunk, b: WantedChunk): boolean {
  return a.size === b.size && equals(a.hash, b.hash);
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
