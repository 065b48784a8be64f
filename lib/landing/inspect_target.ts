import { resolveTarget } from "./resolve_target.ts";
import { findAt } from "./worker/target.ts";

/**
 * Checks a target as a landing would, without making anything.
 *
 * @param out The path as typed.
 * @param kind What is to be installed.
 * @returns Whether something is there, which would be replaced.
 * @throws {IoError} When nothing can be installed there.
 * @throws {PermissionError} When the process may not look there.
 */
export function inspectTarget(out: string, kind: "blob" | "tree"): boolean {
  return findAt(resolveTarget(out), kind) !== "nothing";
}
