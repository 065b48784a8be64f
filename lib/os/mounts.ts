/** What is mounted on this machine, as far as this process may know. */

/** Linux's list of what this process sees mounted (proc(5)). */
const MOUNT_INFO = "/proc/self/mountinfo";

/** Which field of a line is the mount point. */
const MOUNT_POINT = 4;

/**
 * The paths of all mount points.
 *
 * @returns Real paths; nothing where the system does not tell, as only an
 * unrestricted process on Linux may read the list.
 */
export async function mountPoints(): Promise<string[] | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return parseMountPoints(await Deno.readTextFile(MOUNT_INFO));
  } catch {
    return undefined;
  }
}

/**
 * Reads the mount points out of a list of mounts.
 *
 * @param text As in `/proc/self/mountinfo`.
 */
export function parseMountPoints(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const path = line.split(" ")[MOUNT_POINT];
    return path === undefined ? [] : [path.replace(/\\([0-7]{3})/g, unescape)];
  });
}

/**
 * The line of the mount that a path lies on.
 *
 * @param text As in `/proc/self/mountinfo`.
 * @param path A real path.
 */
export function mountOf(text: string, path: string): string | undefined {
  let found: string | undefined;
  let length = 0;
  for (const line of text.split("\n")) {
    const [at] = parseMountPoints(line);
    if (at === undefined || at.length < length) continue;
    const start = at.endsWith("/") ? at : `${at}/`;
    if (path !== at && !path.startsWith(start)) continue;
    // A later one at the same place hides the one before.
    [found, length] = [line, at.length];
  }
  return found;
}

/** Blanks, line ends and backslashes are octal there. */
function unescape(_: string, octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

/**
 * The first mount point below a directory.
 *
 * @param points All of them.
 * @param directory A real path; itself it does not count.
 */
export function mountBelow(
  points: readonly string[],
  directory: string,
): string | undefined {
  const start = directory.endsWith("/") ? directory : `${directory}/`;
  return points.find((at) => at !== directory && at.startsWith(start));
}
