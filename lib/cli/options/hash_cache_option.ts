/** `--no-hash-cache`, and the cache that is used without it. */

import { join } from "@std/path";
import { HashCache } from "../../store/mod.ts";
import {
  flag,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import type { Log } from "../framework/terminal/log.ts";
import { cacheDir } from "./cache_dir.ts";

export const HASH_CACHE_OPTION = {
  noHashCache: flag("no-hash-cache", {
    help: "Hash every file anew, and remember nothing for the next run",
  }),
} satisfies OptionTable;

/** What the process lacks to keep something in a directory. */
function missingGrant(dir: string): string | undefined {
  const needed = [
    { name: "read", path: dir },
    { name: "write", path: dir },
    { name: "sys", kind: "uid" },
  ] as const;
  const missing = needed.find((permission) =>
    Deno.permissions.querySync(permission).state !== "granted"
  );
  if (missing === undefined) return undefined;
  return missing.name === "sys"
    ? "--allow-sys=uid"
    : `--allow-${missing.name}=${dir}`;
}

/** Opens the cache of hashes, unless it is not wanted or not possible. */
export function openHashCache(
  { noHashCache }: ValuesOf<typeof HASH_CACHE_OPTION>,
  log: Log,
): HashCache | undefined {
  if (noHashCache) return undefined;
  const dir = cacheDir();
  if (dir === undefined) {
    log.info("no hashes are remembered", { reason: "HOME is not set" });
    return undefined;
  }
  const missing = missingGrant(dir);
  if (missing !== undefined) {
    log.info("no hashes are remembered", { reason: `without ${missing}` });
    return undefined;
  }
  return HashCache.open(join(dir, "hashes"), {
    uid: Deno.uid(),
    onNote: (message) => log.info(message),
  });
}

/** Runs work with the cache, which is written in the end, whatever that is. */
export async function withHashCache<T>(
  values: ValuesOf<typeof HASH_CACHE_OPTION>,
  { log }: { readonly log: Log },
  work: (hashCache: HashCache | undefined) => Promise<T>,
): Promise<T> {
  const hashCache = openHashCache(values, log);
  try {
    return await work(hashCache);
  } finally {
    hashCache?.save();
  }
}
