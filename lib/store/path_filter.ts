/** Which part of a tree is meant: patterns in the syntax of gitignore(5). */

import { type Glob, matchGlob, parseGlob } from "./glob.ts";

/** One pattern, compiled. */
export interface PathPattern {
  readonly text: string;
  /** Begins with `!`: takes back what an earlier pattern said. */
  readonly negated: boolean;
  /** Ends in a slash: means directories only. */
  readonly dirOnly: boolean;
  /** Holds a slash before its end: means a path from the root, not any name. */
  readonly anchored: boolean;
  readonly glob: Glob;
}

/** What an entry of a tree is. */
export type PathType = "file" | "dir" | "symlink";

/**
 * Keeps an entry of a tree, or leaves it out. A directory that is left out is
 * not entered; `"if_needed"` enters it and keeps it only for what is kept in
 * it.
 *
 * @param path Names below the root joined with `/`.
 */
export type PathFilter = (
  path: string,
  type: PathType,
) => boolean | "if_needed";

/** What {@linkcode makePathFilter} goes by. */
export interface PathRules {
  /** Kept, with all that lies below it; everything without a pattern. */
  include?: readonly PathPattern[];
  /** What is left out, with all that lies below it; wins over `include`. */
  exclude?: readonly PathPattern[];
}

/**
 * Nothing for an empty line and a comment; throws a `RangeError` that says why
 * one can match nothing.
 */
export function parsePathPattern(line: string): PathPattern | undefined {
  const text = trimBlanks(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const negated = text.startsWith("!");
  let rest = negated ? text.slice(1) : text;
  const dirOnly = rest.endsWith("/");
  if (dirOnly) rest = rest.slice(0, -1);
  const anchored = rest.includes("/");
  if (rest.startsWith("/")) rest = rest.slice(1);
  if (rest === "") throw new RangeError("names nothing");
  const glob = parseGlob(rest);
  return { text, negated, dirOnly, anchored, glob };
}

/**
 * Reads the patterns of a file; lines that can match nothing are told and
 * ignored, as git does.
 */
export function parsePathPatterns(
  text: string,
  onProblem: (line: number, reason: string) => void = () => {},
): PathPattern[] {
  const patterns: PathPattern[] = [];
  const lines = text.replace(/^\ufeff/, "").split("\n");
  for (const [index, line] of lines.entries()) {
    try {
      const pattern = parsePathPattern(line.replace(/\r$/, ""));
      if (pattern !== undefined) patterns.push(pattern);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      onProblem(index + 1, error.message);
    }
  }
  return patterns;
}

/** Blanks at the end count only behind a backslash. */
function trimBlanks(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === " ") continue;
    end = at + 1;
  }
  return line.slice(0, end);
}

/** The last pattern that matches one path, its parents not considered. */
function lastMatch(
  patterns: readonly PathPattern[],
  names: readonly string[],
  isDir: boolean,
): PathPattern | undefined {
  for (let index = patterns.length - 1; index >= 0; index--) {
    const pattern = patterns[index];
    if (pattern.dirOnly && !isDir) continue;
    const subject = pattern.anchored ? names : names.slice(-1);
    if (matchGlob(pattern.glob, subject)) return pattern;
  }
  return undefined;
}

/** Decisions about directories that are remembered. */
const REMEMBERED_MAX = 4096;

/**
 * Makes a filter of patterns, the last that matches deciding as git has it:
 * what lies in a directory that is left out cannot be taken back. Each path is
 * judged with its parents, whether or not these were asked about.
 */
export function makePathFilter(rules: PathRules): PathFilter {
  const { include = [], exclude = [] } = rules;
  const known = new Map<string, boolean | "if_needed">();

  const judge = (names: readonly string[], type: PathType) => {
    const isDir = type === "dir";
    const above = judgeParent(names.slice(0, -1));
    if (above === false) return false;
    const out = lastMatch(exclude, names, isDir);
    if (out !== undefined && !out.negated) return false;
    const kept = lastMatch(include, names, isDir);
    const within = kept === undefined ? above === true : !kept.negated;
    return within || (isDir ? "if_needed" : false);
  };

  const judgeParent = (names: readonly string[]): boolean | "if_needed" => {
    if (names.length === 0) return include.length === 0 ? true : "if_needed";
    const path = names.join("/");
    const remembered = known.get(path);
    if (remembered !== undefined) return remembered;
    const decision = judge(names, "dir");
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(path, decision);
    return decision;
  };

  return (path, type) => {
    const names = path.split("/");
    return type === "dir" ? judgeParent(names) : judge(names, type);
  };
}
