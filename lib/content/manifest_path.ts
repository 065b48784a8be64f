/**
 * Which paths of a directory manifest may be created, judged by their text
 * alone: a path must stay below the root, and no two entries may need the same
 * place.
 */

import { ManifestError, UnsafePathError } from "../errors.ts";
import { DIR_IMPLIED_MAX, DIR_NAME_MAX, DIR_PATH_MAX } from "../limits.ts";
import type { DirEntry } from "./dir_manifest.ts";
import { quoteText } from "../text/escape.ts";

/** The kind of system whose file names count. */
export type PathPlatform = "posix" | "darwin" | "windows";

/** What a file system makes of names. */
export interface NameRules {
  /** Whether names that differ by case only are one name. */
  readonly foldsCase: boolean;
  /** Whether composed and decomposed letters are the same. */
  readonly foldsUnicode: boolean;
  /** Whether names are those of Windows: without `:`, `?` and their like. */
  readonly windowsNames: boolean;
  /** Whether dots and spaces at the end of a name are dropped. */
  readonly dropsDots: boolean;
  /** Whether names are of ASCII alone, as where the code page has no more. */
  readonly asciiNames: boolean;
}

/** What is wrong with names, beyond {@linkcode NameRules}. */
interface Rules extends NameRules {
  /** Whose rules they are, for messages. */
  readonly owner: string;
  /** Whether letters count for the same that are only alike in capitals. */
  readonly foldsFully: boolean;
  /** Whether characters that nobody sees do not count (Apple TN1150). */
  readonly ignoresInvisible: boolean;
  /** Whether names of devices are taken. */
  readonly reservesDevices: boolean;
}

const POSIX: Rules = {
  owner: "the system",
  foldsCase: false,
  foldsUnicode: false,
  foldsFully: false,
  ignoresInvisible: false,
  windowsNames: false,
  dropsDots: false,
  asciiNames: false,
  reservesDevices: false,
};

const FOLDING: Rules = {
  ...POSIX,
  foldsCase: true,
  foldsUnicode: true,
  foldsFully: true,
};

const PLATFORM_RULES: Record<PathPlatform, Rules> = {
  posix: POSIX,
  darwin: { ...FOLDING, ignoresInvisible: true },
  windows: {
    ...FOLDING,
    owner: "Windows",
    windowsNames: true,
    dropsDots: true,
    reservesDevices: true,
  },
};

/** The rules of a platform, or of a file system on a POSIX one. */
function rulesOf(where: PathPlatform | NameRules): Rules {
  if (typeof where === "string") return PLATFORM_RULES[where];
  return {
    ...POSIX,
    ...where,
    owner: "the file system",
    foldsFully: where.foldsUnicode,
    ignoresInvisible: where.foldsUnicode,
  };
}

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
  for (const { path, kind } of entries) {
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
        this.#checkSpelling(path, parent, parentKey);
        if (occupant === "dir" || occupant === "implied") return;
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

  #checkSpelling(path: string, place: string, key: string): void {
    const known = this.#spellings.get(key) ?? key;
    if (known === place) return;
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
        checkName(path, path.slice(nameStart, i), rules);
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

/** Code points that HFS+ does not see in names (Apple TN1150). */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * A function that maps paths which a system takes for the same to the same text.
 *
 * @param where The system.
 * @returns `undefined` where other text is always another path.
 */
export function pathFolding(
  where: PathPlatform | NameRules,
): ((path: string) => string) | undefined {
  const rules = rulesOf(where);
  if (!rules.foldsCase && !rules.foldsUnicode) return undefined;
  return (path) => foldPath(path, rules);
}

function foldPath(path: string, rules: Rules): string {
  const { foldsCase, foldsUnicode, foldsFully, ignoresInvisible } = rules;
  if (!foldsCase && !foldsUnicode) return path;
  if (/^\p{ASCII}*$/u.test(path)) return foldsCase ? path.toLowerCase() : path;
  const visible = ignoresInvisible ? path.replace(HFS_IGNORED, "") : path;
  const decomposed = foldsUnicode ? visible.normalize("NFD") : visible;
  // Upper case first: some letters have one upper but two lower cases.
  const folded = !foldsCase
    ? decomposed
    : foldsFully
    ? decomposed.toUpperCase().toLowerCase()
    : Array.from(decomposed, simpleFold).join("");
  return foldsUnicode ? folded.normalize("NFC") : folded;
}

/** Tables of file systems map one character to one: `ß` is not `SS`. */
function simpleFold(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper.toLowerCase() : character;
}

/**
 * Names of devices, whatever extension follows (Naming Files, Paths, and
 * Namespaces).
 */
const WINDOWS_DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;

/**
 * Whether a system lacks names that others have.
 *
 * @param rules What it makes of names.
 */
export function limitsNames(
  { windowsNames, dropsDots, asciiNames }: NameRules,
): boolean {
  return windowsNames || dropsDots || asciiNames;
}

function checkName(path: string, name: string, rules: Rules): void {
  const { owner, windowsNames, dropsDots, asciiNames, reservesDevices } = rules;
  const foreign = asciiNames ? name.match(/\P{ASCII}/u) : null;
  if (foreign !== null) {
    throw unsafePath(path, `${owner} has no ${quoteText(foreign[0])} in names`);
  }
  const bad = windowsNames ? name.match(/[\p{Cc}<>:"|?*\\]/u) : null;
  if (bad !== null) {
    throw unsafePath(path, `${owner} has no ${quoteText(bad[0])} in names`);
  }
  if (dropsDots && /[. ]$/.test(name)) {
    throw unsafePath(
      path,
      `${owner} drops the dot or space at the end of a name`,
    );
  }
  if (reservesDevices && WINDOWS_DEVICE.test(name)) {
    throw unsafePath(path, `${owner} reserves the name ${quoteText(name)}`);
  }
}

function unsafePath(path: string, reason: string): UnsafePathError {
  return new UnsafePathError(
    `dir transfer: unsafe manifest path ${quoteText(path)}: ${reason}`,
  );
}
