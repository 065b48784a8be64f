/** What an earlier run left of a tree, held against its manifest. */

import {
  decodeBlobRef,
  type DirEntry,
  readDirEntries,
} from "../../content/mod.ts";
import type { LeftTree } from "../../landing/mod.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { blobChunks } from "./blob_chunks.ts";
import { LostFiles } from "./lost_files.ts";
import type { FetchProgress } from "./progress.ts";
import { type FoundChunk, ResumedChunks } from "./resumed_chunks.ts";

/** What the files of a tree are checked with. */
export interface CheckTreeOptions {
  landing: Pick<LeftTree, "found" | "check">;
  manifest: Uint8Array;
  /** Fetches the nodes of files that are Trees. */
  fetcher: ChunkSource;
  progress: FetchProgress;
  /** Files that are in place already. */
  isLinked(entry: number): boolean;
  signal?: AbortSignal;
}

/** The chunks that are there, and how many files are complete by them. */
export interface ResumedTree {
  readonly chunks: ResumedChunks;
  readonly files: number;
}

/** Checks what an earlier run left of the files of a tree. */
export async function checkFoundFiles(
  options: CheckTreeOptions,
): Promise<ResumedTree> {
  const { landing, progress } = options;
  if (landing.found.size === 0) {
    return { chunks: new ResumedChunks(), files: 0 };
  }
  let total = 0;
  for (const size of landing.found.values()) total += size;
  const wanted = new Map<number, number>();
  const chunks = await ResumedChunks.check(
    foundChunks(options, wanted),
    total,
    (ranges) => landing.check(ranges),
    progress,
  );
  let files = 0;
  for (const [entry, count] of wanted) {
    if (chunks.countOf(entry) === count) files++;
  }
  return { chunks, files };
}

/** @param wanted Gets how many chunks the files have that may be complete. */
async function* foundChunks(
  { landing, manifest, fetcher, isLinked, signal }: CheckTreeOptions,
  wanted: Map<number, number>,
): AsyncGenerator<FoundChunk, void, void> {
  let entry = -1;
  for (const file of readDirEntries(manifest)) {
    entry++;
    const found = landing.found.get(entry);
    if (found === undefined || isLinked(entry)) continue;
    try {
      let count = 0;
      for await (const chunk of chunksOf(file, fetcher, signal)) {
        count++;
        const { index, offset, hash, size: length = 0 } = chunk;
        if (offset + length > found) continue;
        yield { entry, chunk: index, offset, length, hash };
      }
      wanted.set(entry, count);
    } catch (error) {
      // Who fetches it will say so, or does without it.
      if (!LostFiles.isOfOneFile(error)) throw error;
    }
  }
}

export function chunksOf(
  { path, kind }: DirEntry,
  fetcher: ChunkSource,
  signal: AbortSignal | undefined,
): ReturnType<typeof blobChunks> {
  const ref = kind.type === "file" ? decodeBlobRef(kind.blob) : undefined;
  return ref === undefined
    ? none()
    : blobChunks(ref, fetcher, { signal, fields: { path } });
}

async function* none(): ReturnType<typeof blobChunks> {}
