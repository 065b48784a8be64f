/** The content of a file: what is there kept or copied, the rest fetched. */

import { TaskGroup } from "../../async/task_group.ts";
import type { BlobRef } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import type { BlobLanding, LeftFile } from "../../landing/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_MAX } from "../../limits.ts";
import { volumeOf } from "../../os/volume.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import {
  type BlobChunk,
  blobChunks,
  chunkBytes,
  fetchableSize,
  fetchBlobChunk,
} from "./blob_chunks.ts";
import { BufferPool } from "./buffer_pool.ts";
import type { LookOptions, PlaceOptions } from "./chunk_place.ts";
import { ChunkPlaces, type WantedPart } from "./chunk_places.ts";
import { BLOB_REQUESTS_MAX, type FetchOptions } from "./fetch_options.ts";
import { kindWarnings } from "./kind_warnings.ts";
import type { OldFile } from "./old_file.ts";
import type { FetchProgress } from "./progress.ts";
import { type FoundChunk, ResumedChunks } from "./resumed_chunks.ts";
import { CLONED_MIN } from "./reuse.ts";

/** What a file is filled with. */
export interface Filling {
  readonly landing: BlobLanding;
  readonly old: OldFile | undefined;
  readonly fetcher: ChunkSource;
  /** Bytes in flight at most. */
  readonly maxBytes: number;
  readonly progress: FetchProgress;
  /** Where else content is. */
  readonly look: PlaceOptions & LookOptions;
  /** What the file is called. */
  readonly name: string;
  /** The directory that it is written in. */
  readonly site: string;
}

/**
 * Fetches the chunks that are not there, and tells how long the file is. Those
 * behind the end of what an earlier run left are fetched while that is checked:
 * to hash is the work of another thread than to receive. Where they may be on
 * this machine it is looked for them before.
 */
export async function fillFile(
  filling: Filling,
  ref: BlobRef,
  { signal }: Pick<FetchOptions, "signal">,
): Promise<{ bytes: number; warnings: string[] }> {
  const { landing, fetcher, maxBytes, progress } = filling;
  const size = fetchableSize(ref);
  const totals = size === undefined ? {} : { totalBytes: BigInt(size) };
  const file = new FileFill(filling, ref);
  const fill: Fill = async (wanted, signal) => {
    const group = new TaskGroup({
      maxTasks: BLOB_REQUESTS_MAX,
      maxBytes,
      signal,
      settleEarlier: true,
    });
    await group.run(
      only(blobChunks(ref, fetcher, group), wanted),
      (chunk, signal) => file.land(chunk, signal),
      chunkBytes,
    );
  };
  if (landing.found === 0) {
    await file.look(() => true, signal);
    if (!await file.begin(signal)) {
      progress.start(totals);
      await fill(() => true, signal);
      return file;
    }
  }
  await goOn(filling, ref, file, fill, signal);
  return file;
}

/** Fetches some of the chunks. */
type Fill = (
  wanted: (chunk: BlobChunk) => boolean,
  signal: AbortSignal | undefined,
) => Promise<void>;

/** Fetches what is not right of what is there. */
async function goOn(
  filling: Filling,
  ref: BlobRef,
  file: FileFill,
  fill: Fill,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { landing: { found }, progress } = filling;
  progress.holdBytes();
  const size = fetchableSize(ref);
  const totals = size === undefined ? {} : { totalBytes: BigInt(size) };
  const isFound = ({ offset, size = found }: BlobChunk) =>
    offset + size <= found;
  const check = async (signal: AbortSignal | undefined) => {
    const resumed = await checkPartial(filling, ref, signal);
    if (file.isBegun) progress.cloned(Number(resumed.bytes));
    else progress.resumed(resumed.bytes);
    return resumed;
  };
  const rest = (signal: AbortSignal | undefined) =>
    fill((chunk) => !isFound(chunk), signal);
  let checked: ResumedChunks;
  if (file.mayBeElsewhere && !file.isBegun) {
    checked = await check(signal);
    const isLacking = (chunk: BlobChunk) =>
      !isFound(chunk) || !checked.has(0, chunk.index);
    await file.look(isLacking, signal);
    progress.start(totals);
    await rest(signal);
  } else {
    checked = await together(signal, async (signal) => {
      const resumed = await check(signal);
      progress.start(totals);
      return resumed;
    }, rest);
  }
  await fill((chunk) => {
    if (!isFound(chunk)) return false;
    if (!checked.has(0, chunk.index)) return true;
    file.has(chunk.offset + (chunk.size ?? found));
    return false;
  }, signal);
}

/** Does two things at once; when one fails, the other ends, too. */
async function together<T>(
  signal: AbortSignal | undefined,
  one: (signal: AbortSignal) => Promise<T>,
  other: (signal: AbortSignal) => Promise<void>,
): Promise<T> {
  const stop = new AbortController();
  const either = signal === undefined
    ? stop.signal
    : AbortSignal.any([signal, stop.signal]);
  const failed = (error: unknown) => {
    stop.abort(error);
    throw error;
  };
  const results = await Promise.allSettled([
    one(either).catch(failed),
    other(either).catch(failed),
  ]);
  // The one that failed first is the reason of the other.
  signal?.throwIfAborted();
  stop.signal.throwIfAborted();
  const [{ value }] = results as [PromiseFulfilledResult<T>, unknown];
  return value;
}

async function* only(
  chunks: AsyncIterable<BlobChunk>,
  wanted: (chunk: BlobChunk) => boolean,
): AsyncGenerator<BlobChunk, void, void> {
  for await (const chunk of chunks) if (wanted(chunk)) yield chunk;
}

