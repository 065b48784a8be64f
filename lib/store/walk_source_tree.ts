import {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  sortByUtf8,
} from "../content/mod.ts";
import { UsageError } from "../errors.ts";
import { DIR_ENTRIES_MAX, DIR_NAME_MAX, DIR_PATH_MAX } from "../limits.ts";
import type { PathFilter } from "./path_filter.ts";
import { listedOf } from "../os/file_identity.ts";
import { type ListedDirectory, PinnedSource } from "./pinned_source.ts";
import { PublishNotes } from "./publish_notes.ts";
import {
  atPath,
  joinName,
  rawPaths,
  showPath,
  type SourcePath,
} from "./raw_paths.ts";
import { osErrorCode, osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import type { PathFacts } from "./path_facts.ts";
import { type NewEntry, ROOT, SourceTree } from "./source_tree.ts";
import { TimeSlice } from "./time_slice.ts";
import { unreadable } from "./unreadable.ts";

export interface WalkOptions {
  signal?: AbortSignal;
  filter?: PathFilter;
  /** Told of what is left out. */
  notes?: PublishNotes;
}

interface ListedName {
  /** As a manifest has it. */
  text: string;
  name: SourcePath;
  directory: ListedDirectory;
}

/**
 * Directories of one path, all but always one: names that are not UTF-8 can
 * become equal.
 */
interface Pending {
  /** Their path with a slash at its end; empty for the root. */
  prefix: string;
  /** The end of `prefix`: the name of the directory, with the slash. */
  key: string;
  directories: ListedDirectory[];
}

/** A level of the walk. */
interface Level {
  prefix: string;
  /** In order. */
  names: ListedName[];
  next: number;
  /**
   * Directories already listed by name, the content of which comes later: that of
   * `a` comes behind `a-b` and before `a0`. The last is the next, since it begins
   * with the names of the others.
   */
  pending: Pending[];
}

/**
 * Lists a tree without following links, hidden files included. What cannot be
 * read, or vanishes meanwhile, is noted and left out.
 *
 * Names that are not UTF-8 are listed as they are where the process may call
 * native code (`--allow-ffi`, on Linux); else they cannot be read, and Deno
 * before 2.5 leaves them out without a trace.
 */
export async function walkSourceTree(
  root: SourcePath,
  options: WalkOptions = {},
): Promise<SourceTree> {
  const { signal } = options;
  const info = checkRoot(root);
  signal?.throwIfAborted();
  using pinned = new PinnedSource();
  const walk = new Walk({ root, info }, pinned, options.filter, options.notes);
  const slice = new TimeSlice();
  while (walk.step()) {
    if (slice.isOver) await slice.giveWay(signal);
  }
  return walk.finish();
}

const encoder = new TextEncoder();

/** The longest text of a link that Linux makes: `PATH_MAX` without the NUL. */
const LINK_TEXT_MAX = 4095;

/** Goes through a tree in the order of a manifest, a name at a time. */
class Walk {
  readonly #tree: SourceTree;
  readonly #filter: PathFilter | undefined;
  readonly #notes: PublishNotes;
  readonly #levels: Level[] = [];
  readonly #root: Deno.FileInfo;
  #mayRepeat = false;

  constructor(
    { root, info }: { root: SourcePath; info: Deno.FileInfo },
    private readonly pinned: PinnedSource,
    filter: PathFilter | undefined,
    notes = new PublishNotes(),
  ) {
    this.#tree = new SourceTree(root);
    this.#root = info;
    this.#filter = filter;
    this.#notes = notes;
    const directories = [{ number: ROOT, source: root }];
    this.#enter({ prefix: "", key: "", directories });
  }

  /** Takes one step; `false` at the end. */
  step(): boolean {
    const level = this.#levels.at(-1);
    if (level === undefined) return false;
    const name = level.names.at(level.next);
    const inner = level.pending.at(-1);
    if (
      inner !== undefined &&
      (name === undefined || compareUtf8(inner.key, name.text) < 0)
    ) {
      level.pending.pop();
      this.#enter(inner);
    } else if (name !== undefined) {
      level.next++;
      this.#visit(level, name);
    } else {
      this.#levels.pop();
    }
    return true;
  }

  finish(): SourceTree {
    const tree = this.#tree;
    tree.listedRoot = this.pinned.root;
    if (this.#mayRepeat) tree.collisions.push(...findRepeats(tree));
    return tree;
  }

  #enter({ prefix, directories }: Pending): void {
    const names = directories.flatMap((directory) => this.#list(directory));
    sortByUtf8(names, ({ text }) => text);
    this.#levels.push({ prefix, names, next: 0, pending: [] });
  }

  /** The names in a directory; none in one that cannot be listed. */
  #list(directory: ListedDirectory): ListedName[] {
    const { number, source } = directory;
    let names: SourcePath[];
    try {
      names = listNames(this.pinned.enter(directory));
    } catch (error) {
      if (number === ROOT) throw unreadable(source, error);
      this.#notes.leaveOut(source, error);
      this.#tree.drop(number);
      this.#tree.doubtful.add(this.#tree.parentOf(number));
      return [];
    }
    if (rawPaths === undefined) names = this.#withoutTwins(source, names);
    return names.map((name) => ({ text: showPath(name), name, directory }));
  }

  /**
   * Of the names that look alike because the runtime replaced what is not UTF-8
   * one stays, and fails when it is examined if none is really called so.
   */
  #withoutTwins(
    directory: SourcePath,
    names: readonly SourcePath[],
  ): SourcePath[] {
    const seen = new Set<SourcePath>();
    return names.filter((name) => {
      if (!showPath(name).includes("\ufffd")) return true;
      if (seen.has(name)) this.#refuseName(joinName(directory, name));
      return !seen.has(name) && seen.add(name);
    });
  }

  #visit(level: Level, { text, name, directory }: ListedName): void {
    const path = level.prefix + text;
    const source = joinName(directory.source, name);
    const found = this.#examine(path, source, { name, directory });
    if (found === undefined) {
      this.#tree.doubtful.add(directory.number);
      return;
    }
    const kept = this.#filter?.(path, found.type) ?? true;
    if (kept === false) return;
    const refusal = whyRefused(path, text, found.target);
    if (refusal !== undefined) {
      this.#notes.leaveOut(source, refusal);
      return;
    }
    checkEntries(this.#tree);
    if (level.names.at(level.next)?.text === text) this.#mayRepeat = true;
    this.#notes.lookAt(source, found.seen, this.#root);
    const ifNeeded = kept === "if_needed";
    const parent = directory.number;
    const number = this.#tree.add({ ...found, name, parent, ifNeeded });
    if (found.isLossy) this.#tree.lossyTargets.push(path);
    if (found.type !== "dir") return;
    const listed = listedOf(found.seen);
    const inner = { number, source, ...(listed && { listed }) };
    const last = level.pending.at(-1);
    if (last?.prefix === `${path}/`) {
      last.directories.push(inner);
    } else {
      level.pending.push({
        prefix: `${path}/`,
        key: `${text}/`,
        directories: [inner],
      });
    }
  }

  /** What lies at one path; `undefined` for what is left out, which is noted. */
  #examine(
    path: string,
    source: SourcePath,
    { name, directory }: Pick<ListedName, "name" | "directory">,
  ): Examined | undefined {
    try {
      const found = examine(this.pinned.look(directory, name));
      if (found !== undefined) return found;
      if (this.#mayBeKept(path)) this.#notes.skip(source);
    } catch (error) {
      if (!this.#mayBeKept(path)) return undefined;
      if (isReplacedName(source) || error instanceof Deno.errors.InvalidData) {
        this.#refuseName(source);
      } else if (osErrorCode(error) === "EINVAL") {
        this.#notes.vanish(source, "it was a link and no longer is");
      } else {
        this.#notes.leaveOut(source, error);
      }
    }
    return undefined;
  }

  /** Whether the filter keeps a path whatever it is. */
  #mayBeKept(path: string): boolean {
    const filter = this.#filter;
    return filter === undefined ||
      (filter(path, "file") !== false && filter(path, "dir") !== false);
  }

  /** Leaves out a name, or a link with a text, that only native code can read. */
  #refuseName(source: SourcePath): void {
    const hint = Deno.build.os === "linux"
      ? "Rename it, or allow native calls with --allow-ffi."
      : "Rename it.";
    this.#notes.leaveOut(source, NOT_UTF8, hint);
  }
}

