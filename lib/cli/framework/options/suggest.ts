/** "Did you mean …": the nearest of the words that would have been right. */

import { closestString, levenshteinDistance } from "@std/text";

/** The word that was probably meant, if one is near. */
export function suggest(
  word: string,
  candidates: readonly string[],
): string | undefined {
  if (candidates.length === 0) return undefined;
  const extended = candidates.find((candidate) =>
    word.length > 2 && candidate.startsWith(word)
  );
  if (extended !== undefined) return extended;
  const closest: string = closestString(word, candidates);
  const distance: number = levenshteinDistance(word, closest);
  return distance <= Math.max(1, Math.ceil(closest.length / 3))
    ? closest
    : undefined;
}
