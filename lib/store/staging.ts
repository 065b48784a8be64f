import { existsSync } from "node:fs";
import { STORE_STAGING_STALE_MS } from "../limits.ts";
import { makeSafeDirectory, type ParentTrust } from "../os/safe_ancestors.ts";
import { toHex } from "../text/hex.ts";
import { listDirectory } from "./chunk_directory.ts";

/**
 * Names of staging directories are process id and 16 hex digits; others are not
 * ours.
 */
const STAGING_NAME = /^[0-9]+-[0-9a-f]{16}$/;
/** A staging directory that is being removed: nothing is built in it any more. */
const DISCARDED_NAME = /^discarded-[0-9a-f]{16}$/;

/**
 * Hands out paths for things that are being built, all in one directory of this
 * process.
 *
 * What a killed process left is removed by the next one. That is safe even when
 * the other process is only slow: its directory is renamed first, whole, so that
 * it either has published a complete chunk or fails to find what it was building
 * and starts over.
 */
export class Staging {
  readonly #parent: string;
  #root: string | undefined;
  #next = 0;

  /**
   * Builds below `parent`, made when needed, on the file system of the store.
   *
   * @param mode Permission bits of the directories.
   * @param trust Whether others may be able to redirect what is built.
   */
  constructor(
    parent: string,
    private readonly mode: () => number,
    private readonly trust: ParentTrust = {},
  ) {
    this.#parent = parent;
  }

  /** A path on which nothing exists, in a directory that does. */
  nextPath(): string {
    this.#root ??= this.#open();
    return `${this.#root}/${this.#next++}`;
  }

  /** Starts over elsewhere if the directory went away. */
  recover(): void {
    if (this.#root !== undefined && !existsSync(this.#root)) {
      this.#root = undefined;
    }
  }

  close(): void {
    const root = this.#root;
    this.#root = undefined;
    if (root === undefined) return;
    removeQuietly(root);
    try {
      Deno.removeSync(this.#parent);
    } catch {
      // Another process is building there.
    }
  }

  #open(): string {
    const options = { recursive: true, mode: this.mode() };
    makeSafeDirectory(this.#parent, options.mode, this.trust);
    this.#removeStale();
    const root = `${this.#parent}/${Deno.pid}-${randomHex()}`;
    Deno.mkdirSync(root, options);
    return root;
  }

  #removeStale(): void {
    for (const { name, isDirectory } of listDirectory(this.#parent)) {
      if (!isDirectory) continue;
      const path = `${this.#parent}/${name}`;
      if (DISCARDED_NAME.test(name)) removeQuietly(path);
      if (!STAGING_NAME.test(name) || !isStale(path)) continue;
      const discarded = `${this.#parent}/discarded-${randomHex()}`;
      try {
        Deno.renameSync(path, discarded);
      } catch {
        continue; // Another process was faster.
      }
      removeQuietly(discarded);
    }
  }
}

/** Building and publishing touch the directory: an old time means neither goes on. */
function isStale(path: string): boolean {
  try {
    const touched = Deno.lstatSync(path).mtime?.getTime() ?? Date.now();
    return Date.now() - touched > STORE_STAGING_STALE_MS;
  } catch {
    return false;
  }
}

/** Removes a tree; what cannot be removed now is left to the next run. */
export function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is out of the way all the same.
  }
}

function randomHex(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(8)));
}
