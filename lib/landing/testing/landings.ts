/** Landings of each kind, as tests have them stopped, killed and failed. */

import { assertEquals } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { type FileStamp, stampOf } from "../../os/file_identity.ts";
import { attempt } from "../../os/os_error.ts";
import { toHex } from "../../text/hex.ts";
import { BlobWriter } from "../worker/blob_writer.ts";
import {
  identityOf,
  splitTarget,
  type TargetIdentity,
} from "../worker/target.ts";
import { TreeWriter } from "../worker/tree_writer.ts";
import {
  chunksOf,
  contentOf,
  manifestOf,
  modeAt,
  namesIn,
  type TreeItem,
  type TreeItems,
} from "./trees.ts";

/** One landing: what it writes, under which names, and what is there before. */
export interface SampleLanding {
  readonly name: string;
  /** Makes what is there before. */
  prepare(dir: string): void;
  /**
   * Lands, until something ends it.
   *
   * @param written Gets each chunk, by its hash, once it is written.
   */
  land(dir: string, written: (hash: string) => void): Promise<void>;
  /** Throws unless what is to land is there, as a whole. */
  requireLanded(dir: string): void;
  /** Throws unless files that could be taken were taken, and not copied. */
  requireTaken?(dir: string): void;
  /** Throws unless what was there before is there, as a whole. */
  requireOld(dir: string): void;
}

const SLOT = 70_000;
const BLOB = crypto.getRandomValues(new Uint8Array(65_536));
const CONTENT = new Uint8Array(4 * SLOT - 5_000);
for (let at = 0; at < CONTENT.length; at += BLOB.length) {
  CONTENT.set(BLOB.subarray(0, CONTENT.length - at), at);
  CONTENT[at] = at / BLOB.length;
}

/** Not quite two chunks, so that one of them is short. */
const LARGE = new Uint8Array(CHUNK_SIZE + 9).fill(7);
LARGE[CHUNK_SIZE] = 1;

const ITEMS: TreeItems = [
  ["d", { dir: true, mode: 0o40555 }],
  ["d/a", { file: "aaa", mode: 0o100444 }],
  ["d/l", { link: "a" }],
  ["e/empty", { file: "" }],
  ["large", { file: LARGE, mode: 0o100644 }],
  ["z", { file: "zz", mode: 0o100755 }],
];

function requireBlob(dir: string): void {
  const hash = blake3(Deno.readFileSync(`${dir}/out`));
  assertEquals(hash, blake3(CONTENT));
}

async function landBlob(
  dir: string,
  written: (hash: string) => void,
): Promise<void> {
  // As who lands it finds out, and fetches nothing.
  const isThere = isLanded(() => requireBlob(dir));
  const writer = await BlobWriter.create({
    target: splitTarget(`${dir}/out`),
    fsync: true,
    sparse: true,
    resume: !isThere,
    volume: "local",
    machine: "",
    replace: true,
  });
  if (isThere) return void writer.abort();
  try {
    for (let offset = 0; offset < CONTENT.length; offset += SLOT) {
      const bytes = CONTENT.slice(offset, offset + SLOT);
      const hash = blake3(bytes);
      const range = { offset, length: bytes.length, hash };
      if (writer.check([range])[0]) continue;
      writer.write({ offset, hash, bytes });
      written(toHex(hash));
    }
    writer.commit(CONTENT.length);
  } finally {
    writer.abort();
  }
}

/** What is known of the targets in directories: the rest is a stranger's. */
const noted = new Map<string, TargetIdentity[]>();

