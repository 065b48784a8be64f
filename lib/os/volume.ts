/** What kind of file system a path lies on, and what is free there. */

import { dirname } from "@std/path";
import { isNotFound } from "./os_error.ts";
import { type VolumeKind, volumeKind } from "./volume_kind.ts";

/** A file system, as the system describes it. */
export interface Volume {
  /** Who keeps the bytes. */
  readonly kind: VolumeKind;
  /** Whether files may take less room than they are long. */
  readonly compresses?: boolean;
  /** Whether a copy of a file shares its blocks until one of them is changed. */
  readonly sharesBlocks?: boolean;
  /** Whether a part of it may have another device, though nothing is mounted. */
  readonly hasSubvolumes?: boolean;
  /** Bytes that we may still write; `undefined` where nobody tells. */
  readonly freeBytes?: bigint;
}

/** File systems that may compress, by their numbers of statfs(2). */
const COMPRESSING: ReadonlySet<number> = new Set([
  0x9123683e, // btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
]);

/** File systems that share the blocks of copies, in the same numbers. */
const SHARING: ReadonlySet<number> = new Set([
  0x9123683e, // btrfs
  0x58465342, // XFS
  0xca451a4e, // bcachefs
]);

/** File systems with such parts, in the same numbers. */
const WITH_SUBVOLUMES: ReadonlySet<number> = new Set([
  0x9123683e, // btrfs
  0xca451a4e, // bcachefs
]);

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
      return {
        kind: volumeKind(Number(type)),
        compresses: COMPRESSING.has(Number(type) >>> 0),
        sharesBlocks: SHARING.has(Number(type) >>> 0),
        hasSubvolumes: WITH_SUBVOLUMES.has(Number(type) >>> 0),
        freeBytes: bsize * bavail,
      };
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
