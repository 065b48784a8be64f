/** Which symbolic links of a tree lead out of it. */

import type { TreeLink } from "./worker_protocol.ts";

/** Links one path may pass before every system calls it a loop. */
const EXPANSIONS_MAX = 40;

/**
 * Characters of paths looked up for all links of a tree together. A manifest
 * can be made so that following its links takes the square of its size; past
 * this the remaining links count as leading outside.
 */
const WORK_MAX = 256 * 1024 * 1024;

/**
 * Finds the links that lead out of their tree, also by way of other links.
 *
 * Nothing is read from the disk: names that are not in `links` are taken for
 * what they say. A loop leads nowhere and counts as leading outside.
 *
 * @param links All links of the tree.
 * @param fold Maps names that the file system takes for the same to the same
 * text, where there are such.
 * @param workMax Characters of paths to look up before giving up.
 * @returns Those that leave it, in the same order.
 */
export function linksThatLeave(
  links: TreeLink[],
  fold: (name: string) => string = (name) => name,
  workMax: number = WORK_MAX,
): TreeLink[] {
  const targets = new Map(
    links.map(({ path, target }) => [fold(path), target]),
  );
  const work = { left: workMax };
  return links.filter((link) => leaves(link, targets, fold, work));
}

function leaves(
  link: TreeLink,
  targets: Map<string, string>,
  fold: (name: string) => string,
  work: { left: number },
): boolean {
  if (isAbsolute(link.target)) return true;
  /** The directory reached so far: each entry is a whole path from the root. */
  const reached: string[] = [];
  /** Names still to walk, the next one last. */
  const ahead = [
    ...link.target.split("/").reverse(),
    ...link.path.split("/").slice(0, -1).reverse(),
  ];
  let expansions = 0;
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const name = fold(next);
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (reached.pop() === undefined) return true;
      continue;
    }
    const here = reached.length === 0
      ? name
      : `${reached[reached.length - 1]}/${name}`;
    work.left -= here.length;
    if (work.left < 0) return true;
    const target = targets.get(here);
    if (target === undefined) {
      reached.push(here);
      continue;
    }
    if (++expansions > EXPANSIONS_MAX || isAbsolute(target)) return true;
    ahead.push(...target.split("/").reverse());
  }
  return false;
}

function isAbsolute(target: string): boolean {
  if (target.startsWith("/")) return true;
  return Deno.build.os === "windows" && /^(?:[A-Za-z]:|\\)/.test(target);
}
