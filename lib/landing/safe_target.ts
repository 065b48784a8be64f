/** Whether somebody else can redirect what is written at a target. */

import {
  makeSafeDirectory,
  type ParentTrust,
  requireSafeAncestors,
  requireSafeWay,
} from "../os/safe_ancestors.ts";
import { lastComponent } from "./worker/target.ts";

/** Permission bits of the directories that are made on the way to a target. */
const PARENT_MODE = 0o755;

/**
 * Refuses a target that somebody else could redirect, or has: by what is on the
 * way as it was typed, or above where it really is.
 *
 * @param typed The path as typed.
 * @param site The directory that is written in, a real path.
 * @param trust Whether to do without.
 * @throws {UsageError} When somebody can; it names the directory or the link.
 */
export function requireSafeTarget(
  typed: string,
  site: string,
  trust: ParentTrust,
): void {
  const { path, base } = lastComponent(typed);
  // A link at the target itself is replaced, unless a separator follows it.
  requireSafeWay(path, !typed.endsWith(base), trust);
  requireSafeAncestors(site, trust);
}

/**
 * The same, and makes the directory that a landing works in, with those above it.
 *
 * @param typed The path as typed.
 * @param site The directory that is written in, a real path.
 * @param trust Whether to do without judging.
 * @throws {TransferError} When it cannot be made.
 * @throws {UsageError} When somebody else could redirect what is written.
 */
export function prepareSite(
  typed: string,
  site: string,
  trust: ParentTrust,
): void {
  requireSafeTarget(typed, site, trust);
  makeSafeDirectory(site, PARENT_MODE, trust);
}
