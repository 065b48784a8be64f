/** Files that need not be read, since their hashes are remembered. */

import { type BlobRef, makeSmall, RefBuilder } from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import {
  type FileFacts,
  type FileStamp,
  isSettled,
  sameStamp,
  stampOf,
} from "../os/file_identity.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import type { HashCache } from "./hash_cache.ts";
import type { FileHashes } from "./hash_table.ts";
import { contentUri, type PublishSink } from "./publish_sink.ts";
import type { SourcePath } from "./raw_paths.ts";

/** A file as it was before it was read, and when that was. */
export interface LookedAt {
  readonly stamp: FileStamp;
  readonly at: number;
}

/** A file whose hashes are to be remembered when they are there. */
export interface ToRemember {
  readonly source: SourcePath;
  readonly before: LookedAt;
}

/** Looks at a file before it is read, if what is read is to be remembered. */
export function lookBefore(
  cache: HashCache | undefined,
  look: () => FileFacts,
): { info: FileFacts; before: LookedAt | undefined } {
  const at = cache?.now() ?? 0;
  const info = look();
  const stamp = cache && stampOf(info);
  return { info, before: stamp && { stamp, at } };
}

/** What is to be remembered of a file that is read; nothing while it is too young. */
export function toRemember(
  source: SourcePath,
  before: LookedAt | undefined,
): ToRemember | undefined {
  return before !== undefined && isSettled(before.stamp, before.at)
    ? { source, before }
    : undefined;
}

/**
 * What is remembered of a file.
 *
 * @param uri What its reference says; without it the hash of the whole is needed.
 * @returns `undefined` when it has to be read.
 */
export async function findKnown(
  cache: HashCache | undefined,
  before: LookedAt | undefined,
  sink: Pick<PublishSink, "needsBytes">,
  uri: string | undefined,
): Promise<FileHashes | undefined> {
  const known = before && cache?.find(before.stamp);
  if (known === undefined) return undefined;
  const isNamed = uri !== undefined || known.chunks.length === 1 ||
    known.whole !== undefined;
  return isNamed && !await sink.needsBytes?.(known.chunks) ? known : undefined;
}

/** Hands out what is known of a file as if it had been read. */
export async function publishKnown(
  { file, length, known: { chunks, whole } }: {
    file: number;
    length: number;
    known: FileHashes;
  },
  sink: PublishSink,
  uri: string | undefined,
): Promise<BlobRef> {
  const sizeOf = (index: number) =>
    Math.min(CHUNK_SIZE, length - index * CHUNK_SIZE);
  for (const [index, chunk] of chunks.entries()) {
    const offset = index * CHUNK_SIZE;
    await sink.known?.(file, offset, chunk, sizeOf(index));
  }
  const [first] = chunks;
  if (chunks.length === 1) {
    return makeSmall(uri ?? contentUri(first), first, length);
  }
  const name = uri ?? contentUri(whole ?? first);
  const builder = new RefBuilder(name, async (hash, bytes) => {
    await sink.node(hash, bytes);
  });
  for (const [index, hash] of chunks.entries()) {
    await builder.add({ hash, size: sizeOf(index) });
  }
  return await builder.finish();
}

/** Gathers the hashes of a file that is read, to be remembered. */
export class HashesOfFile {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  add(hash: Uint8Array, length: number): void {
    this.#chunks.push(hash.slice());
    this.#length += length;
  }

  /** Remembers them, if nobody wrote to the file meanwhile. */
  remember(
    cache: HashCache,
    before: LookedAt | undefined,
    after: FileFacts,
    whole?: Uint8Array,
  ): void {
    if (before === undefined || this.#length !== before.stamp.size) return;
    if (!sameStamp(before.stamp, stampOf(after))) return;
    const hashes = { chunks: this.#chunks, ...(whole && { whole }) };
    cache.add(before.stamp, hashes, before.at);
  }
}

/** Tells whether a store, if there is one, lacks any of some chunks. */
export async function lacksAny(
  store: WritableChunkStore | undefined,
  chunks: readonly Uint8Array[],
): Promise<boolean> {
  for (const hash of store === undefined ? [] : chunks) {
    if (!await store?.has(hash)) return true;
  }
  return false;
}
