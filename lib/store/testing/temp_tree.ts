/** Directories for tests, removed afterwards. */

import { decodeBlobRef } from "../../content/mod.ts";
import type { PathType } from "../path_filter.ts";
import type { SourcePath } from "../raw_paths.ts";
import type { SourceTree } from "../source_tree.ts";

/** A temporary directory. */
export interface TempDir extends Disposable {
  path: string;
}

/** Makes a temporary directory; `using` removes it, whatever it holds by then. */
export function makeTempDir(): TempDir {
  const path = Deno.makeTempDirSync({ prefix: "store_test_" });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** What {@linkcode writeTree} makes: text or bytes, a link, or an empty directory. */
export type TreeSpec = Record<
  string,
  string | Uint8Array | { link: string } | { dir: true }
>;

/** Writes files (0644) and directories (0755) below `root`. */
export function writeTree(root: string, spec: TreeSpec): void {
  for (const [path, what] of Object.entries(spec)) {
    const full = `${root}/${path}`;
    const parent = full.slice(0, full.lastIndexOf("/"));
    Deno.mkdirSync(parent, { recursive: true });
    if (typeof what === "string") Deno.writeTextFileSync(full, what);
    else if (what instanceof Uint8Array) Deno.writeFileSync(full, what);
    else if ("link" in what) Deno.symlinkSync(what.link, full);
    else Deno.mkdirSync(full, { recursive: true });
    if (typeof what === "string" || what instanceof Uint8Array) {
      Deno.chmodSync(full, 0o644);
    }
  }
  chmodDirectories(root);
}

function chmodDirectories(path: string): void {
  Deno.chmodSync(path, 0o755);
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    if (isDirectory) chmodDirectories(`${path}/${name}`);
  }
}

/** Every path below `root` with its content, to see that nothing was touched. */
export function snapshot(root: string): Map<string, string> {
  const seen = new Map<string, string>();
  const visit = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const full = `${path}/${name}`;
      seen.set(full, isDirectory ? "dir" : Deno.readFileSync(full).join());
      if (isDirectory) visit(full);
    }
  };
  visit(root);
  return seen;
}

/** Bytes that repeat neither within a chunk nor from one chunk to the next. */
export function patternBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (31 * i + seed) % 251;
  return bytes;
}

/**
 * Counts the files below a directory that this process has open; those of tests
 * that run beside this one lie elsewhere. Linux only.
 */
export function openFilesBelow(path: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const target = Deno.readLinkSync(`/proc/self/fd/${name}`);
      if (target.startsWith(`${path}/`)) count++;
    } catch (error) {
      // It was closed since.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return count;
}

/** One file, directory or symbolic link of a {@linkcode SourceTree}. */
export interface SourceEntry {
  path: string;
  source: SourcePath;
  type: PathType;
  mode: number;
  size: number;
  target?: string;
}

/** The entries of a tree that count, in order. */
export function entriesOf(tree: SourceTree): SourceEntry[] {
  return [...tree.numbers()].map((number) => {
    const type = tree.typeOf(number);
    return {
      path: tree.pathOf(number),
      source: tree.sourceOf(number),
      type,
      mode: tree.modeOf(number),
      size: tree.sizeOf(number),
      ...(type === "symlink" && { target: tree.targetOf(number) }),
    };
  });
}

/** The chunks of an encoded Small or Manifest, in order. */
export function chunkHashes(ref: Uint8Array): Uint8Array[] {
  const blob = decodeBlobRef(ref);
  if (blob?.kind === "manifest") return blob.chunks.map(({ hash }) => hash);
  return blob?.kind === "small" ? [blob.hash] : [];
}

/** Runs a shell script in a directory, for what the runtime itself cannot do. */
export function runScript(directory: string, script: string): void {
  const { success } = new Deno.Command("sh", {
    args: ["-ec", script],
    cwd: directory,
  }).outputSync();
  if (!success) throw new Error(`the script failed: ${script}`);
}
