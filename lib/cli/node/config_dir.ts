import { join } from "@std/path";
import { readEnv } from "../framework/environment.ts";

export function homeDir(): string | undefined {
  return readEnv(Deno.build.os === "windows" ? "USERPROFILE" : "HOME") ||
    undefined;
}

/** This program's directory in the user's configuration, if the environment tells it. */
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
