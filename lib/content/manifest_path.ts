/**
 * Which paths of a directory manifest may be created, judged by their text
 * alone: a path must stay below the root, and no two entries may need the same
 * place.
 */

import { ManifestError, UnsafePathError } from "../errors.ts";
import { DIR_IMPLIED_MAX, DIR_NAME_MAX, DIR_PATH_MAX } from "../limits.ts";
import type { DirEntry } from "./dir_manifest.ts";
import { quoteText } from "../text/escape.ts";
import {
  foldPath,
  limitsNames,
  nameObjection,
  type NameRules,
  type PathPlatform,
  type Rules,
  rulesOf,
} from "./name_rules.ts";
import { type Known, PathTable } from "./path_table.ts";

/**
 * Checks the path of one entry.
 *
 * As in the reference `a//b`, `a/./b` and `a/` are accepted and normalized.
 *
 * @param path Names joined with `/`.
 * @param platform Where it is to be created; decides which names are reserved.
 * @returns The names, at least one.
 * @throws {UnsafePathError} When the path is empty or absolute, has a `..`
 * anywhere or a `.` in front, has a name that cannot exist, or is too long.
 *
 * @example
 * ```ts
 * import { checkManifestPath } from "./manifest_path.ts";
 *
 * checkManifestPath("docs//a.txt"); // ["docs", "a.txt"]
 * ```
 */
export function checkManifestPath(
  path: string,
  platform: PathPlatform = "posix",
): string[] {
  return normalizePath(path, rulesOf(platform)).split("/");
}

/** What judging counts, for tests. */
export interface JudgingWork {
  /** Names that were looked up. */
  steps: number;
}

/**
 * Checks all paths of a manifest, each by itself and against each other: no
 * place is needed twice, and nothing lies below a file or a link. On systems
 * that take some different names for the same one, these count as the same.
 *
 * Takes time in proportion to the manifest and about 100 bytes for an entry.
 *
 * @param entries The entries of the manifest.
 * @param where Where the tree is to be created.
 * @param work Is told how much there was to do.
 * @throws {UnsafePathError} For the first entry that may not be created.
 * @throws {ManifestError} When, at any entry, more than
 * {@linkcode DIR_IMPLIED_MAX} directories have contents but no entry so far.
 */
export function checkManifest(
  entries: Iterable<DirEntry>,
  where: PathPlatform | NameRules = "posix",
  work: JudgingWork = { steps: 0 },
): void {
  const rules = rulesOf(where);
  const places = new Places();
  for (const entry of entries) addPlace(places, entry, rules);
  work.steps += places.steps;
}

/**
 * The entries of a manifest that cannot be created where a tree goes, so that
 * the others can: {@linkcode checkManifest} takes those. Of entries that need
 * one place the first stays.
 *
 * @param entries The entries of the manifest.
 * @param where Where the tree is to be created.
 * @param work Is told how much there was to do.
 * @returns Why each is refused, by its index, in order.
 * @throws {ManifestError} As {@linkcode checkManifest}.
 */
export function refusedEntries(
  entries: Iterable<DirEntry>,
  where: PathPlatform | NameRules,
  work: JudgingWork = { steps: 0 },
): Map<number, UnsafePathError> {
  const rules = rulesOf(where);
  const places = new Places();
  const refused = new Map<number, UnsafePathError>();
  const above = new RefusedDirectories();
  let index = 0;
  for (const entry of entries) {
    try {
      above.refuseBelow(entry.path);
      addPlace(places, entry, rules);
    } catch (error) {
      if (!(error instanceof UnsafePathError)) throw error;
      refused.set(index, error);
      if (entry.kind.type === "dir") above.add(entry.path);
    }
    index++;
  }
  work.steps += places.steps + above.steps;
  return refused;
}

/** Directories that cannot be there, by their paths as they are listed. */
class RefusedDirectories {
  readonly #table = new PathTable();
  readonly #refused = new Set<number>();

  get steps(): number {
    return this.#table.steps;
  }

  add(path: string): void {
    const known = this.#table.locate(path);
    this.#refused.add(this.#table.extend(path, known, () => {}));
  }

  refuseBelow(path: string): void {
    if (this.#refused.size === 0) return;
    this.#table.locate(path, (id, _, end) => {
      if (end === path.length || !this.#refused.has(id)) return;
      throw unsafePath(path, "it lies in what cannot be there");
    });
  }
}

function addPlace(
  places: Places,
  { path, kind }: DirEntry,
  rules: Rules,
): void {
  const place = normalizePath(path, rules);
  const key = foldPath(place, rules);
  places.add(path, place, key, kind.type);
  if (places.implied > DIR_IMPLIED_MAX) {
    throw new ManifestError(
      `dir transfer: bad manifest: more than ${DIR_IMPLIED_MAX} directories that it does not list`,
    );
  }
}

/**
 * What is known about a place: an entry by its type, or a parent that no entry
 * has named yet.
 */
type Occupant = "file" | "dir" | "symlink" | "implied";

/** What a path needs, as far as it is known. */
interface Found extends Known {
  /** What is where the path is known to. */
  readonly occupant: Occupant;
  /** The known part as it was spelled, where that is otherwise. */
  readonly spelled: string | undefined;
}

/** The places that entries need, by their folded paths. */
class Places {
  readonly #table = new PathTable();
  readonly #occupants: Occupant[] = ["dir"];
  /** Names that differ from their folded form, by the number of their path. */
  readonly #spellings = new Map<number, string>();
  /** How many directories only their contents tell of. */
  implied = 0;

  get steps(): number {
    return this.#table.steps;
  }

