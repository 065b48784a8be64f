import type { Semaphore } from "../async/semaphore.ts";
import { isLacking } from "../os/lacking.ts";
import { checkContent, lostInRename } from "../os/lost_content.ts";
import { isNotFound } from "../os/os_error.ts";
import { failsLate, type VolumeKind } from "../os/volume_kind.ts";
import { syncFile } from "./chunk_directory.ts";
import { SYNC_BYTES } from "./file_slices.ts";

/**
 * Writes the files of a store, so that what could not be kept is noticed before
 * the chunk appears: over quota, a network file system says so when a file is
 * closed, and the runtime tells nobody.
 */
export class NewFiles {
  /** Whether each file is synced: also where an error may come late. */
  readonly syncs: boolean;
  /** Whether each file is read again. */
  readonly #readsBack: boolean;

  /**
   * @param volume Who keeps the bytes.
   * @param fsync Whether files and names are to be durable.
   * @param large Bounds the large files that are written at once.
   */
  constructor(
    volume: VolumeKind,
    private readonly fsync: boolean,
    private readonly large: Semaphore,
  ) {
    this.syncs = fsync || failsLate(volume);
    this.#readsBack = volume !== "local";
  }

  /**
   * Writes a file that is not there yet, without blocking for a large one.
   *
   * @param mode Its permission bits from the moment it is made, less the umask.
   */
  async write(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    if (bytes.length <= SYNC_BYTES) {
      this.writeSync(path, bytes, mode);
      return;
    }
    using _permit = await this.large.acquire();
    await this.#writeLarge(path, bytes, mode);
    if (this.#readsBack) checkContent(path, bytes);
  }

  /** Writes a small file that is not there yet. */
  writeSync(path: string, bytes: Uint8Array, mode: number): void {
    writeNew(path, bytes, mode);
    if (this.syncs) syncFile(path);
    if (this.#readsBack) checkContent(path, bytes);
  }

  /**
   * Gives a finished directory its name. Where what is reported cannot be relied
   * on, it is looked at again: there are drivers that lose what is in a directory
   * when it is renamed.
   *
   * @param names What it holds, relative to it.
   * @param move How it is renamed.
   * @throws {IoError} When that is lost; the directory is gone then.
   */
  rename(
    from: string,
    to: string,
    names: readonly string[],
    move: (from: string, to: string) => void = Deno.renameSync,
  ): void {
    move(from, to);
    if (!this.#readsBack) return;
    const lost = names.find((name) => !isListed(`${to}/${name}`));
    if (lost === undefined) return;
    Deno.removeSync(to, { recursive: true });
    throw lostInRename(`${to}/${lost}`, "it is not there");
  }

  /** Makes names durable, where the system can open a directory. */
  syncDirectories(...paths: string[]): void {
    if (!this.fsync || Deno.build.os === "windows") return;
    for (const path of paths) syncFile(path, false);
  }

  async #writeLarge(
    path: string,
    bytes: Uint8Array,
    mode: number,
  ): Promise<void> {
    const options = { write: true, createNew: true, mode };
    using file = await Deno.open(path, options);
    for (let at = 0; at < bytes.length;) {
      at += await file.write(bytes.subarray(at));
    }
    if (!this.syncs) return;
    try {
      await file.sync();
    } catch (error) {
      if (!isLacking(error)) throw error;
    }
  }
}

/** Not by `writeFile`, which sets the mode once more: not every system can. */
function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Listed, not looked up: the system may answer that from memory. */
function isListed(path: string): boolean {
  const base = path.lastIndexOf("/");
  const name = path.slice(base + 1);
  try {
    for (const found of Deno.readDirSync(path.slice(0, base))) {
      if (found.name === name) return true;
    }
    return false;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
