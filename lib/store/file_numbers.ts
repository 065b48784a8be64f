import type { ListedFile } from "../os/file_identity.ts";
import type { SourcePath } from "./raw_paths.ts";

/** A file that was read, where it lay then. */
export interface NumberedFile {
  readonly source: SourcePath;
  /** Which file it is; nothing where the system tells too little. */
  readonly listed: ListedFile | undefined;
  /** Whether its bytes are those that its stamp stands for. */
  readonly isClean: boolean;
}

/** The files of a path. */
interface ReadPath {
  at(file: number): NumberedFile;
  /** Lists one anew when another took its place; tells whether that could be done. */
  listAgain?(file: number): boolean;
}

/** Files of several paths, numbered one behind the other, found when they are needed. */
export class FileNumbers {
  /** Each has the numbers from `first` to that of the next. */
  readonly #groups: (ReadPath & { first: number })[] = [];
  #length = 0;

  /** Adds files that are numbered from 0; returns the number of the first here. */
  add(path: ReadPath, files: number): number {
    const first = this.#length;
    if (files > 0) this.#groups.push({ first, ...path });
    this.#length += files;
    return first;
  }

  at(file: number): NumberedFile {
    const { first, at } = this.#groupOf(file);
    return at(file - first);
  }

  /** Takes the file that took the place of one for it, where that is safe. */
  listAgain(file: number): boolean {
    const { first, listAgain } = this.#groupOf(file);
    return listAgain?.(file - first) ?? false;
  }

  #groupOf(file: number): ReadPath & { first: number } {
    let low = 0;
    let high = this.#groups.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#groups[middle].first <= file) low = middle + 1;
      else high = middle;
    }
    const group = this.#groups.at(low - 1);
    if (low === 0 || group === undefined) {
      throw new RangeError(`no file ${file}`);
    }
    return group;
  }
}