  /**
   * Notes an entry and the directories above it that are not known yet.
   *
   * @param path As it is listed, for messages.
   * @param place The path, normalized.
   * @param key The same as the file system takes it.
   * @throws {UnsafePathError} When they cannot be; nothing is noted then.
   */
  add(
    path: string,
    place: string,
    key: string,
    type: "file" | "dir" | "symlink",
  ): void {
    const found = this.#find(place, key);
    const isWhole = found.next > key.length;
    this.#check(path, place, key, type, found);
    if (isWhole) {
      this.implied--;
      this.#occupants[found.id] = "dir";
      return;
    }
    const names = place === key ? undefined : place.split("/");
    let depth = names === undefined ? 0 : count(key, found.next);
    this.#table.extend(key, found, (id, end) => {
      const isLast = end === key.length;
      this.#occupants[id] = isLast ? type : "implied";
      if (!isLast) this.implied++;
      const name = names?.[depth++];
      if (name !== undefined) this.#spellings.set(id, name);
    });
  }

  #find(place: string, key: string): Found {
    if (place === key && this.#spellings.size === 0) {
      const { id, next } = this.#table.locate(key);
      return { id, next, occupant: this.#occupants[id], spelled: undefined };
    }
    const names: string[] = [];
    const { id, next } = this.#table.locate(key, (id, start, end) => {
      names.push(this.#spellings.get(id) ?? key.slice(start, end));
    });
    const spelled = names.join("/");
    const isSame = isBegun(place, spelled);
    const occupant = this.#occupants[id];
    return { id, next, occupant, spelled: isSame ? undefined : spelled };
  }

  #check(
    path: string,
    place: string,
    key: string,
    type: "file" | "dir" | "symlink",
    { next, occupant, spelled }: Found,
  ): void {
    const isWhole = next > key.length;
    const isDirectory = occupant === "dir" || occupant === "implied";
    if (!isWhole && isDirectory && spelled === undefined) return;
    const known = isWhole ? place : firstNames(place, count(key, next));
    if (spelled !== undefined) {
      throw unsafePath(
        path,
        `${quoteText(known)} and ${
          quoteText(spelled)
        } are the same name on this system`,
      );
    }
    if (isWhole) {
      if (occupant !== "implied") throw unsafePath(path, "it is listed twice");
      if (type !== "dir") {
        throw unsafePath(path, `it is a ${type} and another entry lies below`);
      }
    } else if (occupant !== "dir" && occupant !== "implied") {
      throw unsafePath(
        path,
        `it lies below the ${occupant} ${quoteText(known)}`,
      );
    }
  }
}

/** How many names of a path lie before a place in it. */
function count(path: string, end: number): number {
  let names = 0;
  for (
    let at = path.indexOf("/");
    at >= 0 && at < end;
    at = path.indexOf("/", at + 1)
  ) names++;
  return names;
}

/** The path of so many names at the beginning of one. */
function firstNames(path: string, names: number): string {
  let end = -1;
  for (let i = 0; i < names; i++) end = path.indexOf("/", end + 1);
  return end < 0 ? path : path.slice(0, end);
}

/** Whether a path is another, or begins with it. */
function isBegun(path: string, start: string): boolean {
  return start === "" || path === start || path.startsWith(`${start}/`);
}

/** Checks a path, and drops the empty and `.` names that it may have inside. */
function normalizePath(path: string, rules: Rules): string {
  if (path === "") throw unsafePath(path, "it is empty");
  if (path.startsWith("/")) throw unsafePath(path, "it is absolute");
  let pathBytes = 0;
  let nameStart = 0;
  let nameBytes = 0;
  let isFirst = true;
  let isNormal = true;
  for (let i = 0; i <= path.length; i++) {
    const unit = i < path.length ? path.charCodeAt(i) : SLASH;
    if (unit !== SLASH) {
      if (unit === 0) throw unsafePath(path, "it has a NUL byte");
      nameBytes += utf8Share(unit);
      continue;
    }
    const length = i - nameStart;
    if (isDots(path, nameStart, length)) {
      if (length === 2 || isFirst) {
        throw unsafePath(path, `"${".".repeat(length)}" is not a name`);
      }
      isNormal = false;
    } else if (length === 0) {
      isNormal = false;
    } else {
      if (nameBytes > DIR_NAME_MAX) {
        throw unsafePath(path, `a name is longer than ${DIR_NAME_MAX} bytes`);
      }
      if (limitsNames(rules)) {
        const objection = nameObjection(path.slice(nameStart, i), rules);
        if (objection !== undefined) throw unsafePath(path, objection);
      }
      isFirst = false;
    }
    pathBytes += nameBytes + 1;
    nameBytes = 0;
    nameStart = i + 1;
  }
  if (pathBytes - 1 > DIR_PATH_MAX) {
    throw unsafePath(path, `it is longer than ${DIR_PATH_MAX} bytes`);
  }
  return isNormal
    ? path
    : path.split("/").filter((name) => name !== "" && name !== ".").join("/");
}

const SLASH = 0x2f;
const DOT = 0x2e;

/** Tells whether a name is `.` or `..`. */
function isDots(path: string, start: number, length: number): boolean {
  if (length !== 1 && length !== 2) return false;
  return path.charCodeAt(start) === DOT &&
    path.charCodeAt(start + length - 1) === DOT;
}

/** UTF-8 bytes that a UTF-16 unit adds; a surrogate pair is four bytes. */
function utf8Share(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
}

function unsafePath(path: string, reason: string): UnsafePathError {
  return new UnsafePathError(
    `dir transfer: unsafe manifest path ${quoteText(path)}: ${reason}`,
  );
}
