const SLASH = 0x2f;

/** How far a path is known. */
export interface Known {
  /** The number of the last name that is known; 0 is the root. */
  id: number;
  /** Where the first name begins that is not; behind the path's end if all are. */
  next: number;
}

/**
 * Numbers for paths, one for each name by what is above it.
 *
 * A table of whole paths takes the square of the length of a path that brings
 * its own directories, as each is looked up by all of its text. Here each name
 * is looked up by its own, and none that a path has in common with the one
 * before: so a list takes time in proportion to its text, whatever is in it.
 */
export class PathTable {
  /** Numbers by that of the directory and the name. */
  readonly #ids = new Map<string, number>();
  #size = 1;
  /** The path that was looked up last, and the known names that lead to it. */
  #last = "";
  readonly #lastIds: number[] = [];
  readonly #lastEnds: number[] = [];
  /** How many of them count. */
  #depth = 0;
  /** How many names were looked up, for tests. */
  steps = 0;

  /**
   * Goes as far as a path is known.
   *
   * @param path Names joined with `/`.
   * @param visit Told of every known name: its number and where it is.
   */
  locate(
    path: string,
    visit?: (id: number, start: number, end: number) => void,
  ): Known {
    this.#keepShared(path, visit !== undefined);
    const depth = this.#depth;
    let id = depth === 0 ? 0 : this.#lastIds[depth - 1];
    let next = depth === 0 ? 0 : this.#lastEnds[depth - 1] + 1;
    while (next <= path.length) {
      const end = nameEnd(path, next);
      const found = this.#find(id, path.slice(next, end));
      if (found === undefined) break;
      visit?.(found, next, end);
      this.#push(found, end);
      id = found;
      next = end + 1;
    }
    return { id, next };
  }

  /**
   * Numbers the names of a path that are not known yet.
   *
   * @param path What was given to {@linkcode PathTable.locate} last.
   * @param known What that said.
   * @param made Told of every new name: its number and where it ends.
   * @returns The number of the path.
   */
  extend(
    path: string,
    { id, next }: Known,
    made: (id: number, end: number) => void,
  ): number {
    let at = id;
    for (let start = next; start <= path.length;) {
      const end = nameEnd(path, start);
      const added = this.#size++;
      this.#ids.set(`${at}/${path.slice(start, end)}`, added);
      made(added, end);
      this.#push(added, end);
      at = added;
      start = end + 1;
    }
    return at;
  }

  #find(parent: number, name: string): number | undefined {
    this.steps++;
    return this.#ids.get(`${parent}/${name}`);
  }

  /** Keeps of the last path what leads to this one, too. */
  #keepShared(path: string, none: boolean): void {
    const last = this.#last;
    this.#last = path;
    let depth = 0;
    let compared = 0;
    while (!none && depth < this.#depth) {
      const end = this.#lastEnds[depth];
      while (
        compared < end &&
        path.charCodeAt(compared) === last.charCodeAt(compared)
      ) compared++;
      const isName = end === path.length || path.charCodeAt(end) === SLASH;
      if (compared < end || !isName) break;
      depth++;
    }
    this.#depth = depth;
  }

  #push(id: number, end: number): void {
    this.#lastIds[this.#depth] = id;
    this.#lastEnds[this.#depth++] = end;
  }
}

function nameEnd(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash < 0 ? path.length : slash;
}
