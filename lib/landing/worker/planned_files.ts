/** The files of a tree that is being made. */

import {
  checkManifestPath,
  indexDirEntries,
  readDirEntry,
} from "../../content/mod.ts";

/** A file to write. */
export interface PlannedFile {
  /** Where, with `/` between names, relative to the tree. */
  path: string;
  /** The exact permission bits; none for the default. */
  mode: number | undefined;
  /** Its encoded reference. */
  blob: Uint8Array;
}

/**
 * The files of a checked manifest, each read from it when it is wanted: an
 * object and a path for each of a million would take hundreds of megabytes.
 */
export class PlannedFiles {
  readonly #manifest: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #bits: number;

  /**
   * Finds the entries.
   *
   * @param manifest The encoded manifest; not copied.
   * @param bits The permission bits that are taken over from it.
   * @throws {ManifestError} When it breaks the format.
   */
  constructor(manifest: Uint8Array, bits: number) {
    this.#manifest = manifest;
    this.#starts = indexDirEntries(manifest);
    this.#bits = bits;
  }

  /** How many entries the manifest has, files or not. */
  get entries(): number {
    return this.#starts.length;
  }

  /**
   * Reads a file.
   *
   * @param entry Its index in the manifest.
   * @returns `undefined` when there is no such entry, or it is no file.
   */
  at(entry: number): PlannedFile | undefined {
    if (entry >= this.entries) return undefined;
    const { path, kind } = readDirEntry(this.#manifest, this.#starts[entry]);
    if (kind.type !== "file") return undefined;
    return {
      path: checkManifestPath(path).join("/"),
      mode: permissionBits(kind.mode, this.#bits),
      blob: kind.blob,
    };
  }
}

/**
 * The permission bits to give to what a manifest lists.
 *
 * @param mode The mode that is recorded; 0 says that none is known.
 * @param bits Those that are taken over.
 */
export function permissionBits(mode: number, bits: number): number | undefined {
  return mode === 0 ? undefined : mode & bits;
}

/** Of a directory: only who owns what is in there may rename or remove it. */
const STICKY_BIT = 0o1000;

/**
 * The permission bits to give to a directory that a manifest lists.
 *
 * @param mode The mode that is recorded; 0 says that none is known.
 * @param preserveSetid Whether the set-id bits are taken over.
 */
export function directoryMode(
  mode: number,
  preserveSetid: boolean,
): number | undefined {
  return permissionBits(mode, preserveSetid ? 0o7777 : 0o777 | STICKY_BIT);
}