const NOT_UTF8 = "its name, or the target of the link, is not valid UTF-8";

function checkRoot(root: SourcePath): Deno.FileInfo {
  const path = showPath(root);
  let reason = "as a directory: it is not one";
  let cause: unknown;
  try {
    const info = atPath(root, (at) => Deno.statSync(at));
    if (info.isDirectory) return info;
  } catch (error) {
    cause = error;
    reason = error instanceof Deno.errors.NotFound
      ? "there is no such directory"
      : osErrorWords(error);
  }
  throw new UsageError(
    `Cannot publish ${quoteText(path)}${
      cause === undefined ? " " : ": "
    }${reason}`,
    { cause, fields: { path } },
  );
}

/** Lists a directory, by the C library where that can be called. */
function listNames(source: SourcePath): SourcePath[] {
  // The way to it was checked, or is an alias, which is itself a link.
  if (rawPaths !== undefined) return rawPaths.list(source, { follow: true });
  return Array.from(Deno.readDirSync(showPath(source)), ({ name }) => name);
}

/** What lies at a path. */
interface Examined extends Pick<NewEntry, "type" | "mode" | "size" | "target"> {
  seen: PathFacts;
  /** Whether it is a link whose text had to be changed. */
  isLossy: boolean;
}

/** `undefined` for what cannot be published. */
function examine(
  { source, facts: info }: ReturnType<PinnedSource["look"]>,
): Examined | undefined {
  const found = { mode: info.mode ?? 0, size: 0, isLossy: false, seen: info };
  if (info.isDirectory) return { ...found, type: "dir" };
  if (info.isFile) return { ...found, type: "file", size: info.size };
  if (!info.isSymlink) return undefined;
  const target = readTarget(source);
  if (typeof target === "string") return { ...found, type: "symlink", target };
  const text = decodeUtf8Lossy(target);
  return { ...found, type: "symlink", target: text, isLossy: true };
}

