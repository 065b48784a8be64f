/**
 * Whose word the owners and modes of a directory are, as far as its mount tells.
 */

import { mountOf } from "./mounts.ts";

/** Linux's list of what this process sees mounted (proc(5)). */
const MOUNT_INFO = "/proc/self/mountinfo";
/** Which numbers of users exist in this user namespace (user_namespaces(7)). */
const UID_MAP = "/proc/self/uid_map";
/** Which number all others are shown as. */
const OVERFLOW_UID = "/proc/sys/kernel/overflowuid";

/** In a mount's line, after the dash: type, source, options of the file system. */
interface MountKind {
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * File systems that keep neither owners nor modes: what they show is an option
 * of the mount, the same for all that is there, and only root mounts them.
 */
const WITHOUT_MODES: ReadonlySet<string> = new Set([
  "exfat",
  "fuseblk",
  "hfs",
  "msdos",
  "ntfs",
  "ntfs3",
  "vboxsf",
  "vfat",
]);

/** Of what a directory's owner and mode tell. */
export type ModeWitness =
  /** Of who may change what lies in it. */
  | "owner"
  /** Of how somebody else mounted it, who may show whatever they like. */
  | "stranger"
  /** Of how root or we mounted a file system that keeps none. */
  | "mount";

/**
 * Tells of what the owner and mode of directories tell.
 *
 * @param uid Our number.
 * @returns Takes a real path; it says `owner` also where the list of mounts may
 * not be read.
 */
export function modeWitness(
  uid: number | undefined,
): (path: string) => ModeWitness {
  const text = textOf(MOUNT_INFO);
  return (path) =>
    text === undefined ? "owner" : modeWitnessIn(text, path, uid);
}

/** The same, of the text of `/proc/self/mountinfo`. */
export function modeWitnessIn(
  text: string,
  path: string,
  uid: number | undefined,
): ModeWitness {
  const kind = kindOf(mountOf(text, path) ?? "");
  if (kind === undefined) return "owner";
  const { type, options } = kind;
  const by = options.find((option) => option.startsWith("user_id="));
  if (by !== undefined && type.startsWith("fuse")) {
    const runner = Number(by.slice("user_id=".length));
    if (runner !== 0 && runner !== uid) return "stranger";
    // Then the program judges who may do what, and the modes are decoration.
    if (!options.includes("default_permissions")) return "mount";
  }
  // The drives of Windows, as WSL mounts them.
  const drive = type === "9p" &&
    options.some((option) => option.includes("aname=drvfs"));
  return drive || WITHOUT_MODES.has(type) ? "mount" : "owner";
}

function kindOf(line: string): MountKind | undefined {
  const [type, , options = ""] = line.split(" - ")[1]?.split(" ") ?? [];
  return type === undefined ? undefined : { type, options: options.split(",") };
}

/**
 * The number of all users from outside of a user namespace, as in a container
 * without root's rights: nobody in it can be one of them.
 *
 * @returns Nothing where all users of the machine are seen as they are.
 */
export function outsiderUid(): number | undefined {
  return outsiderUidIn(textOf(UID_MAP), textOf(OVERFLOW_UID));
}

/** The same, of the texts of the system. */
export function outsiderUidIn(
  uidMap: string | undefined,
  overflowUid: string | undefined,
): number | undefined {
  if (uidMap === undefined || overflowUid === undefined) return undefined;
  const number = Number(overflowUid);
  const ranges = uidMap.trim().split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const mapped = ranges.some(([inside, , count]) =>
    inside <= number && number < inside + count
  );
  return mapped ? undefined : number;
}

function textOf(path: string): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Only unrestricted code may look there; then what is shown has to do.
    return undefined;
  }
}
