/**
 * Where a user's configuration is, as the environment tells it.
 *
 * @module
 */

import { join } from "@std/path";
import { readEnv } from "../framework/environment.ts";

/** The home directory, if it is known. */
export function homeDir(): string | undefined {
  return readEnv(Deno.build.os === "windows" ? "USERPROFILE" : "HOME") ||
    undefined;
}

/**
 * The user's configuration directory for this program.
 *
 * @returns `$XDG_CONFIG_HOME/net-mesh` or `~/.config/net-mesh` on Linux,
 * `~/Library/Application Support/net-mesh` on macOS, `%APPDATA%\net-mesh` on
 * Windows; `undefined` when none of the variables is known.
 */
export function configDir(): string | undefined {
  const home = homeDir();
  let base: string | undefined;
  if (Deno.build.os === "windows") {
    base = readEnv("APPDATA") || undefined;
  } else if (Deno.build.os === "darwin") {
    base = home && join(home, "Library", "Application Support");
  } else {
    const xdg = readEnv("XDG_CONFIG_HOME");
    base = xdg?.startsWith("/") ? xdg : home && join(home, ".config");
  }
  return base === undefined ? undefined : join(base, "net-mesh");
}
