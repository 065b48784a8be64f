/** Directories that are made on the way to something. */

import { IoError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import { ioErrorOf } from "./os_error.ts";

/**
 * Makes a directory and those above it, unless it exists.
 *
 * @param path Its path.
 * @param mode Permission bits of what is made, less the umask. By default nobody
 * else may write to it, whatever the umask: who can write to a directory on the
 * way to a target can redirect what is written there.
 * @throws {IoError} When it cannot be made.
 */
export function makeDirectory(path: string, mode = 0o755): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode });
  } catch (error) {
    if (
      error instanceof Deno.errors.AlreadyExists ||
      error instanceof Deno.errors.NotADirectory
    ) {
      throw new IoError(
        `${quoteText(path)} is not a directory, or something above it is not`,
        { fields: { path }, cause: error },
      );
    }
    throw ioErrorOf(error, "create the directory", path);
  }
}
