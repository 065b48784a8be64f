/**
 * A directory tree as it was when it was listed: about 66 bytes and its name for
 * each entry, 36 of them to know the entry again.
 */

import { decodeUtf8, decodeUtf8Lossy } from "../content/mod.ts";
import type { FileFacts, ListedFile } from "../os/file_identity.ts";
import { ByteHeap, Column } from "./columns.ts";
import type { NumberedFile } from "./file_numbers.ts";
import { joinName, pathBytes, type SourcePath } from "./raw_paths.ts";
import type { PathType } from "./path_filter.ts";

/** An entry as it is added to a {@linkcode SourceTree}. */
export interface NewEntry {
  /** Its directory: {@linkcode ROOT}, or one added before. */
  parent: number;
  /** Its name: the bytes if they are not UTF-8. */
  name: SourcePath;
  /** It counts only if something is added below it that counts. */
  ifNeeded: boolean;
  type: PathType;
  /** Full `st_mode`, type bits included; 0 where the system has none. */
  mode: number;
  /** Length of a file when it was listed, else 0. */
  size: number;
  target?: string;
  /** What it was looked at as. */
  seen: FileFacts;
}

/** Number of the directory that is no entry: the root of the tree. */
export const ROOT = -1;

const TYPES: readonly PathType[] = ["file", "dir", "symlink"];
/** Bits of the type. */
const TYPE = 3;
/** Or-ed to the type of an entry that does not count. */
const NEEDLESS = 4;
/** Or-ed to the type of a file that was read as it was listed. */
const CLEAN = 8;

/** A listed tree; entries are numbered in the order they were added. */
export class SourceTree {
  /**
   * Paths that stand for more than one entry, because names that are not UTF-8
   * became equal.
   */
  readonly collisions: string[] = [];
  /** Directories in which something vanished: they may have, too. */
  readonly doubtful = new Set<number>();
  /** Paths of links whose text is not UTF-8. */
  readonly lossyTargets: string[] = [];
  readonly root: SourcePath;
  /** Which directory the root is. */
  listedRoot: ListedFile | undefined;
  readonly #names = new ByteHeap();
  readonly #nameAt = new Column(Float64Array);
  /** One more than the number of the parent: 0 is the root. */
  readonly #parents = new Column(Uint32Array);
  readonly #types = new Column(Uint8Array);
  readonly #modes = new Column(Uint32Array);
  /** Length of a file, or where in `#names` the target of a link lies. */
  readonly #sizes = new Column(Float64Array);
  /** When it was begun to be listed, in milliseconds since 1970. */
  readonly listedAt: number = Date.now();
  /** Which each entry is: where its device is in `#devices`, and its number. */
  readonly #devs = new Column(Uint32Array);
  readonly #inos = new Column(Float64Array);
  readonly #mtimes = new Column(Float64Array);
  readonly #ctimes = new Column(Float64Array);
  readonly #births = new Column(Float64Array);
  /** Numbers of devices, which are larger than 32 bits on some systems. */
  readonly #devices: number[] = [];
  #needless = 0;
  /** The directory looked at last: most entries have the parent of the one before. */
  #lastDir: { number: number; prefix: string; source: SourcePath };

  constructor(root: SourcePath) {
    this.root = root;
    this.#lastDir = { number: ROOT, prefix: "", source: root };
  }

  /** Number of entries that were added, whether or not they count. */
  get added(): number {
    return this.#types.length;
  }

  /** Number of entries that count. */
  get length(): number {
    return this.added - this.#needless;
  }

