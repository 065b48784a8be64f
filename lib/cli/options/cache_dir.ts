/** Where this program keeps what it can do without. */

import { join } from "@std/path";
import { readEnv } from "../framework/environment.ts";
import { homeDir } from "../node/config_file.ts";

/** This program's directory among the user's caches, if the environment tells it. */
export function cacheDir(): string | undefined {
  const home = homeDir();
  let base: string | undefined;
  if (Deno.build.os === "windows") {
    base = readEnv("LOCALAPPDATA") || undefined;
  } else if (Deno.build.os === "darwin") {
    base = home && join(home, "Library", "Caches");
  } else {
    const xdg = readEnv("XDG_CACHE_HOME");
    base = xdg?.startsWith("/") ? xdg : home && join(home, ".cache");
  }
  return base === undefined ? undefined : join(base, "net-transfer");
}
