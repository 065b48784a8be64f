import { quoteText } from "../text/escape.ts";
import type { DirStats } from "./publish_dir.ts";

/** Says, without full stops, which names of a published tree are not what they were. */
export function nameWarnings(
  { collisions, lossyNames, lossyTargets }: Pick<
    DirStats,
    "collisions" | "lossyNames" | "lossyTargets"
  >,
): string[] {
  const warnings: string[] = [];
  if (collisions.length > 0) {
    warnings.push(
      `${count(collisions, "path stands", "paths stand")} for several files ` +
        `because their names are not valid UTF-8, the first is ` +
        `${quoteText(collisions[0])}: the tree cannot be fetched`,
    );
  }
  if (lossyNames.length > 0) {
    warnings.push(
      `${count(lossyNames, "name is", "names are")} not valid UTF-8 and ` +
        `published with U+FFFD, the first as ${quoteText(lossyNames[0])}`,
    );
  }
  if (lossyTargets.length > 0) {
    warnings.push(
      `${
        count(
          lossyTargets,
          "link has a text that is",
          "links have texts that are",
        )
      } not valid UTF-8 and published with U+FFFD: ${
        lossyTargets.length === 1 ? "it leads" : "they lead"
      } elsewhere, the first is ${quoteText(lossyTargets[0])}`,
    );
  }
  return warnings;
}

function count(names: readonly string[], one: string, more: string): string {
  return `${names.length} ${names.length === 1 ? one : more}`;
}