/** A file that is being filled. */
class FileFill {
  readonly warnings: string[] = [];
  /** Where its last chunk so far ends. */
  bytes = 0;
  readonly #buffers = new BufferPool(BLOB_INFLIGHT_BYTES);
  #places: ChunkPlaces;

  constructor(
    private readonly filling: Filling,
    private readonly ref: BlobRef,
  ) {
    this.#places = new ChunkPlaces(filling.old ? [filling.old] : []);
  }

  /** Whether it is worth to look for chunks before they are fetched. */
  get mayBeElsewhere(): boolean {
    const { reuse = [], store } = this.filling.look;
    return reuse.length > 0 || store !== undefined;
  }

  /** Looks where the chunks are that are wanted. */
  async look(
    isWanted: (chunk: BlobChunk) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { old, look, progress } = this.filling;
    if (!this.mayBeElsewhere) return;
    this.#places = await ChunkPlaces.look(
      old ? [old] : [],
      { ...look, signal },
      () => lackingParts(this.filling, this.ref, isWanted, signal),
      progress,
    );
    this.warnings.push(...this.#places.warnings);
  }

  /** Whether it began as a copy. */
  isBegun = false;

  /**
   * Begins the file as a copy of one that is much like it, where copies share
   * blocks; what is in it is checked like what an earlier run has left.
   */
  async begin(signal: AbortSignal | undefined): Promise<boolean> {
    const { landing, old, fetcher, site } = this.filling;
    const { files } = this.#places;
    if (old === undefined && files === undefined) return false;
    const { sharesBlocks = false } = await volumeOf(site);
    if (!sharesBlocks || (fetchableSize(this.ref) ?? 0) < CLONED_MIN) {
      return false;
    }
    const chunks = () => blobChunks(this.ref, fetcher, { signal });
    const like = await old?.isLike(chunks())
      ? old
      : await files?.likest(chunks());
    this.isBegun = like !== undefined &&
      await landing.begin((to) => like.cloneTo(to, true));
    return this.isBegun;
  }

  /** Notes that a chunk is there which ends at `end`. */
  has(end: number): void {
    this.bytes = Math.max(this.bytes, end);
  }

  /** Gets a chunk and writes it. */
  async land(chunk: BlobChunk, signal: AbortSignal): Promise<void> {
    const { fetcher, progress } = this.filling;
    if (await this.#copy(chunk)) return;
    const { onBytes, onZeros } = progress;
    const allocate = (length: number) => this.#buffers.take(length);
    const about = { signal, onBytes, onZeros, allocate };
    await fetchBlobChunk(
      fetcher,
      chunk,
      about,
      (bytes) => this.#write(chunk, bytes),
    );
  }

  /** Takes a chunk from this machine, if it is there. */
  async #copy(chunk: BlobChunk): Promise<boolean> {
    const bytes = await this.#places.take(chunk);
    if (bytes === undefined) return false;
    const { length } = bytes;
    try {
      await this.#write(chunk, bytes);
    } catch (error) {
      // It had changed in a way that does not show: the holder has it.
      if (error instanceof HashMismatchError) return false;
      throw error;
    }
    this.filling.progress.copied(length);
    return true;
  }

  async #write(
    chunk: BlobChunk,
    bytes: Uint8Array,
  ): Promise<void> {
    const { index, offset, hash } = chunk;
    const warnings = index === 0 ? kindWarnings(this.ref, bytes) : [];
    const end = offset + bytes.length;
    const used = await this.filling.landing.write({ offset, hash, bytes })
      .catch((error) => Promise.reject(withChunk(error, chunk)));
    this.#buffers.give(used);
    this.warnings.push(...warnings);
    this.has(end);
  }
}

/** The chunks of a file that are wanted, and are not in the one it replaces. */
export async function* lackingParts(
  { old, fetcher, name: path }:
    & Pick<Filling, "fetcher" | "name">
    & Partial<Pick<Filling, "old">>,
  ref: BlobRef,
  isWanted: (chunk: BlobChunk) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<WantedPart, void, void> {
  const fileSize = fetchableSize(ref) ?? 0;
  for await (const chunk of blobChunks(ref, fetcher, { signal })) {
    const { hash, size = 0 } = chunk;
    if (!isWanted(chunk) || old?.has(hash, size)) continue;
    yield { path, fileSize, hash, size };
  }
}

/** What a partial file is checked with. */
interface Checking extends Pick<Filling, "fetcher" | "progress"> {
  readonly landing: LeftFile;
}

/** Checks what an earlier run left in the partial file. */
export function checkPartial(
  { landing, fetcher, progress }: Checking,
  ref: BlobRef,
  signal: AbortSignal | undefined,
): Promise<ResumedChunks> {
  const { found } = landing;
  const wanted = async function* (): AsyncGenerator<FoundChunk, void, void> {
    const chunks = blobChunks(ref, fetcher, { signal });
    for await (const { index: chunk, offset, size, hash } of chunks) {
      const length = size ?? found;
      if (length > CHUNK_MAX || offset + length > found) return;
      yield { entry: 0, chunk, offset, length, hash };
    }
  };
  const total = Math.min(found, fetchableSize(ref) ?? found);
  return ResumedChunks.check(
    wanted(),
    total,
    (ranges) => landing.check(ranges),
    progress,
  );
}

function withChunk(error: unknown, chunk: BlobChunk): unknown {
  if (!(error instanceof HashMismatchError)) return error;
  return new HashMismatchError(error.expected, error.actual, {
    cause: error,
    fields: { ...error.fields, chunk: chunk.index },
  });
}
