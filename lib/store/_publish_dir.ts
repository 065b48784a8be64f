import {
  blake3,
  type BlobRef,
  chunkPayload,
  DIR_MANIFEST_VERSION,
  type DirEntry,
  type DirEntryKind,
  encodeBlobRef,
  encodeDirManifest,
  prepareStreamingBlake3,
} from "../content/mod.ts";
import { DIR_MANIFEST_MAX } from "../limits.ts";
import { contentUri, FileHasher, type PublishSink } from "./_hash_file.ts";
import { unreadable } from "./_io_errors.ts";
import { Pacer } from "./_pacer.ts";
import type { PublishProgress } from "./publish_progress.ts";
import {
  type SourceEntry,
  type WalkOptions,
  walkSourceTree,
} from "./walk_source_tree.ts";

/** What `storeDir` made. */
export interface StoredDir {
  /** The reference of the directory manifest. */
  ref: BlobRef;
  /** Length of the manifest, in bytes. */
  manifestSize: bigint;
  /** What the tree holds. */
  stats: DirStats;
}

/** What a published tree holds. */
export interface DirStats {
  /** Number of regular files. */
  files: number;
  /** Number of directories, without the root. */
  dirs: number;
  /** Number of symbolic links. */
  symlinks: number;
  /** Lengths of all files together, in bytes. */
  totalBytes: bigint;
  /** Paths of sockets, FIFOs and devices, which were left out. */
  skipped: string[];
  /** Paths that stand for several entries, because names that are not UTF-8 became equal. */
  collisions: string[];
}

/** Reads a tree once and hands everything a holder of it needs to `sink`. */
export async function publishDir(
  dir: string,
  sink: PublishSink,
  options: WalkOptions & { onProgress?: (progress: PublishProgress) => void },
): Promise<StoredDir> {
  const { signal, onProgress } = options;
  const tree = await walkSourceTree(dir, options);
  await prepareStreamingBlake3();
  const stats: DirStats = {
    files: 0,
    dirs: 0,
    symlinks: 0,
    totalBytes: 0n,
    skipped: tree.skipped,
    collisions: tree.collisions,
  };
  let bytesRead = 0;
  let current = "";
  const totals = { totalFiles: 0, totalBytes: 0 };
  for (const { type, size } of tree.entries) {
    if (type === "file") totals.totalFiles++;
    totals.totalBytes += size;
  }
  const report = () =>
    onProgress?.({
      path: current,
      files: stats.files,
      bytes: bytesRead,
      ...totals,
    });
  const hasher = new FileHasher({
    async piece(source, offset, hash, bytes) {
      await sink.piece(source, offset, hash, bytes);
      bytesRead += bytes.length;
      report();
    },
    made: (hash, bytes) => sink.made(hash, bytes),
  });
  const describe = async (entry: SourceEntry): Promise<DirEntryKind> => {
    const { type, mode } = entry;
    switch (type) {
      case "dir":
        stats.dirs++;
        return { type, mode };
      case "symlink":
        stats.symlinks++;
        return { type, target: entry.target ?? "" };
      case "file": {
        const { source, size } = entry;
        const ref = await hasher.hash(source, { size, signal });
        stats.files++;
        stats.totalBytes += BigInt(size);
        return { type, mode, blob: encodeBlobRef(ref) };
      }
    }
  };
  const entries: DirEntry[] = [];
  const pacer = new Pacer();
  for (const entry of tree.entries) {
    current = entry.path;
    entries.push({ path: entry.path, kind: await describe(entry) });
    if (pacer.due) await pacer.rest(signal);
  }
  report();
  const manifest = encodeDirManifest({
    version: DIR_MANIFEST_VERSION,
    entries,
  });
  if (manifest.length > DIR_MANIFEST_MAX) {
    throw unreadable(
      dir,
      `its manifest has ${manifest.length} bytes and the limit is ${DIR_MANIFEST_MAX}; publish its parts one by one`,
    );
  }
  const { ref, chunks } = chunkPayload(manifest, contentUri(blake3(manifest)));
  for (const { hash, bytes } of chunks) await sink.made(hash, bytes);
  return { ref, manifestSize: BigInt(manifest.length), stats };
}
