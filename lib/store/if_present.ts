/** Tells whether an error says that a path, or a directory on the way to it, does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}

/**
 * Works on a path.
 *
 * @returns What `use` returns; `undefined` when there is no such path.
 */
export function ifPresent<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
