/** What of a tree cannot be where it is to go, for the names alone. */

import { dirname } from "@std/path";
import {
  checkManifest,
  readDirEntries,
  refusedEntries,
} from "../content/mod.ts";
import { TransferError, type UnsafePathError } from "../errors.ts";
import { lookAt } from "../os/os_error.ts";
import {
  type FileSystemTraits,
  probeFileSystem,
} from "./worker/file_system.ts";
import { pathPlatform } from "./worker/tree_plan.ts";

/**
 * Finds the entries of a manifest whose names a file system does not take, or
 * takes for that of another entry; so what lies in such a directory. Without
 * them the tree can land there.
 *
 * @param manifest The encoded manifest.
 * @param site A directory of the file system, which need not exist yet.
 * @returns Why each is refused, by its index. None where nothing can be tried:
 * a landing says then what is in the way.
 * @throws {UnsafePathError} When an entry may be nowhere: then nothing of the
 * manifest is to be trusted.
 */
export function namesRefusedAt(
  manifest: Uint8Array,
  site: string,
): Map<number, UnsafePathError> {
  checkManifest(readDirEntries(manifest), "posix");
  const platform = pathPlatform();
  const where = platform === "posix" ? traitsOf(site) : platform;
  return where === undefined
    ? new Map()
    : refusedEntries(readDirEntries(manifest), where);
}

function traitsOf(site: string): FileSystemTraits | undefined {
  let at = site;
  for (;;) {
    const above: string = dirname(at);
    if (above === at || lookAt(at) !== undefined) break;
    at = above;
  }
  try {
    return probeFileSystem(at, "unknown");
  } catch (error) {
    if (error instanceof TransferError) return undefined;
    throw error;
  }
}
