/**
 * Environment variables and the directories they lead to, without ever
 * prompting: what the process may not read counts as not set.
 *
 * @module
 */

import { join } from "@std/path";

/**
 * Reads an environment variable.
 *
 * @returns Its value, or `undefined` when it is not set or may not be read.
 */
export function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

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
