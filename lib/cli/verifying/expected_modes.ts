/** Which modes an entry of a tree may have, for `verify`. */

import type { DirEntryKind } from "../../content/mod.ts";
import { plannedMode } from "../../landing/mod.ts";
import { modeWitness } from "../../os/mounted_modes.ts";
import { ownUid } from "../../os/own_uid.ts";

interface ModeValues {
  readonly noPerms: boolean;
  readonly preserveSetid: boolean;
}

/**
 * What is right: the mode that the manifest says, and the one that a fetch makes
 * of it, which masks the set-id bits unless told otherwise.
 *
 * @returns Nothing where modes are not compared.
 */
export function expectedModes(
  root: string,
  { noPerms, preserveSetid }: ModeValues,
): ((kind: DirEntryKind) => readonly number[]) | undefined {
  // Such a file system shows one mode for all.
  if (noPerms || modeWitness(ownUid())(root) === "mount") return undefined;
  return (kind) => {
    if (kind.type === "symlink" || kind.mode === 0) return [];
    const whole = kind.mode & 0o7777;
    const planned = plannedMode(kind, { preserveSetid });
    return preserveSetid || planned === undefined || planned === whole
      ? [whole]
      : [planned, whole];
  };
}
