/** Small trees to land in tests. */

import {
  type BlobRef,
  encodeBlobRef,
  makeManifest,
  makeSmall,
  REPLICATED,
} from "../../content/blob_ref.ts";
import {
  type DirEntry,
  encodeDirManifest,
} from "../../content/dir_manifest.ts";
import { blake3 } from "../../content/hash.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { TreeLanding, type TreeLandingResult } from "../tree_landing.ts";
import type { TreeLandingOptions } from "../tree_landing_options.ts";
import { probeFileSystem } from "../worker/file_system.ts";
import { TargetFileSystem } from "../worker/target_file_system.ts";
import type {
  BlobRange,
  LeafRange,
  UsedBuffer,
} from "../worker/worker_protocol.ts";

const utf8 = new TextEncoder();

/** What a test tree holds at a path. */
export type TreeItem =
  | { file: string | Uint8Array; mode?: number }
  | { dir: true; mode?: number }
  | { link: string };

/** A tree as a path-to-content list, in the order of its manifest. */
export type TreeItems = [path: string, item: TreeItem][];

/** Splits content as the format does. */
export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks = [bytes.subarray(0, CHUNK_SIZE)];
  for (let at = CHUNK_SIZE; at < bytes.length; at += CHUNK_SIZE) {
    chunks.push(bytes.subarray(at, at + CHUNK_SIZE));
  }
  return chunks;
}

/** The encoded reference of some content. */
export function refOf(bytes: Uint8Array): Uint8Array {
  const chunks = chunksOf(bytes);
  if (chunks.length === 1) {
    return encodeBlobRef(makeSmall("", blake3(bytes), bytes.length));
  }
  const list = chunks.map((chunk) => ({
    hash: blake3(chunk),
    size: chunk.length,
  }));
  return encodeBlobRef(makeManifest("", REPLICATED, list));
}

/** The bytes of a file item. */
export function contentOf(item: TreeItem): Uint8Array {
  if (!("file" in item)) throw new TypeError("not a file");
  return typeof item.file === "string" ? utf8.encode(item.file) : item.file;
}

/** One manifest entry. */
export function entryOf([path, item]: [string, TreeItem]): DirEntry {
  if ("link" in item) {
    return { path, kind: { type: "symlink", target: item.link } };
  }
  const { mode = 0 } = item;
  if ("dir" in item) return { path, kind: { type: "dir", mode } };
  return { path, kind: { type: "file", mode, blob: refOf(contentOf(item)) } };
}

/** The encoded manifest of a tree. */
export function manifestOf(items: TreeItems): Uint8Array<ArrayBuffer> {
  return encodeDirManifest({ version: 1, entries: items.map(entryOf) });
}

/** An encoded manifest of files `f0`, `f1`, … with these references. */
export function manifestWith(
  refs: readonly BlobRef[],
  mode = 0,
): Uint8Array<ArrayBuffer> {
  const entries = refs.map((ref, i): DirEntry => ({
    path: `f${i}`,
    kind: { type: "file", mode, blob: encodeBlobRef(ref) },
  }));
  return encodeDirManifest({ version: 1, entries });
}

/** Opens a landing of a tree, by default one that replaces what is there. */
export function openTree(
  out: string,
  items: TreeItems,
  options: Partial<TreeLandingOptions> = {},
): Promise<TreeLanding> {
  return TreeLanding.open({
    out,
    manifest: manifestOf(items),
    replace: true,
    ...options,
  });
}

/** Lands a whole tree. */
export async function landTree(
  out: string,
  items: TreeItems,
  options: Partial<TreeLandingOptions> = {},
): Promise<TreeLandingResult> {
  await using landing = await openTree(out, items, options);
  await fill(landing, items);
  return await landing.commit();
}

/** Writes one chunk of an entry by itself. */
export function writeChunk(
  landing: TreeLanding,
  entry: number,
  content: string | Uint8Array,
  chunk = 0,
): Promise<UsedBuffer> {
  const buffer = typeof content === "string"
    ? utf8.encode(content)
    : content.slice();
  const { length } = buffer;
  return landing.writeChunks([{ entry, chunk, start: 0, length }], buffer);
}

/** A range of a blob, under its own hash. */
export function blobRange(offset: number, text: string): BlobRange {
  const bytes = utf8.encode(text);
  return { offset, hash: blake3(bytes), bytes };
}

/** A chunk of an entry that names a chunk tree; not the last one. */
export function treeLeaf(
  entry: number,
  offset: number,
  text: string,
): LeafRange {
  return { entry, ...blobRange(offset, text), last: false };
}

/** Writes every chunk of a tree, one message per file. */
export async function fill(
  landing: TreeLanding,
  items: TreeItems,
): Promise<void> {
  for (const [entry, [, item]] of items.entries()) {
    if (!("file" in item)) continue;
    const buffer = contentOf(item).slice();
    const chunks = chunksOf(buffer).map((bytes, chunk) => ({
      entry,
      chunk,
      start: chunk * CHUNK_SIZE,
      length: bytes.length,
    }));
    await landing.writeChunks(chunks, buffer);
  }
}

/** The names in a directory, sorted. */
export function namesIn(dir: string): string[] {
  return Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();
}

/** The one temp tree of the target `tree` in a directory. */
export function tempTree(dir: string): string {
  const pattern = /^\.tree\.fetch_[0-9a-f]{16}$/;
  const [name] = namesIn(dir).filter((name) => pattern.test(name));
  return `${dir}/${name}`;
}

/** The file system of a directory, as a landing uses it. */
export function fileSystemOf(dir: string): TargetFileSystem {
  return new TargetFileSystem(probeFileSystem(dir, "local"), dir);
}

/** The permission bits at a path, not followed. */
export function modeAt(path: string): number {
  return (Deno.lstatSync(path).mode ?? 0) & 0o7777;
}

/** Lets us into all directories, of which some may be for nobody to change. */
function makeRemovable(dir: string): void {
  if (Deno.build.os === "windows" || Deno.uid() === 0) return;
  Deno.chmodSync(dir, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(dir)) {
    if (isDirectory) makeRemovable(`${dir}/${name}`);
  }
}

/** Runs `test` in a directory of its own, by its real path, and removes that. */
export async function inTempDir(
  test: (dir: string) => Promise<void> | void,
): Promise<void> {
  const made = await Deno.makeTempDir({ prefix: "landing_" });
  const dir = await Deno.realPath(made);
  try {
    await test(dir);
  } finally {
    makeRemovable(dir);
    await Deno.remove(dir, { recursive: true });
  }
}

/** A test that has a directory of its own. */
export function test(
  name: string,
  body: (dir: string) => Promise<void> | void,
): void {
  Deno.test({
    name,
    // Without tryLock a wait that was given up ends with the other lock.
    sanitizeOps: "tryLock" in Deno.FsFile.prototype,
    fn: () => inTempDir(body),
  });
}
