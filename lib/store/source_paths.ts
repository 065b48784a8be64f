/** The paths that are to be served, looked at before anything is read. */

import { resolve } from "@std/path";
import { IoError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";

/** A path that can be served. */
export interface CheckedSource {
  /** As it was given. */
  path: string;
  /** Where it lies, no link on the way. */
  real: string;
  kind: "blob" | "dir";
  /** Length of a file, else 0. */
  size: number;
}

/**
 * Looks whether paths can be served, without reading them: each has to be there,
 * a file or a directory, or a link to one, and may be opened.
 *
 * @param paths Files or directories, or links to them.
 * @returns What each of them is.
 * @throws {IoError} For the first that cannot be served; the message names it.
 */
export function checkSources(paths: readonly string[]): CheckedSource[] {
  return paths.map(checkSource);
}

function checkSource(path: string): CheckedSource {
  try {
    const real: string = Deno.realPathSync(resolve(path));
    const { isFile, isDirectory, size } = Deno.lstatSync(real);
    if (!isFile && !isDirectory) throw neither(path);
    // Windows opens no directories; that they can be read shows when they are.
    if (isFile || Deno.build.os !== "windows") Deno.openSync(real).close();
    return isFile
      ? { path, real, kind: "blob", size }
      : { path, real, kind: "dir", size: 0 };
  } catch (error) {
    if (error instanceof IoError) throw error;
    throw new IoError(
      `Cannot serve ${quoteText(path)}: ${osErrorWords(error)}`,
      { cause: error, fields: { path } },
    );
  }
}

function neither(path: string): IoError {
  return new IoError(
    `Cannot serve ${quoteText(path)}: it is neither a file nor a directory`,
    {
      hint:
        "send-blob --store reads a pipe or a device once, and serve --store serves what it has read",
      fields: { path },
    },
  );
}
