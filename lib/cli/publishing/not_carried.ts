/** What the formats cannot carry of what is published, as it is told. */

import type { NotCarried, NotCarriedNote } from "../../store/mod.ts";
import type { Fields } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";

const TOLD: Readonly<Record<keyof NotCarried, string>> = {
  hardLinks: "a hard link becomes a file of its own",
  sparse: "holes are published as zeros",
  owners: "the owner is not published",
  xattrs: "extended attributes are not published",
};

/** Tells of each by its path, where such lines are written. */
export function notCarriedLog(
  log: Log,
): ((note: NotCarriedNote) => void) | undefined {
  if (!log.writes("info")) return undefined;
  return ({ kind, path, what }) => log.info(TOLD[kind], { path, what });
}

/** The field of a result. */
export function notCarriedFields(
  { hardLinks, sparse, owners, xattrs }: NotCarried,
): Fields {
  return { hard_links: hardLinks, sparse, owners, xattrs };
}
