/** What a fetch would do, without writing anything. */

import { TaskGroup } from "../../async/task_group.ts";
import {
  type BlobRef,
  blobRefSize,
  decodeBlobRef,
  readDirEntries,
} from "../../content/mod.ts";
import {
  checkTree,
  findLeftFile,
  findLeftTree,
  inspectTarget,
  planInstall,
  resolveTarget,
  type TreeCounts,
} from "../../landing/mod.ts";
import { FETCH_CONCURRENCY, GET_MANY_MAX } from "../../limits.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import { openSources } from "../sources/open_sources.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import { type DirWork, dirWork } from "./dir_work.ts";
import { batchBytes, dirBounds } from "./dir_bounds.ts";
import { replaceRule } from "./fetch_dir.ts";
import type { FetchDirOptions } from "./fetch_dir_options.ts";
import type { FetchOptions } from "./fetch_options.ts";
import type { PlaceOptions } from "./chunk_place.ts";
import { ChunkPlaces } from "./chunk_places.ts";
import { placesOf, whatIsThere } from "./dir_places.ts";
import { checkPartial, lackingParts } from "./fill_file.ts";
import { OldFile, type OldFileOptions } from "./old_file.ts";
import { ResumedChunks } from "./resumed_chunks.ts";
import { checkFoundFiles } from "./resumed_tree.ts";
import { requireReusable } from "./reused_files.ts";
import { FetchProgress } from "./progress.ts";
import { holesIn, holesOf, lackOfRoom } from "./room_on_disk.ts";
import { readManifest } from "./read_manifest.ts";
import { Reuse } from "./reuse.ts";

/** How a fetch is previewed; there is no progress. */
export type PreviewOptions = Omit<FetchOptions, "onProgress">;

/** How a fetch of a file is previewed; as for `fetchBlob`. */
export interface PreviewBlobOptions
  extends PreviewOptions, OldFileOptions, PlaceOptions {
  /** Whether chunks that an earlier run left count as being there. */
  resume?: boolean;
}

/** How a fetch of a directory is previewed; as for `fetchDir`. */
export interface PreviewDirOptions extends
  PreviewOptions,
  Pick<
    FetchDirOptions,
    | "links"
    | "perms"
    | "preserveSetid"
    | "filter"
    | "replace"
    | "former"
    | "inPlace"
    | "jobs"
    | "hashCache"
    | "reuse"
    | "store"
    | "resume"
  > {}

/** What a fetch would do. */
export interface FetchPreview {
  /** Chunks it would ask for. */
  chunks: number;
  /** Those that the holder says it lacks: with any, the fetch would fail. */
  chunksMissing: number;
  /** Bytes of content it would ask for, when they are known beforehand. */
  bytesToFetch?: bigint;
  /** Bytes of content that are there already. */
  bytesReused: bigint;
  /** Bytes of the chunks that the holder lacks, when they are known. */
  bytesMissing?: bigint;
  /** Whether something is at the target that would be replaced. */
  replaces: boolean;
}

/** What {@linkcode previewBlob} found. */
export interface BlobPreview extends FetchPreview {
  /** Size of the blob, unknown for a bare hash. */
  bytes?: bigint;
  /** What the user should know, for example that the disk lacks room. */
  warnings: readonly string[];
}

/** What {@linkcode previewDir} found. */
export interface DirPreview extends FetchPreview, TreeCounts {
  /** What the user should know about the manifest. */
  warnings: readonly string[];
}

/**
 * Tells what `fetchBlob` would do. The nodes of a Tree are fetched; of the
 * content the holder is only asked whether it has it.
 *
 * @param from The session with the holder, or several sources, which are all asked.
 * @param ref What would be fetched.
 * @param out Path of the file; none for a stream.
 * @throws {IoError} When no file can be installed there.
 * @throws As `fetchBlob`, when a node of the Tree cannot be fetched.
 */