  /** Gives the number of the entry. */
  add(entry: NewEntry): number {
    const { parent, name, type, mode, size, target, ifNeeded } = entry;
    this.#parents.push(parent + 1);
    this.#nameAt.push(this.#names.add(pathBytes(name)));
    this.#types.push(TYPES.indexOf(type) | (ifNeeded ? NEEDLESS : 0));
    this.#modes.push(mode);
    this.#sizes.push(
      target === undefined ? size : this.#names.add(pathBytes(target)),
    );
    this.#addIdentity(entry.seen);
    if (ifNeeded) this.#needless++;
    else this.#need(parent);
    return this.added - 1;
  }

  /** Takes another regular file for the one that was listed by that name. */
  replaceFile(file: number, seen: FileFacts & { mode: number | null }): void {
    this.#modes.set(file, seen.mode ?? 0);
    this.#sizes.set(file, seen.size);
    this.#devs.set(file, this.#deviceOf(seen));
    this.#inos.set(file, seen.ino ?? 0);
    this.#mtimes.set(file, seen.mtime?.getTime() ?? NaN);
    this.#ctimes.set(file, seen.ctime?.getTime() ?? NaN);
    this.#births.set(file, seen.birthtime?.getTime() ?? NaN);
    // Nothing of it was read.
    this.#types.set(file, this.#types.get(file) & ~CLEAN);
  }

  #deviceOf({ dev }: FileFacts): number {
    const device = this.#devices.indexOf(dev);
    return device < 0 ? this.#devices.push(dev) - 1 : device;
  }

  #addIdentity(seen: FileFacts): void {
    this.#devs.push(this.#deviceOf(seen));
    // 0 and NaN stand for what the system does not tell.
    this.#inos.push(seen.ino ?? 0);
    this.#mtimes.push(seen.mtime?.getTime() ?? NaN);
    this.#ctimes.push(seen.ctime?.getTime() ?? NaN);
    this.#births.push(seen.birthtime?.getTime() ?? NaN);
  }

  /** A file as it was listed; `undefined` where files have no numbers. */
  listedAs(number: number): ListedFile | undefined {
    const ino = this.#inos.get(number);
    if (ino === 0) return undefined;
    const dev = this.#devices[this.#devs.get(number)];
    const size = this.sizeOf(number);
    const [mtimeMs, ctimeMs] = [
      this.#mtimes.get(number),
      this.#ctimes.get(number),
    ];
    const born = this.#births.get(number);
    return {
      stamp: { dev, ino, size, mtimeMs, ctimeMs },
      born: Number.isNaN(born) ? null : born,
    };
  }

  /** A file, to be opened again. */
  fileAt(number: number): NumberedFile {
    return {
      source: this.sourceOf(number),
      listed: this.listedAs(number),
      isClean: (this.#types.get(number) & CLEAN) !== 0,
    };
  }

  /** Notes that what was read of a file is what its stamp stands for. */
  setClean(number: number): void {
    this.#types.set(number, this.#types.get(number) | CLEAN);
  }

  /** Takes back that directories do not count. */
  #need(directory: number): void {
    for (
      let at = directory;
      at !== ROOT && !this.counts(at);
      at = this.parentOf(at)
    ) {
      this.#types.set(at, this.#types.get(at) & ~NEEDLESS);
      this.#needless--;
    }
  }

  /** Takes out an entry, which no longer counts. */
  drop(number: number): void {
    const type = this.#types.get(number);
    if ((type & NEEDLESS) !== 0) return;
    this.#types.set(number, type | NEEDLESS);
    this.#needless++;
  }

  /** Whether the entry counts: it does until it is dropped, or needs none below. */
  counts(number: number): boolean {
    return (this.#types.get(number) & NEEDLESS) === 0;
  }

  /** The numbers of the entries that count, in order. */
  *numbers(): Generator<number, void, undefined> {
    for (let number = 0; number < this.added; number++) {
      if (this.counts(number)) yield number;
    }
  }

  /** Names below the root joined with `/`; what is not UTF-8 became U+FFFD. */
  pathOf(number: number): string {
    const { prefix } = this.#directory(this.parentOf(number));
    return prefix + decodeName(this.#nameOf(number));
  }

  isLossy(number: number): boolean {
    return decodeUtf8(this.#nameOf(number)) === undefined;
  }

  /** Where an entry lies: the bytes of the path if they are not UTF-8. */
  sourceOf(number: number): SourcePath {
    const { source } = this.#directory(this.parentOf(number));
    return joinName(source, this.#nameOf(number));
  }

  /** The name of an entry: the bytes if they are not UTF-8. */
  nameOf(number: number): SourcePath {
    const name = this.#nameOf(number);
    return decodeUtf8(name) ?? name;
  }

  /** The number of its directory, which is smaller: {@linkcode ROOT} or an entry. */
  parentOf(number: number): number {
    return this.#parents.get(number) - 1;
  }

  modeOf(number: number): number {
    return this.#modes.get(number);
  }

  targetOf(number: number): string {
    return decodeUtf8Lossy(this.#names.at(this.#sizes.get(number)));
  }

  typeOf(number: number): PathType {
    return TYPES[this.#types.get(number) & TYPE];
  }

  /** Length of a file when it was listed, else 0. */
  sizeOf(number: number): number {
    return this.typeOf(number) === "file" ? this.#sizes.get(number) : 0;
  }

  #directory(number: number): { prefix: string; source: SourcePath } {
    if (number === this.#lastDir.number) return this.#lastDir;
    const above: number[] = [];
    for (let at = number; at !== ROOT; at = this.parentOf(at)) above.push(at);
    let prefix = "";
    let source: SourcePath = this.root;
    for (const at of above.reverse()) {
      const name = this.#nameOf(at);
      prefix += `${decodeName(name)}/`;
      source = joinName(source, name);
    }
    this.#lastDir = { number, prefix, source };
    return this.#lastDir;
  }

  #nameOf(number: number): Uint8Array {
    return this.#names.at(this.#nameAt.get(number));
  }
}

/** The same as decoding with replacement, and faster for what needs none. */
function decodeName(name: Uint8Array): string {
  return decodeUtf8(name) ?? decodeUtf8Lossy(name);
}
