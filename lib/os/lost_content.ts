/**
 * What was written and is not there, though no call failed: the error came as
 * late as `close`, whose result the runtime drops.
 */

import { equals } from "@std/bytes/equals";
import { IoError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import { attempt } from "./os_error.ts";

/**
 * The error for such a file.
 *
 * @param path The file.
 * @param what What is wrong with it.
 */
export function lostContent(path: string, what: string): IoError {
  return new IoError(
    `the file system did not keep ${quoteText(path)}, and said nothing when ` +
      `it was closed: ${what}`,
    {
      hint: "it may be full, or you over your quota; free some space and run " +
        "again",
      fields: { path },
    },
  );
}

/**
 * The error for what was there before a rename.
 *
 * @param path Where it should be.
 * @param what What is wrong with it.
 */
export function lostInRename(path: string, what: string): IoError {
  return new IoError(
    `the file system lost ${quoteText(path)} when it was renamed, or what ` +
      `it is in: ${what}`,
    {
      hint: "choose a target on another file system, or another driver for " +
        "this one",
      fields: { path },
    },
  );
}

/**
 * Reads a closed file again and compares.
 *
 * @param path The file.
 * @param bytes All that was written to it.
 * @throws {IoError} When it holds something else.
 */
export function checkContent(path: string, bytes: Uint8Array): void {
  const { length } = bytes;
  const found = attempt("look at", path, () => Deno.lstatSync(path).size);
  if (found !== length) {
    throw lostContent(path, `it has ${found} bytes of ${length} written`);
  }
  const read = attempt("read", path, () => Deno.readFileSync(path));
  if (!equals(read, bytes)) {
    throw lostContent(path, "its bytes are not those written");
  }
}
