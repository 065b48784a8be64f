import { osErrorCode } from "../os/os_error.ts";

/**
 * Tells whether an error says that a path, or a directory on the way to it,
 * does not exist.
 */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    osErrorCode(error) === "ENOTDIR";
}

/** What `use` returns; `undefined` when the path it works on does not exist. */
export function ifPresent<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