async function landTree(
  dir: string,
  install: "rename" | "in_place",
  written: (hash: string) => void,
  clones = false,
): Promise<void> {
  const writer = await TreeWriter.create({
    install,
    isVolume: false,
    target: splitTarget(`${dir}/out`),
    manifest: manifestOf(ITEMS),
    fsync: true,
    preserveSetid: false,
    // As who notes what comes before it does, and what is there after it.
    replace: false,
    former: noted.get(dir),
    links: "keep",
    canLink: true,
    perms: true,
    sparse: true,
    resume: true,
    clean: false,
    volume: "local",
    machine: "",
  });
  try {
    writer.remove(Infinity, true);
    if (isLanded(() => requireTree(dir))) {
      // As who lands it finds out, and fetches nothing.
      writer.removeSuperseded();
      writer.remove(Infinity, true);
      writer.abort(false);
      return;
    }
    const taken = takeOld(writer, `${dir}/out`);
    if (clones) cloneOld(writer, `${dir}/out`);
    for (const [entry, [, item]] of ITEMS.entries()) {
      if (!("file" in item) || taken.has(entry)) continue;
      for (const [chunk, bytes] of chunksOf(contentOf(item)).entries()) {
        const { length } = bytes;
        const hash = blake3(bytes);
        const offset = chunk * CHUNK_SIZE;
        const range = { entry, chunk, offset, length, hash };
        if (writer.check([range])[0]) continue;
        writer.writeChunks([{ entry, chunk, start: 0, length }], bytes.slice());
        // Of nothing nothing has to stay.
        if (length > 0) written(toHex(hash));
      }
    }
    const { root, links } = writer.seal();
    for (const { path, target } of links) {
      const link = `${root}/${path}`;
      attempt("create the link", link, () => Deno.symlinkSync(target, link));
    }
    writer.prepare();
    const coming = identityAt(install === "rename" ? root : `${dir}/out`);
    noted.set(dir, [...noted.get(dir) ?? [], coming]);
    writer.install();
    noted.set(dir, [coming]);
    writer.remove(Infinity, true);
    writer.end();
  } finally {
    writer.abort(true);
  }
}

/** Has what changes of the old tree begun as copies. */
function cloneOld(writer: TreeWriter, old: string): void {
  const entry = ITEMS.findIndex(([path]) => path === "large");
  const stamp = stampAt(`${old}/large`);
  if (stamp === undefined) return;
  const { dev, ino, size, mtimeMs, ctimeMs } = stamp;
  const row = [entry, dev, ino, size, mtimeMs, ctimeMs];
  writer.cloneOld(old, Float64Array.from(row));
}

/** Has files of the old tree taken that are as they are to be. */
function takeOld(writer: TreeWriter, old: string): Set<number> {
  const rows: number[] = [];
  const entries = new Set<number>();
  for (const [entry, [path, item]] of ITEMS.entries()) {
    if (!("file" in item)) continue;
    const stamp = stampAt(`${old}/${path}`);
    if (stamp === undefined || !holds(`${old}/${path}`, item)) continue;
    const { dev, ino, size, mtimeMs, ctimeMs } = stamp;
    rows.push(entry, dev, ino, size, mtimeMs, ctimeMs);
    entries.add(entry);
  }
  for (const entry of writer.linkOld(old, Float64Array.from(rows))) {
    entries.delete(entry);
  }
  return entries;
}

function holds(path: string, item: TreeItem): boolean {
  try {
    const hash = toHex(blake3(Deno.readFileSync(path)));
    return hash === toHex(blake3(contentOf(item)));
  } catch {
    // As what cannot be read is not there for who fetches.
    return false;
  }
}

function stampAt(path: string): FileStamp | undefined {
  try {
    return stampOf(Deno.lstatSync(path));
  } catch {
    return undefined;
  }
}

function isLanded(require: () => void): boolean {
  try {
    require();
    return true;
  } catch {
    return false;
  }
}

function requireTree(dir: string): void {
  const out = `${dir}/out`;
  assertEquals(namesOf(out), ["d", "e", "large", "z"]);
  assertEquals(namesIn(`${out}/d`), ["a", "l"]);
  assertEquals(modeAt(`${out}/d`), 0o555);
  for (const [path, item] of ITEMS) {
    if ("link" in item) assertEquals(Deno.readLinkSync(`${out}/${path}`), "a");
    if (!("file" in item)) continue;
    const hash = blake3(Deno.readFileSync(`${out}/${path}`));
    assertEquals(hash, blake3(contentOf(item)), path);
    if (item.mode !== undefined) {
      assertEquals(modeAt(`${out}/${path}`), item.mode & 0o777);
    }
  }
}

function identityAt(path: string): TargetIdentity {
  return attempt("look at", path, () => identityOf(Deno.lstatSync(path)));
}

