/** What systems and file systems make of names. */

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
export interface Rules extends NameRules {
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
export function rulesOf(where: PathPlatform | NameRules): Rules {
  if (typeof where === "string") return PLATFORM_RULES[where];
  return {
    ...POSIX,
    ...where,
    owner: "the file system",
    foldsFully: where.foldsUnicode,
    ignoresInvisible: where.foldsUnicode,
  };
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

/** The text that a path counts as. */
export function foldPath(path: string, rules: Rules): string {
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
 * Whether Windows takes a name for that of a device.
 *
 * @param name One component of a path.
 */
export function isDeviceName(name: string): boolean {
  return WINDOWS_DEVICE.test(name);
}

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

/**
 * What speaks against a name.
 *
 * @param name One component of a path.
 * @param rules What is made of names where it is to be.
 * @returns A clause, or `undefined` when it can be there.
 */
export function nameObjection(name: string, rules: Rules): string | undefined {
  const { owner, windowsNames, dropsDots, asciiNames, reservesDevices } = rules;
  const foreign = asciiNames ? name.match(/\P{ASCII}/u) : null;
  const bad = foreign ??
    (windowsNames ? name.match(/[\p{Cc}<>:"|?*\\]/u) : null);
  if (bad !== null) return `${owner} has no ${quoteText(bad[0])} in names`;
  if (dropsDots && /[. ]$/.test(name)) {
    return `${owner} drops the dot or space at the end of a name`;
  }
  return reservesDevices && isDeviceName(name)
    ? `${owner} reserves the name ${quoteText(name)}`
    : undefined;
}
