/**
 * Which part of a tree is meant: `--include`, `--exclude`, `--exclude-from`.
 */

import { UsageError } from "../../errors.ts";
import { PATTERN_FILE_MAX } from "../../limits.ts";
import {
  makePathFilter,
  parsePathPattern,
  parsePathPatterns,
  type PathFilter,
  type PathPattern,
} from "../../store/mod.ts";
import { readSmallFile, readSmallStdin } from "../../os/small_file.ts";
import type { Log } from "../framework/terminal/log.ts";
import {
  grouped,
  repeatable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { FILE, type ValueKind } from "../framework/options/value_kind.ts";

const GLOB: ValueKind<PathPattern> = {
  metavar: "GLOB",
  parse(value) {
    const pattern = parsePathPattern(value);
    if (pattern !== undefined) return pattern;
    throw new RangeError("names nothing");
  },
};

export const PATH_FILTER_OPTIONS = grouped("Filter options", {
  include: repeatable("include", GLOB, {
    help:
      "Take only what matches this pattern of gitignore syntax, and what lies below it",
  }),
  exclude: repeatable("exclude", GLOB, {
    help:
      "Leave out what matches this pattern of gitignore syntax; wins over --include",
  }),
  excludeFrom: repeatable("exclude-from", FILE, {
    help:
      "Leave out what the patterns of this file match, one a line; - is stdin",
  }),
});

/**
 * Makes a filter of the options, if any is given; `--exclude` can take back
 * what a file says.
 */
export async function readPathFilter(
  { include, exclude, excludeFrom }: ValuesOf<typeof PATH_FILTER_OPTIONS>,
  log: Log,
): Promise<PathFilter | undefined> {
  if (excludeFrom.filter((path) => path === "-").length > 1) {
    throw new UsageError(
      "stdin can be read once: --exclude-from - stands twice",
    );
  }
  const given = include.length + exclude.length + excludeFrom.length;
  if (given === 0) return undefined;
  const fromFiles: PathPattern[] = [];
  for (const path of excludeFrom) {
    const file = { what: "pattern file", max: PATTERN_FILE_MAX };
    const bytes = path === "-"
      ? await readSmallStdin(file)
      : (await readSmallFile(path, file)).bytes;
    const text = new TextDecoder().decode(bytes);
    fromFiles.push(
      ...parsePathPatterns(
        text,
        (line, reason) =>
          log.warn("a pattern is ignored", { file: path, line, reason }),
      ),
    );
  }
  return makePathFilter({ include, exclude: [...fromFiles, ...exclude] });
}