function makeOldTree(dir: string): void {
  Deno.mkdirSync(`${dir}/out/d`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/out/d/old`, "old");
  Deno.writeTextFileSync(`${dir}/out/z`, "old");
  noted.set(dir, [identityAt(`${dir}/out`)]);
}

function requireOldTree(dir: string): void {
  assertEquals(namesOf(`${dir}/out`), ["d", "z"]);
  assertEquals(namesIn(`${dir}/out/d`), ["old"]);
  assertEquals(Deno.readTextFileSync(`${dir}/out/d/old`), "old");
  assertEquals(Deno.readTextFileSync(`${dir}/out/z`), "old");
}

/** An old tree of which files are as they are to be. */
function makeLikeTree(dir: string): void {
  Deno.mkdirSync(`${dir}/out/d`, { recursive: true });
  for (const path of ["d/a", "large"]) {
    const [, item] = ITEMS.find(([name]) => name === path) ?? ITEMS[0];
    const mode = "file" in item ? (item.mode ?? 0o644) & 0o777 : 0;
    Deno.writeFileSync(`${dir}/out/${path}`, contentOf(item));
    Deno.chmodSync(`${dir}/out/${path}`, mode);
    // That it is never written to, nor replaced by a copy, shows by its time.
    Deno.utimeSync(`${dir}/out/${path}`, OLD_TIME, OLD_TIME);
  }
  Deno.writeTextFileSync(`${dir}/out/z`, "old");
  noted.set(dir, [identityAt(`${dir}/out`)]);
}

const OLD_TIME = new Date("2001-02-03T04:05:06Z");

function requireLikeTree(dir: string): void {
  assertEquals(namesOf(`${dir}/out`), ["d", "large", "z"]);
  assertEquals(namesIn(`${dir}/out/d`), ["a"]);
  assertEquals(Deno.readTextFileSync(`${dir}/out/z`), "old");
  requireTaken(dir);
}

function requireTaken(dir: string): void {
  for (const path of ["d/a", "large"]) {
    const { mtime, nlink } = Deno.lstatSync(`${dir}/out/${path}`);
    assertEquals(mtime, OLD_TIME, path);
    assertEquals((nlink ?? 1) <= 2, true, path);
  }
}

/** An old tree with a long file of which a part is as it is to be. */
function makeChangedTree(dir: string): void {
  makeOldTree(dir);
  Deno.writeFileSync(`${dir}/out/large`, CHANGED, { mode: 0o640 });
}

const CHANGED = LARGE.slice();
CHANGED[CHUNK_SIZE + 1] ^= 1;

function requireChangedTree(dir: string): void {
  assertEquals(namesOf(`${dir}/out`), ["d", "large", "z"]);
  assertEquals(Deno.readTextFileSync(`${dir}/out/d/old`), "old");
  const hash = blake3(Deno.readFileSync(`${dir}/out/large`));
  assertEquals(hash, blake3(CHANGED));
  assertEquals(modeAt(`${dir}/out/large`), 0o640);
}

function requireNothing(dir: string): void {
  assertEquals(namesIn(dir).includes("out"), false);
}

/** Names of a tree that are its own. */
function namesOf(tree: string): string[] {
  return namesIn(tree).filter((name) => !name.startsWith(".net-"));
}

/** A file, and trees by each way to their place. */
export const SAMPLE_LANDINGS: readonly SampleLanding[] = [
  {
    name: "a file over an old one",
    prepare: (dir) => Deno.writeTextFileSync(`${dir}/out`, "old"),
    land: landBlob,
    requireLanded: requireBlob,
    requireOld: (dir) =>
      assertEquals(Deno.readTextFileSync(`${dir}/out`), "old"),
  },
  {
    name: "a new tree",
    prepare: () => {},
    land: (dir, written) => landTree(dir, "rename", written),
    requireLanded: requireTree,
    requireOld: requireNothing,
  },
  {
    name: "a tree over an old one",
    prepare: makeOldTree,
    land: (dir, written) => landTree(dir, "rename", written),
    requireLanded: requireTree,
    requireOld: requireOldTree,
  },
  {
    name: "a tree over one of which files are taken",
    prepare: makeLikeTree,
    land: (dir, written) => landTree(dir, "rename", written),
    requireLanded: requireTree,
    requireTaken,
    requireOld: requireLikeTree,
  },
  {
    name: "a tree over one of which a file is copied",
    prepare: makeChangedTree,
    land: (dir, written) => landTree(dir, "rename", written, true),
    requireLanded: requireTree,
    requireOld: requireChangedTree,
  },
  {
    name: "a tree in place of one of which a file is copied",
    prepare: makeChangedTree,
    land: (dir, written) => landTree(dir, "in_place", written, true),
    requireLanded: requireTree,
    requireOld: requireChangedTree,
  },
  {
    name: "a tree in place",
    prepare: makeOldTree,
    land: (dir, written) => landTree(dir, "in_place", written),
    requireLanded: requireTree,
    requireOld: requireOldTree,
  },
  {
    name: "a tree in place of one of which files are taken",
    prepare: makeLikeTree,
    land: (dir, written) => landTree(dir, "in_place", written),
    requireLanded: requireTree,
    requireTaken,
    requireOld: requireLikeTree,
  },
];
