/** What kind of file system a path lies on, and what is free there. */

import { dirname } from "@std/path";
import { isNotFound } from "./os_error.ts";
import { type VolumeKind, volumeKind } from "./volume_kind.ts";

/** A file system, as the system describes it. */
export interface Volume {
  /** Who keeps the bytes. */
  readonly kind: VolumeKind;
  /** Bytes that we may still write; `undefined` where nobody tells. */
  readonly freeBytes?: bigint;
}

/**
 * Asks for the file system that a path lies on, or would lie on.
 *
 * @param path A path; where nothing is there yet, the nearest directory above
 * counts.
 * @returns What the system says; the kind is `unknown` and nothing else is
 * said where the process may not ask.
 */
export async function volumeOf(path: string): Promise<Volume> {
  // Loaded on demand: it takes 20 ms.
  const { statfsSync } = await import("node:fs");
  for (let at = path;;) {
    try {
      const { type, bsize, bavail } = statfsSync(at, { bigint: true });
      return { kind: volumeKind(Number(type)), freeBytes: bsize * bavail };
    } catch (error) {
      const above: string = dirname(at);
      if (!isMissing(error) || above === at) return { kind: "unknown" };
      at = above;
    }
  }
}

function isMissing(error: unknown): boolean {
  return isNotFound(error) ||
    error instanceof Error && "code" in error && error.code === "ENOENT";
}
