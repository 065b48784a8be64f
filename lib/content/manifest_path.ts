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

/**
 * Checks all paths of a manifest, each by itself and against each other: no
 * place is needed twice, and nothing lies below a file or a link. On systems
 * that take some different names for the same one, these count as the same.
 *
 * Takes time in proportion to the manifest and about 60 bytes for an entry.
 *
 * @param entries The entries of the manifest.
 * @param where Where the tree is to be created.
 * @throws {UnsafePathError} For the first entry that may not be created.
 * @throws {ManifestError} When, at any entry, more than
 * {@linkcode DIR_IMPLIED_MAX} directories have contents but no entry so far.
 */
export function checkManifest(
  entries: Iterable<DirEntry>,
  where: PathPlatform | NameRules = "posix",
): void {
  const rules = rulesOf(where);
  const places = new Places();
  for (const entry of entries) addPlace(places, entry, rules);
}

/**
 * The entries of a manifest that cannot be created where a tree goes, so that
 * the others can: {@linkcode checkManifest} takes those. Of entries that need
 * one place the first stays.
 *
 * @param entries The entries of the manifest.
 * @param where Where the tree is to be created.
 * @returns Why each is refused, by its index, in order.
 * @throws {ManifestError} As {@linkcode checkManifest}.
 */
export function refusedEntries(
  entries: Iterable<DirEntry>,
  where: PathPlatform | NameRules,
): Map<number, UnsafePathError> {
  const rules = rulesOf(where);
  const places = new Places();
  const refused = new Map<number, UnsafePathError>();
  /** Paths of directories that are refused. */
  const above = new Set<string>();
  let index = 0;
  for (const entry of entries) {
    try {
      refuseBelow(entry.path, above);
      addPlace(places, entry, rules);
    } catch (error) {
      if (!(error instanceof UnsafePathError)) throw error;
      refused.set(index, error);
      if (entry.kind.type === "dir") above.add(entry.path);
    }
    index++;
  }
  return refused;
}

function refuseBelow(path: string, refused: ReadonlySet<string>): void {
  if (refused.size === 0) return;
  let end = path.indexOf("/");
  for (; end > 0; end = path.indexOf("/", end + 1)) {
    if (!refused.has(path.slice(0, end))) continue;
    throw unsafePath(path, "it lies in what cannot be there");
  }
}

function addPlace(
  places: Places,
  { path, kind }: DirEntry,
  rules: Rules,
): void {
  const place = normalizePath(path, rules);
  const key = foldPath(place, rules);
  places.addEntry(path, place, key, kind.type);
  places.addParents(path, place, key);
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

/** The places that entries need, by their folded paths. */
class Places {
  readonly #occupants = new Map<string, Occupant>();
  /** Paths that differ from their folded form. */
  readonly #spellings = new Map<string, string>();
  /** How many directories only their contents tell of. */
  implied = 0;

  addEntry(
    path: string,
    place: string,
    key: string,
    type: "file" | "dir" | "symlink",
  ): void {
    const occupant = this.#occupants.get(key);
    if (occupant !== undefined) {
      this.#checkSpelling(path, place, key);
      if (occupant !== "implied") throw unsafePath(path, "it is listed twice");
      if (type !== "dir") {
        throw unsafePath(path, `it is a ${type} and another entry lies below`);
      }
      this.implied--;
    }
    this.#set(place, key, type);
  }

  /**
   * Walks up until a parent is known: then so are those above it.
   *
   * @throws {UnsafePathError} When a parent is no directory, or is spelled otherwise.
   */
  addParents(path: string, place: string, key: string): void {
    let placeEnd = place.lastIndexOf("/");
    let keyEnd = key.lastIndexOf("/");
    while (keyEnd > 0) {
      const parent = place.slice(0, placeEnd);
      const parentKey = key === place ? parent : key.slice(0, keyEnd);
      const occupant = this.#occupants.get(parentKey);
      if (occupant !== undefined) {
        const isDirectory = occupant === "dir" || occupant === "implied";
        if (isDirectory && this.#isSpelled(parent, parentKey)) return;
        this.#forget(key, parentKey);
        this.#checkSpelling(path, parent, parentKey);
        throw unsafePath(
          path,
          `it lies below the ${occupant} ${quoteText(parent)}`,
        );
      }
      this.#set(parent, parentKey, "implied");
      this.implied++;
      placeEnd = place.lastIndexOf("/", placeEnd - 1);
      keyEnd = key.lastIndexOf("/", keyEnd - 1);
    }
  }

  #set(place: string, key: string, occupant: Occupant): void {
    this.#occupants.set(key, occupant);
    if (place !== key) this.#spellings.set(key, place);
  }

  /** Takes back an entry and the parents that were noted for it, up to one. */
  #forget(key: string, known: string): void {
    for (let at = key; at !== known; at = at.slice(0, at.lastIndexOf("/"))) {
      if (this.#occupants.get(at) === "implied") this.implied--;
      this.#occupants.delete(at);
      this.#spellings.delete(at);
    }
  }

  #isSpelled(place: string, key: string): boolean {
    return (this.#spellings.get(key) ?? key) === place;
  }

  #checkSpelling(path: string, place: string, key: string): void {
    if (this.#isSpelled(place, key)) return;
    const known = this.#spellings.get(key) ?? key;
    throw unsafePath(
      path,
      `${quoteText(place)} and ${
        quoteText(known)
      } are the same name on this system`,
    );
  }
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
