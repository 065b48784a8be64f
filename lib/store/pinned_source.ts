/**
 * Listing directories that somebody else may exchange for links meanwhile.
 *
 * Where native calls are allowed a directory is opened before it is listed, its
 * identity is compared with what was seen of it in the directory above, and
 * everything in it is looked at by way of what is open (`/proc/self/fd/N/name`,
 * which the kernel resolves as `openat` does). So each entry is one of a
 * directory that is an entry of another, up to the root: no name on the way is
 * looked up twice, and none can lead elsewhere.
 *
 * Elsewhere the names have to do, compared just before they are used. What was
 * looked at in between is looked at by its name alone: a tree that somebody else
 * may rename things in is not safe to publish there, see SECURITY.md.
 */

import {
  type FileFacts,
  isSameInode,
  type ListedFile,
  listedOf,
} from "../os/file_identity.ts";
import { factsAt, factsIn } from "./path_facts.ts";
import {
  atPath,
  joinName,
  lstatAt,
  rawPaths,
  type SourcePath,
} from "./raw_paths.ts";

/** A directory of a tree that is listed. */
export interface ListedDirectory {
  /** What no two of them have in common. */
  readonly number: number;
  readonly source: SourcePath;
  /** What it was seen as; nothing for the root. */
  readonly listed?: ListedFile;
}

/** What a name was seen to be. */
interface Looked {
  /** Where it is until another directory is entered. */
  readonly source: SourcePath;
  readonly facts: ReturnType<typeof factsAt>;
}

/** The directory that is being looked at: one at a time. */
export class PinnedSource implements Disposable {
  #raw = rawPaths;
  #now: { number: number; path: SourcePath; fd?: number } | undefined;
  #root: ListedFile | undefined;

  /**
   * Where the names of a directory are to be looked up until the next call.
   *
   * @throws {Deno.errors.NotFound} When another one has taken its place.
   */
  enter(directory: ListedDirectory): SourcePath {
    const { number } = directory;
    if (this.#now?.number === number) return this.#now.path;
    this[Symbol.dispose]();
    const entered = this.#raw === undefined
      ? this.#enterByName(directory)
      : this.#enterByAlias(directory, this.#raw);
    this.#now = { number, ...entered };
    return entered.path;
  }

  /** What a name in a directory is, a link not followed. */
  look(directory: ListedDirectory, name: SourcePath): Looked {
    const source = joinName(this.enter(directory), name);
    const fd = this.#now?.fd;
    const facts = fd === undefined
      ? factsAt(source)
      : factsIn(source, name, fd);
    return { source, facts };
  }

  /** What the root is, once it was entered. */
  get root(): ListedFile | undefined {
    return this.#root;
  }

  [Symbol.dispose](): void {
    if (this.#now?.fd !== undefined) this.#raw?.release(this.#now.fd);
    this.#now = undefined;
  }

  #enterByAlias(
    directory: ListedDirectory,
    raw: NonNullable<typeof rawPaths>,
  ): { path: SourcePath; fd?: number } {
    const follow = directory.listed === undefined;
    const { fd, alias } = raw.hold(directory.source, { follow });
    try {
      this.#check(directory, Deno.statSync(alias));
      return { path: alias, fd };
    } catch (error) {
      raw.release(fd);
      // Only unrestricted code may look there.
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
      this.#raw = undefined;
      return this.#enterByName(directory);
    }
  }

  #enterByName(directory: ListedDirectory): { path: SourcePath } {
    const { source, listed } = directory;
    this.#check(
      directory,
      listed === undefined
        ? atPath(source, (path) => Deno.statSync(path))
        : lstatAt(source),
    );
    return { path: source };
  }

  #check({ listed }: ListedDirectory, now: Deno.FileInfo): void {
    const expected: ListedFile | undefined = listed ?? this.#root;
    const facts: FileFacts = now;
    if (!now.isDirectory || !isSameInode(expected, facts)) {
      throw new Deno.errors.NotFound("something else took its place");
    }
    if (listed === undefined) this.#root ??= listedOf(facts);
  }
}