function readTarget(source: SourcePath): SourcePath {
  if (rawPaths === undefined) return Deno.readLinkSync(showPath(source));
  const target = rawPaths.readLink(source);
  return decodeUtf8(target) ?? target;
}

/** A name the runtime has made of one that is not UTF-8 does not exist. */
function isReplacedName(source: SourcePath): boolean {
  return typeof source === "string" && source.includes("\ufffd") &&
    rawPaths === undefined;
}

/** Why no receiver would accept an entry, so that the whole tree was useless. */
function whyRefused(
  path: string,
  name: string,
  target = "",
): string | undefined {
  const tooLong = (what: string, max: number) =>
    `${what} is longer than ${max} bytes and cannot be fetched`;
  if (isLonger(name, DIR_NAME_MAX)) {
    return tooLong("its name as UTF-8 text", DIR_NAME_MAX);
  }
  if (isLonger(path, DIR_PATH_MAX)) {
    return tooLong("its path in the tree", DIR_PATH_MAX);
  }
  if (isLonger(target, LINK_TEXT_MAX)) {
    return tooLong("the text of the link", LINK_TEXT_MAX);
  }
  return undefined;
}

/** A code unit is at most three bytes: most texts need no counting. */
function isLonger(text: string, max: number): boolean {
  return text.length * 3 > max && encoder.encode(text).length > max;
}

function checkEntries({ added, root }: SourceTree): void {
  if (added < DIR_ENTRIES_MAX) return;
  throw unreadable(
    root,
    `the tree has more than ${DIR_ENTRIES_MAX} entries; publish its parts one by one`,
  );
}

function findRepeats(tree: SourceTree): string[] {
  const repeats = new Set<string>();
  let last: string | undefined;
  for (const number of tree.numbers()) {
    const path = tree.pathOf(number);
    if (path === last) repeats.add(path);
    last = path;
  }
  return [...repeats];
}
