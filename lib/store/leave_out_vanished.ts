import { isMissing } from "./if_present.ts";
import type { LeafRefs } from "./leaf_refs.ts";
import type { PublishNotes } from "./publish_notes.ts";
import { atPath, lstatAt } from "./raw_paths.ts";
import { ROOT, type SourceTree } from "./source_tree.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Takes out of a tree whose files were read the files that were left out, and the
 * directories that have vanished, with everything in them: a file is missed when
 * it is opened, a directory or a link by nothing else.
 */
export function leaveOutVanished(
  tree: SourceTree,
  refs: LeafRefs,
  notes: PublishNotes,
): void {
  for (const number of tree.numbers()) {
    if (tree.typeOf(number) !== "file" || refs.has(number)) continue;
    tree.drop(number);
    tree.doubtful.add(tree.parentOf(number));
  }
  if (tree.doubtful.size === 0) return;
  const gone = findGone(tree);
  if (gone.size === 0) return;
  for (const number of tree.numbers()) {
    const isInside = gone.has(tree.parentOf(number));
    if (!isInside && !gone.has(number)) continue;
    if (tree.typeOf(number) === "dir") gone.add(number);
    notes.vanish(
      tree.sourceOf(number),
      isInside ? "its directory is no longer there" : "it is no longer there",
    );
    tree.drop(number);
  }
}

/** Of the directories in which something was missed, those that are missing. */
function findGone(tree: SourceTree): Set<number> {
  const gone = new Set<number>();
  for (const directory of tree.doubtful) {
    let at = directory;
    while (at !== ROOT && !gone.has(at) && isGone(tree, at)) {
      gone.add(at);
      at = tree.parentOf(at);
    }
  }
  if (isGone(tree, ROOT)) {
    throw unreadable(tree.root, "it vanished while it was read");
  }
  return gone;
}

function isGone(tree: SourceTree, directory: number): boolean {
  try {
    return directory === ROOT
      ? !atPath(tree.root, (at) => Deno.statSync(at)).isDirectory
      : !lstatAt(tree.sourceOf(directory)).isDirectory;
  } catch (error) {
    // What cannot be looked at is judged by what was read of it.
    return isMissing(error);
  }
}