export async function previewBlob(
  from: FetchFrom,
  ref: BlobRef,
  out: string | undefined,
  options: PreviewBlobOptions = {},
): Promise<BlobPreview> {
  const size = fetchableSize(ref);
  const reuse = requireReusable(options.reuse);
  const found = out !== undefined && inspectTarget(out, "blob");
  await using old = out === undefined
    ? undefined
    : await OldFile.look(out, ref, options, new FetchProgress());
  // What is there already stays.
  const replaces = found && !old?.isWhole;
  let there = 0;
  await using sources = openSources(from, options);
  const { chunks: fetcher } = sources;
  const left = await leftOfFile(out, ref, fetcher, options);
  const isLeft = ({ index }: BlobChunk) => left.has(0, index);
  const first = old === undefined ? [] : [old];
  const look = { ...options, reuse };
  const places = await ChunkPlaces.look(
    first,
    look,
    () => {
      const isWanted = (chunk: BlobChunk) => !isLeft(chunk);
      const file = { old, fetcher, name: out ?? "" };
      return lackingParts(file, ref, isWanted, options.signal);
    },
    new FetchProgress(),
  );
  const inventory = await takeInventory(
    fetcher,
    (signal) =>
      without(
        blobChunks(ref, fetcher, { signal }),
        (chunk) => isLeft(chunk) || places.has(chunk.hash, chunk.size ?? 0),
        (n) => there += n,
      ),
    options.signal,
  );
  const { chunks, chunksMissing } = inventory;
  const bytesReused = BigInt(there);
  if (size === undefined) {
    const { warnings } = places;
    return { chunks, chunksMissing, bytesReused, replaces, warnings };
  }
  const bytes = BigInt(size);
  const room = out === undefined
    ? []
    : await roomWarnings(out, bytes - left.bytes, () => holesOf(ref));
  const warnings = [...places.warnings, ...room];
  return { bytes, ...totals(inventory), bytesReused, replaces, warnings };
}

/**
 * Tells what `fetchDir` would do. The manifest is fetched and checked as a
 * whole; of the content it is only asked whether it has it.
 *
 * @param from The session with the holder, or several sources, which are all asked.
 * @param ref The reference of the directory's manifest.
 * @param out Path of the directory.
 * @throws {IoError} When no tree can be installed there.
 * @throws As `fetchDir`, when the manifest cannot be fetched or is refused.
 */
export async function previewDir(
  from: FetchFrom,
  ref: BlobRef,
  out: string,
  options: PreviewDirOptions = {},
): Promise<DirPreview> {
  const { filter, inPlace, links = "inside", resume = true, signal } = options;
  const look = { ...options, reuse: requireReusable(options.reuse) };
  const replaces = inspectTarget(out, "tree");
  await planInstall(resolveTarget(out), { inPlace, lookOnly: true });
  await using sources = openSources(from, options);
  const { chunks: fetcher } = sources;
  const bounds = dirBounds(options);
  const manifest = await readManifest(fetcher, ref, bounds, filter);
  const { counts, warnings } = checkTree({ manifest, links });
  const size = batchBytes(bounds.maxBytes);
  const reuse = await Reuse.look(
    out,
    replaceRule(options),
    manifest,
    { ...options, dryRun: true },
    new FetchProgress(),
  );
  const isLinked = (entry: number) => reuse?.isSame(entry) ?? false;
  const progress = new FetchProgress();
  const landing = findLeftTree(out, manifest);
  const left = resume && reuse?.isWhole !== true
    ? await checkFoundFiles({
      landing,
      manifest,
      fetcher,
      progress,
      isLinked,
      signal,
    })
    : undefined;
  const listing = { fetcher, batchBytes: size, signal, resumed: left?.chunks };
  const old = reuse && {
    has: (hash: Uint8Array) => reuse.has(hash),
    read: (hash: Uint8Array) => reuse.read(hash),
    isLinked,
  };
  const places = await placesOf(manifest, listing, old, look, progress);
  const leftBytes = Number(left?.chunks.bytes ?? 0n);
  const sameBytes = reuse === undefined ? 0 : bytesOfSame(manifest, reuse);
  const there = { bytes: sameBytes + leftBytes };
  const inventory = await takeInventory(
    fetcher,
    (signal) => {
      const work = { ...listing, signal, there: whatIsThere(places, old) };
      return wantedBy(dirWork(readDirEntries(manifest), work), there);
    },
    signal,
  );
  const room = await roomWarnings(
    out,
    BigInt(inventory.bytes),
    () => holesIn(manifest),
  );
  return {
    ...counts,
    ...totals(inventory),
    bytesReused: BigInt(there.bytes),
    // What is there already stays.
    replaces: replaces && !reuse?.isWhole,
    warnings: [...warnings, ...places.warnings, ...room],
  };
}

