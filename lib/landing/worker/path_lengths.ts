/** Paths that no call takes, found out before anything is fetched. */

import { IoError } from "../../errors.ts";
import { quoteText } from "../../text/escape.ts";
import { joinPath, type Target } from "./target.ts";
import { besideName } from "./temp_names.ts";

/** Longest path that a call takes, in bytes, without the NUL at its end. */
const PATH_MAX: Partial<Record<typeof Deno.build.os, number>> = {
  // PATH_MAX of limits.h; on Windows the runtime uses paths without a limit.
  windows: Infinity,
  linux: 4095,
  android: 4095,
};
/** PATH_MAX of the BSDs and macOS. */
const PATH_MAX_ELSEWHERE = 1023;

/** A tree lies under a name of this form while it is made. */
const TEMP_SUFFIX = `.fetch_${"0".repeat(16)}`;

const utf8 = new TextEncoder();

/** The length of a path in bytes. */
export function pathBytes(path: string): number {
  return utf8.encode(path).length;
}

/**
 * Checks that every path of a tree can be used below its target, and where the
 * tree lies until it is whole.
 *
 * @param target Where the tree goes.
 * @param longest The longest path in the tree, in bytes.
 * @throws {IoError} When a path would be too long; names the path.
 */
export function checkPathLengths(target: Target, longest: string): void {
  if (longest === "") return;
  const { out, parent, base } = target;
  const most = PATH_MAX[Deno.build.os] ?? PATH_MAX_ELSEWHERE;
  const temp = joinPath(parent, besideName(base, TEMP_SUFFIX));
  const above = Math.max(pathBytes(out), pathBytes(temp));
  const length = above + 1 + pathBytes(longest);
  if (length <= most) return;
  throw new IoError(
    `Cannot make ${quoteText(longest)} below ${quoteText(out)}: with all ` +
      `above it the path has ${length} bytes, and the system takes ${most}`,
    {
      hint: "choose a target with a shorter path",
      fields: { path: longest },
    },
  );
}
