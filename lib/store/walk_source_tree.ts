import { compareUtf8, decodeUtf8Lossy, sortByUtf8 } from "../content/mod.ts";
import { IoError, UsageError } from "../errors.ts";
import { DIR_DEPTH_MAX, DIR_ENTRIES_MAX, DIR_PATH_MAX } from "../limits.ts";
import type { PathFilter } from "./path_filter.ts";
import {
  joinName,
  lstatAt,
  rawPaths,
  showPath,
  type SourcePath,
} from "./raw_paths.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { type NewEntry, ROOT, SourceTree } from "./source_tree.ts";
import { TimeSlice } from "./time_slice.ts";
import { unreadable } from "./unreadable.ts";

export interface WalkOptions {
  signal?: AbortSignal;
  filter?: PathFilter;
}

/** A directory that is listed: its number in the tree and where it lies. */
interface Directory {
  number: number;
  source: SourcePath;
}

interface ListedName {
  /** As a manifest has it. */
  text: string;
  name: SourcePath;
  directory: Directory;
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
  directories: Directory[];
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
 * Lists a tree without following links, hidden files included.
 *
 * Names that are not UTF-8 are listed as they are where the process may call
 * native code (`--allow-ffi`, on Linux); else they are an error, except that Deno
 * before 2.5 leaves them out without a trace.
 */
export async function walkSourceTree(
  root: string,
  options: WalkOptions = {},
): Promise<SourceTree> {
  const { signal } = options;
  checkRoot(root);
  signal?.throwIfAborted();
  const walk = new Walk(root, options.filter);
  const slice = new TimeSlice();
  while (walk.step()) {
    if (slice.isOver) await slice.giveWay(signal);
  }
  return walk.finish();
}

const encoder = new TextEncoder();

/** Goes through a tree in the order of a manifest, a name at a time. */
class Walk {
  readonly #tree: SourceTree;
  readonly #filter: PathFilter | undefined;
  readonly #levels: Level[] = [];
  #mayRepeat = false;

  constructor(root: string, filter: PathFilter | undefined) {
    this.#tree = new SourceTree(root);
    this.#filter = filter;
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
    tree.skipped.sort(compareUtf8);
    if (this.#mayRepeat) tree.collisions.push(...findRepeats(tree));
    return tree;
  }

  #enter({ prefix, directories }: Pending): void {
    const names = directories.flatMap(listNames);
    sortByUtf8(names, ({ text }) => text);
    this.#levels.push({ prefix, names, next: 0, pending: [] });
  }

  #visit(level: Level, { text, name, directory }: ListedName): void {
    const path = level.prefix + text;
    const source = joinName(directory.source, name);
    const found = examine(path, source);
    const kept = this.#filter?.(path, found?.type ?? "file") ?? true;
    if (kept === false) return;
    if (found === undefined) {
      this.#tree.skipped.push(path);
      return;
    }
    checkBounds(path, source, this.#levels.length, this.#tree.added);
    if (level.names.at(level.next)?.text === text) this.#mayRepeat = true;
    const ifNeeded = kept === "if_needed";
    const parent = directory.number;
    const number = this.#tree.add({ ...found, name, parent, ifNeeded });
    if (found.type !== "dir") return;
    const last = level.pending.at(-1);
    if (last?.prefix === `${path}/`) {
      last.directories.push({ number, source });
    } else {
      level.pending.push({
        prefix: `${path}/`,
        key: `${text}/`,
        directories: [{ number, source }],
      });
    }
  }
}

function checkRoot(root: string): void {
  let reason = "as a directory: it is not one";
  let cause: unknown;
  try {
    if (Deno.statSync(root).isDirectory) return;
  } catch (error) {
    cause = error;
    reason = error instanceof Deno.errors.NotFound
      ? "there is no such directory"
      : osErrorWords(error);
  }
  throw new UsageError(
    `Cannot publish ${quoteText(root)}${
      cause === undefined ? " " : ": "
    }${reason}`,
    { cause, fields: { path: root } },
  );
}

/** Lists a directory, by the C library where that can be called. */
function listNames(directory: Directory): ListedName[] {
  const { source } = directory;
  const raw = rawPaths?.list(source);
  if (raw !== undefined) {
    return raw.map((name) => ({ text: showPath(name), name, directory }));
  }
  if (typeof source !== "string") {
    throw unreadable(source, "the directory cannot be listed");
  }
  try {
    const names = [...Deno.readDirSync(source)]
      .map(({ name }) => ({ text: name, name, directory }));
    refuseReplacedNames(names);
    return names;
  } catch (error) {
    throw error instanceof IoError ? error : unreadable(source, error);
  }
}

/**
 * Refuses names that only look alike because the runtime replaced what is not
 * UTF-8: opening them would give one file twice. Others fail when they are
 * examined.
 */
function refuseReplacedNames(names: readonly ListedName[]): void {
  const seen = new Set<string>();
  for (const { text, name, directory } of names) {
    if (!text.includes("\ufffd")) continue;
    if (seen.has(text)) {
      throw notUtf8(showPath(joinName(directory.source, name)), "its name");
    }
    seen.add(text);
  }
}

/** What lies at one path; `undefined` for what cannot be published. */
function examine(
  path: string,
  source: SourcePath,
): Omit<NewEntry, "parent" | "name" | "ifNeeded"> | undefined {
  let info: Deno.FileInfo;
  try {
    info = lstatAt(source);
  } catch (error) {
    if (path.includes("\ufffd") && typeof source === "string") {
      throw notUtf8(source, "its name", error);
    }
    throw unreadable(source, error);
  }
  const mode = info.mode ?? 0;
  if (info.isDirectory) return { type: "dir", mode, size: 0 };
  if (info.isFile) return { type: "file", mode, size: info.size };
  if (info.isSymlink) {
    return { type: "symlink", mode, size: 0, target: readTarget(source) };
  }
  return undefined;
}

function readTarget(source: SourcePath): string {
  if (typeof source === "string") {
    try {
      return Deno.readLinkSync(source);
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) {
        throw unreadable(source, error);
      }
    }
  }
  const target = rawPaths?.readLink(source);
  if (target === undefined) {
    throw notUtf8(showPath(source), "the target of this link");
  }
  return decodeUtf8Lossy(target);
}

function checkBounds(
  path: string,
  source: SourcePath,
  depth: number,
  entries: number,
): void {
  if (entries >= DIR_ENTRIES_MAX) {
    throw unreadable(
      source,
      `the tree has more than ${DIR_ENTRIES_MAX} entries; publish its parts one by one`,
    );
  }
  const refuse = (what: string) =>
    unreadable(source, `${what}, and no receiver accepts that`);
  if (depth > DIR_DEPTH_MAX) {
    throw refuse(`it is more than ${DIR_DEPTH_MAX} directories deep`);
  }
  // A code unit is at most three bytes: most paths need no counting.
  if (
    path.length * 3 > DIR_PATH_MAX && encoder.encode(path).length > DIR_PATH_MAX
  ) {
    throw refuse(
      `its path in the tree is longer than ${DIR_PATH_MAX} bytes`,
    );
  }
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

function notUtf8(path: string, what: string, cause?: unknown): IoError {
  return new IoError(
    `Cannot publish ${quoteText(path)}: ${what} is not valid UTF-8`,
    {
      cause,
      hint: Deno.build.os === "linux"
        ? "Rename it, or allow native calls with --allow-ffi."
        : "Rename it.",
      fields: { path },
    },
  );
}
