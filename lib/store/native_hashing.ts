/** Hashing by machine code, where this process may load it. */

import { prepareNativeBlake3 } from "../content/mod.ts";

/** What the runtime asks for before it loads a library from a package. */
const GRANTS = ["ffi", "read", "sys"] as const;

/** What a worker needs that hashes by machine code, and no more. */
export const NATIVE_GRANTS: Deno.PermissionOptionsObject = {
  ffi: true,
  read: true,
  sys: true,
};

/**
 * Tells whether this process may load machine code without anybody being asked:
 * whoever gives it a few permissions keeps it to them. A compiled program never
 * does: its runtime loads it from a file below the directory for temporary files,
 * which others can put there first.
 */
export function mayLoadNative(): boolean {
  return !Deno.build.standalone &&
    GRANTS.every((name) =>
      Deno.permissions.querySync({ name }).state === "granted"
    );
}

/** Has this thread hash by machine code from now on, where it may and can. */
export async function prepareHashing(): Promise<void> {
  if (mayLoadNative()) await prepareNativeBlake3();
}
