import { IoError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { showPath, type SourcePath } from "./raw_paths.ts";

/**
 * Why something cannot be published: in words, or what reading it threw; with a
 * hint what to do.
 */
export function unreadable(
  source: SourcePath,
  why: unknown,
  hint?: string,
): IoError {
  const path = showPath(source);
  const [reason, cause] = typeof why === "string"
    ? [why, undefined]
    : [osErrorWords(why), why];
  return new IoError(`Cannot publish ${quoteText(path)}: ${reason}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
    fields: { path },
  });
}
