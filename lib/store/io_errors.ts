import { quoteText } from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { showPath, type SourcePath } from "./raw_paths.ts";

/**
 * The operating system's words for a failed file operation, without the path
 * and the operation the runtime adds.
 */
export function describeIoError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const match = /^(.*? \(os error \d+\))/.exec(error.message);
  return match?.[1] ?? error.message;
}

/** Tells whether an error says that a path, or a directory on the way to it, does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}

/** The error for something that was to be published and cannot be read. */
export function unreadable(
  source: SourcePath,
  reason: string,
  cause?: unknown,
): IoError {
  const path = showPath(source);
  return new IoError(`Cannot publish ${quoteText(path)}: ${reason}`, {
    cause,
    fields: { path },
  });
}