/** What an earlier run left of a file. */
async function leftOfFile(
  out: string | undefined,
  ref: BlobRef,
  fetcher: ChunkSource,
  { resume = true, signal }: PreviewBlobOptions,
): Promise<ResumedChunks> {
  if (out === undefined || !resume) return new ResumedChunks();
  const landing = findLeftFile(out);
  if (landing.found === 0) return new ResumedChunks();
  const checking = { landing, fetcher, progress: new FetchProgress() };
  return await checkPartial(checking, ref, signal);
}

/** Says when the disk lacks room for what would be written. */
async function roomWarnings(
  out: string,
  bytes: bigint,
  holes: () => bigint,
): Promise<string[]> {
  const { out: path, parent: site } = resolveTarget(out);
  const lack = await lackOfRoom({ path, site, bytes, holes });
  return lack === undefined ? [] : [lack.error.message];
}

type InventoryChunk = Pick<BlobChunk, "hash" | "size">;

/** What would be fetched, as far as lengths are known, and what the holder lacks. */
interface Inventory {
  chunks: number;
  bytes: number;
  chunksMissing: number;
  bytesMissing: number;
}

/** Counts chunks, and asks a holder, many at a time, which of them it lacks. */
async function takeInventory(
  fetcher: ChunkSource,
  chunksOf: (signal: AbortSignal) => AsyncIterable<InventoryChunk>,
  signal?: AbortSignal,
): Promise<Inventory> {
  const counts = { chunks: 0, bytes: 0, chunksMissing: 0, bytesMissing: 0 };
  const ask = async (chunks: InventoryChunk[], signal: AbortSignal) => {
    const hashes = chunks.map(({ hash }) => hash);
    const held = await fetcher.have(hashes, { signal });
    for (const [index, { size = 0 }] of chunks.entries()) {
      counts.chunks++;
      counts.bytes += size;
      if (held[index]) continue;
      counts.chunksMissing++;
      counts.bytesMissing += size;
    }
  };
  const group = new TaskGroup({ maxTasks: FETCH_CONCURRENCY, signal });
  await group.run(batches(chunksOf(group.signal)), ask);
  return counts;
}

async function* batches(
  chunks: AsyncIterable<InventoryChunk>,
): AsyncGenerator<InventoryChunk[], void, undefined> {
  let batch: InventoryChunk[] = [];
  for await (const chunk of chunks) {
    // Nobody needs to hold an empty chunk.
    if (chunk.size === 0) continue;
    batch.push(chunk);
    if (batch.length < GET_MANY_MAX) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The chunks that are not there, while those that are get counted. */
async function* without(
  chunks: AsyncIterable<BlobChunk>,
  isThere: (chunk: BlobChunk) => boolean | Promise<boolean>,
  count: (bytes: number) => void,
): AsyncGenerator<InventoryChunk, void, undefined> {
  for await (const chunk of chunks) {
    if (await isThere(chunk)) count(chunk.size ?? 0);
    else yield chunk;
  }
}

/** @param there Counts what need not be fetched. */
async function* wantedBy(
  works: AsyncIterable<DirWork>,
  there: { bytes: number },
): AsyncGenerator<InventoryChunk, void, undefined> {
  for await (const work of works) {
    if (!work.isThere) {
      yield* work.wanted;
      continue;
    }
    const chunks = work.kind === "batch" ? work.chunks : work.wanted;
    for (const { size } of chunks) there.bytes += size;
  }
}

/** Bytes of the files that are at their place already. */
function bytesOfSame(manifest: Uint8Array, reuse: Reuse): number {
  let bytes = 0;
  let index = 0;
  for (const { kind } of readDirEntries(manifest)) {
    if (kind.type === "file" && reuse.isSame(index)) {
      const ref = decodeBlobRef(kind.blob);
      if (ref !== undefined) bytes += Number(blobRefSize(ref));
    }
    index++;
  }
  return bytes;
}

function totals(
  { chunks, chunksMissing, bytes, bytesMissing }: Inventory,
): Omit<FetchPreview, "replaces" | "bytesReused"> {
  return {
    chunks,
    chunksMissing,
    bytesToFetch: BigInt(bytes),
    bytesMissing: BigInt(bytesMissing),
  };
}
