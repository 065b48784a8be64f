/** The tree that a landing replaces, before it does. */

import { basename, dirname } from "@std/path";
import type { DirEntryKind } from "../content/mod.ts";
import { TransferError } from "../errors.ts";
import { isOsError } from "../os/os_error.ts";
import { volumeOf } from "../os/volume.ts";
import { resolveTarget } from "./resolve_target.ts";
import { probeBeside } from "./worker/file_system.ts";
import { insideTarget } from "./worker/leftovers.ts";
import { directoryMode, permissionBits } from "./worker/planned_files.ts";
import { checkTarget, type ReplaceRule } from "./worker/target.ts";
import type { TreeOptions } from "./worker/worker_protocol.ts";

/**
 * Finds the tree that a landing would replace.
 *
 * @param out The target as typed.
 * @param rule What may be replaced.
 * @returns Its path; `undefined` when there is none, or it has to stay: the
 * landing says so.
 */
export function findOldTree(
  out: string,
  rule: Partial<ReplaceRule>,
): string | undefined {
  try {
    const target = resolveTarget(out);
    const { replace = false, former } = rule;
    checkTarget(target, "tree", { replace, former });
    const isTree = Deno.lstatSync(target.out).isDirectory;
    return isTree ? target.out : undefined;
  } catch (error) {
    if (
      error instanceof TransferError || error instanceof Deno.errors.NotFound
    ) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Finds the file that a landing would replace.
 *
 * @param out The target as typed.
 * @returns Its path and length; `undefined` when there is no regular file.
 */
export function findOldFile(
  out: string,
): { path: string; size: number } | undefined {
  try {
    const path = resolveTarget(out).out;
    const { isFile, size } = Deno.lstatSync(path);
    return isFile ? { path, size } : undefined;
  } catch (error) {
    if (error instanceof TransferError || isOsError(error)) return undefined;
    throw error;
  }
}

/**
 * The permission bits that a landing gives to an entry.
 *
 * @param kind The entry.
 * @param options How the tree is made.
 * @returns `undefined` when it gets those that are usual.
 */
export function plannedMode(
  kind: DirEntryKind,
  { perms = true, preserveSetid = false }: TreeOptions,
): number | undefined {
  if (!perms || kind.type === "symlink") return undefined;
  return kind.type === "dir"
    ? directoryMode(kind.mode, preserveSetid)
    : permissionBits(kind.mode, preserveSetid ? 0o7777 : 0o777);
}

/**
 * Tells whether the file system of a tree keeps the modes that it is given: tried
 * beside it, or in it where something is mounted there.
 */
export async function keepsModes(tree: string): Promise<boolean> {
  const parent: string = dirname(tree);
  try {
    const isMount = Deno.lstatSync(tree).dev !== Deno.statSync(parent).dev;
    const { kind } = await volumeOf(isMount ? tree : parent);
    const place = isMount
      ? insideTarget(tree)
      : { parent, base: basename(tree) };
    return probeBeside(place, kind).keepsModes;
  } catch (error) {
    // Where nothing can be tried, what is to be seen counts.
    if (error instanceof TransferError) return true;
    throw error;
  }
}
