import { IoError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { showPath, type SourcePath } from "./raw_paths.ts";

/** Why something cannot be published: in words, or what reading it threw. */
export function unreadable(source: SourcePath, why: unknown): IoError {
  const path = showPath(source);
  const [reason, cause] = typeof why === "string"
    ? [why, undefined]
    : [osErrorWords(why), why];
  return new IoError(`Cannot publish ${quoteText(path)}: ${reason}`, {
    cause,
    fields: { path },
  });
}

/** The error for a file that is not as long as it was when it was listed. */
export function changed(source: SourcePath, size: number): IoError {
  return unreadable(
    source,
    `it was ${size} bytes long and changed while it was read; publish it when nobody writes to it`,
  );
}
