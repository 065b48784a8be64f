/** The paths that are to be served, looked at before anything is read. */

import { resolve } from "@std/path";
import { IoError } from "../errors.ts";
import { type ListedFile, listedOf } from "../os/file_identity.ts";
import { osErrorWords } from "../os/os_error.ts";
import { bytesOf, showArgument } from "../os/raw_arguments.ts";
import { quoteText } from "../text/escape.ts";
import { openOwnSync } from "./regular_file.ts";
import { requireListed } from "./source_file.ts";
import { atPath, lstatAt, rawPaths, type SourcePath } from "./raw_paths.ts";

/** A path that can be served. */
export interface CheckedSource {
  /** As it was given; `\xff` stands for a byte of what is not UTF-8. */
  path: string;
  /** Where it lies, no link on the way. */
  real: SourcePath;
  kind: "blob" | "dir";
  /** Length of a file, else 0. */
  size: number;
  /** Which file it is, where the system tells. */
  listed?: ListedFile;
  /** When that was seen, in milliseconds since 1970. */
  listedAt: number;
}

/** What is to be done with paths, as messages have it. */
export type SourceUse = "serve" | "verify";

/**
 * Looks whether paths can be served, without reading them: each has to be there,
 * a file or a directory, or a link to one, and may be opened.
 *
 * @param paths Files or directories, or links to them; those that are not UTF-8
 * as `lib/os/raw_arguments.ts` reads them.
 * @returns What each of them is.
 * @throws {IoError} For the first that cannot be served; the message names it.
 */
export function checkSources(paths: readonly string[]): CheckedSource[] {
  return paths.map((path) => checkSource(path, "serve"));
}

/** {@linkcode checkSources} of one path. */
export function checkSource(given: string, use: SourceUse): CheckedSource {
  const path = showArgument(given);
  try {
    const real = realPath(given);
    const listedAt = Date.now();
    const info = lstatAt(real);
    const { isFile, isDirectory, size } = info;
    if (!isFile && !isDirectory) throw neither(path, use);
    // Windows opens no directories; that they can be read shows when they are.
    if (isFile) {
      const listed = listedOf(info);
      using file = openOwnSync(real);
      requireListed(listed, file.stat());
      return {
        path,
        real,
        kind: "blob",
        size,
        listedAt,
        ...(listed && { listed }),
      };
    }
    if (Deno.build.os !== "windows") {
      atPath(real, (at) => Deno.openSync(at).close());
    }
    return { path, real, kind: "dir", size: 0, listedAt };
  } catch (error) {
    if (error instanceof IoError) throw error;
    throw new IoError(
      `Cannot ${use} ${quoteText(path)}: ${osErrorWords(error)}`,
      { cause: error, fields: { path } },
    );
  }
}

/** The runtime has strings only for what is UTF-8, links on the way included. */
function realPath(given: string): SourcePath {
  if (given.isWellFormed()) {
    try {
      const real: string = Deno.realPathSync(resolve(given));
      return real;
    } catch (error) {
      const { InvalidData } = Deno.errors;
      if (rawPaths === undefined || !(error instanceof InvalidData)) {
        throw error;
      }
    }
  }
  if (rawPaths === undefined) {
    throw new Error(
      "it is not UTF-8: rename it, or grant --allow-ffi on Linux",
    );
  }
  return rawPaths.realPath(bytesOf(given));
}

function neither(path: string, use: SourceUse): IoError {
  const hint =
    "send-blob --store reads a pipe or a device once, and serve --store serves what it has read";
  return new IoError(
    `Cannot ${use} ${quoteText(path)}: it is neither a file nor a directory`,
    { ...(use === "serve" && { hint }), fields: { path } },
  );
}
