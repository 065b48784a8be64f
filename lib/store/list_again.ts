import { isSameInode, type ListedFile } from "../os/file_identity.ts";
import { joinName, lstatAt, rawPaths } from "./raw_paths.ts";
import { ROOT, type SourceTree } from "./source_tree.ts";

/**
 * Takes the regular file that has a listed file's name by now for the listed
 * one: editors save so, and copying a tree anew does, writing a new file and
 * renaming it over the old.
 *
 * Nothing that is not in the tree can be taken: from the root down each
 * directory is opened by way of the one above, without following, and has to be
 * the one that was listed. So what is looked at is an entry of a listed
 * directory, as it would be had the listing come later. It was made since the
 * listing began, which nobody can feign: no file from elsewhere is moved in and
 * taken. Names alone do not show that; where nothing else is to be had, and
 * where no time of birth is kept, no other file is taken.
 *
 * @returns Whether there is one.
 */
export function listAgain(tree: SourceTree, file: number): boolean {
  const raw = rawPaths;
  if (raw === undefined) return false;
  const above: number[] = [];
  for (let at = tree.parentOf(file); at !== ROOT; at = tree.parentOf(at)) {
    above.unshift(at);
  }
  let held: { fd: number; alias: string } | undefined;
  try {
    held = raw.hold(tree.root, { follow: true });
    if (!isListedDirectory(held.alias, tree.listedRoot)) return false;
    for (const number of above) {
      const path = joinName(held.alias, tree.nameOf(number));
      const inner = raw.hold(path, { follow: false });
      raw.release(held.fd);
      held = inner;
      if (!isListedDirectory(held.alias, tree.listedAs(number))) return false;
    }
    const seen = lstatAt(joinName(held.alias, tree.nameOf(file)));
    const born = seen.birthtime?.getTime() ?? -Infinity;
    if (!seen.isFile || born <= tree.listedAt) return false;
    tree.replaceFile(file, seen);
    return true;
  } catch {
    // The caller says why the listed file is left out.
    return false;
  } finally {
    if (held !== undefined) raw.release(held.fd);
  }
}

function isListedDirectory(
  alias: string,
  listed: ListedFile | undefined,
): boolean {
  return listed !== undefined && isSameInode(listed, Deno.statSync(alias));
}
