/**
 * Which symbolic links of a tree lead out of it.
 *
 * Each name of each path and of each target is looked at once: where a link
 * leads is remembered, so that a link through it costs one step however far it
 * goes. So judging takes time in proportion to the text of the links, whatever
 * they are, and needs no bound of its own.
 */

import { DIR_NAME_MAX } from "../../limits.ts";
import type { TreeLink } from "./worker_protocol.ts";

/** Links one path may pass before every system calls it a loop. */
const EXPANSIONS_MAX = 40;

/** What {@linkcode linksThatLeave} counts, for tests. */
export interface LinkWork {
  /** Names that were looked at. */
  steps: number;
}

/**
 * Finds the links that lead out of their tree, also by way of other links.
 *
 * Nothing is read from the disk: names that are not in `links` are taken for
 * what they say. A loop leads nowhere and counts as leading outside.
 *
 * @param links All links of the tree.
 * @param fold Maps names that the file system takes for the same to the same
 * text, where there are such.
 * @param work Is told how much there was to do.
 * @returns Those that leave it, in the same order.
 */
export function linksThatLeave(
  links: TreeLink[],
  fold: (name: string) => string = (name) => name,
  work: LinkWork = { steps: 0 },
): TreeLink[] {
  const judge = new LinkJudge(links, fold, work);
  return links.filter((_, index) => judge.leaves(index));
}

/** A directory on the way to a link: its number in the tables. */
type Directory = number;

const ROOT: Directory = 0;

/** Where a link leads: to a directory, or to what is so many names below one. */
interface Place {
  directory: Directory;
  /** Names below the directory, none of which is on the way to a link. */
  below: number;
  /** Links that were passed on the way. */
  expansions: number;
}

/** What is known of where a link leads; an open one is being followed. */
type Verdict = Place | "leaves" | "open" | undefined;

/** A link that is being followed. */
interface Walk extends Place {
  readonly link: number;
  readonly target: string;
  /** Where its next name begins. */
  next: number;
}

class LinkJudge {
  readonly #links: readonly TreeLink[];
  readonly #fold: (name: string) => string;
  readonly #work: LinkWork;
  /** Directories that have links below them, by parent and name. */
  readonly #directories = new Map<string, Directory>();
  readonly #parents: Directory[] = [ROOT];
  /** Links by directory and name. */
  readonly #byName = new Map<string, number>();
  /** The directory of each link. */
  readonly #homes: Uint32Array;
  readonly #verdicts: Verdict[];

  constructor(
    links: readonly TreeLink[],
    fold: (name: string) => string,
    work: LinkWork,
  ) {
    this.#links = links;
    this.#fold = fold;
    this.#work = work;
    this.#homes = new Uint32Array(links.length);
    this.#verdicts = new Array(links.length);
    for (let i = 0; i < links.length; i++) this.#enter(i, links[i].path);
  }

  leaves(link: number): boolean {
    if (this.#verdicts[link] === undefined) this.#follow(link);
    return this.#verdicts[link] === "leaves";
  }

  #enter(link: number, path: string): void {
    let home = ROOT;
    let start = 0;
    for (let end; (end = path.indexOf("/", start)) >= 0; start = end + 1) {
      const key = this.#key(home, path.slice(start, end));
      let directory = this.#directories.get(key);
      if (directory === undefined) {
        directory = this.#parents.push(home) - 1;
        this.#directories.set(key, directory);
      }
      home = directory;
    }
    this.#homes[link] = home;
    this.#byName.set(this.#key(home, path.slice(start)), link);
  }

  #key(directory: Directory, name: string): string {
    this.#work.steps++;
    return `${directory}/${this.#fold(name)}`;
  }

  /** Follows a link, and first the ones that it leads through. */
  #follow(first: number): void {
    // A stack of our own: a chain may have as many links as a manifest entries.
    const walks = [this.#begin(first)];
    for (let walk; (walk = walks.at(-1)) !== undefined;) {
      const through = this.#advance(walk);
      if (through === undefined) walks.pop();
      else walks.push(this.#begin(through));
    }
  }

  #begin(link: number): Walk {
    this.#verdicts[link] = "open";
    const directory = this.#homes[link];
    const { target } = this.#links[link];
    return { link, target, next: 0, directory, below: 0, expansions: 0 };
  }

  /**
   * Walks as far as is known.
   *
   * @returns A link that has to be followed first, if there is one.
   */
  #advance(walk: Walk): number | undefined {
    const { link, target } = walk;
    const verdicts = this.#verdicts;
    verdicts[link] = "leaves";
    if (isAbsolute(target)) return undefined;
    while (walk.next < target.length) {
      const end = nameEnd(target, walk.next);
      const name = target.slice(walk.next, end);
      const through = this.#linkAt(walk, name);
      if (through !== undefined && verdicts[through] === undefined) {
        verdicts[link] = "open";
        return through;
      }
      const isInside = through === undefined
        ? this.#step(walk, name)
        : pass(walk, verdicts[through]);
      if (!isInside) return undefined;
      walk.next = end + 1;
    }
    const { directory, below, expansions } = walk;
    verdicts[link] = { directory, below, expansions };
    return undefined;
  }

  #linkAt({ directory, below }: Place, name: string): number | undefined {
    return below > 0 || !mayBeInTree(name)
      ? undefined
      : this.#byName.get(this.#key(directory, name));
  }

  /** Goes on by a name that is no link; `false` when that is out of the tree. */
  #step(place: Place, name: string): boolean {
    this.#work.steps++;
    if (name === "" || name === ".") return true;
    if (name === "..") {
      if (place.below > 0) place.below--;
      else if (place.directory === ROOT) return false;
      else place.directory = this.#parents[place.directory];
      return true;
    }
    const directory = place.below > 0 || !mayBeInTree(name)
      ? undefined
      : this.#directories.get(this.#key(place.directory, name));
    if (directory === undefined) place.below++;
    else place.directory = directory;
    return true;
  }
}

/** Goes on where a link leads to; `false` when that is nowhere in the tree. */
function pass(place: Place, verdict: Verdict): boolean {
  // An open link leads through itself.
  if (typeof verdict !== "object") return false;
  place.expansions += 1 + verdict.expansions;
  if (place.expansions > EXPANSIONS_MAX) return false;
  place.directory = verdict.directory;
  place.below = verdict.below;
  return true;
}

/**
 * Longer names are no entry's; folding one could take the square of its length.
 */
function mayBeInTree(name: string): boolean {
  return name.length <= DIR_NAME_MAX && name !== "" && name !== "." &&
    name !== "..";
}

const isWindows = Deno.build.os === "windows";

function nameEnd(target: string, start: number): number {
  const slash = target.indexOf("/", start);
  const end = slash < 0 ? target.length : slash;
  if (!isWindows) return end;
  const backslash = target.indexOf("\\", start);
  return backslash < 0 ? end : Math.min(end, backslash);
}

function isAbsolute(target: string): boolean {
  if (target.startsWith("/")) return true;
  return isWindows && /^(?:[A-Za-z]:|\\)/.test(target);
}
