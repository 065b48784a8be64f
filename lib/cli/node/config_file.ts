// Completion of the command line loads this module: it knows nothing of what
// the values mean.

import { join } from "@std/path";
import { ConfigError, TransferError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import { isNotFound, osErrorCode } from "../../os/os_error.ts";
import {
  type FileAccess,
  readSmallFile,
  type SmallFile,
} from "../../os/small_file.ts";
import { parseToml, type TomlTable } from "../../text/toml.ts";
import { messageOf } from "../failure.ts";
import { readEnv } from "../framework/environment.ts";

export function homeDir(): string | undefined {
  return readEnv(Deno.build.os === "windows" ? "USERPROFILE" : "HOME") ||
    undefined;
}

/**
 * This program's directory in the user's configuration, if the environment
 * tells it.
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

export type Table = TomlTable;

/** A configuration file; one that does not exist sets nothing. */
export interface ConfigFile {
  /** Where it is or would be; empty when that is not known. */
  readonly path: string;
  readonly exists: boolean;
  /** Who can use it. */
  readonly access: FileAccess;
  readonly document: Table;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

export function configError(
  path: string,
  why: string,
  cause?: unknown,
): ConfigError {
  return new ConfigError(`config load: ${path}: ${why}`, {
    cause,
    fields: { path },
  });
}

/** The table of a key, empty when it is missing. */
export function subtable(path: string, parent: Table, key: string): Table {
  const value = parent[key] ?? {};
  if (!isTable(value)) throw configError(path, `'${key}' is not a table`);
  return value;
}

/** The default file, unless the process may not even look for it. */
function defaultPath(): string {
  const dir = configDir();
  if (dir === undefined) return "";
  const path = join(dir, "config.toml");
  const { state } = Deno.permissions.querySync({ name: "read", path });
  return state === "granted" ? path : "";
}

async function read(
  path: string,
  explicit: boolean,
): Promise<SmallFile | undefined> {
  try {
    return await readSmallFile(path, {
      what: "configuration file",
      max: CONFIG_FILE_MAX,
    });
  } catch (error) {
    const cause = error instanceof TransferError ? error.cause ?? error : error;
    // Below a file there is nothing either, as with XDG_CONFIG_HOME=/dev/null.
    const isMissing = isNotFound(cause) || osErrorCode(cause) === "ENOTDIR";
    if (!isMissing) throw configError(path, messageOf(cause), error);
    if (!explicit) return undefined;
    throw new UsageError(`the configuration file '${path}' does not exist`, {
      cause: error,
      fields: { path },
    });
  }
}

export function parseConfig(
  path: string,
  { bytes, access }: SmallFile,
): ConfigFile {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw configError(path, "not UTF-8 text; save it as UTF-8", error);
  }
  try {
    return { path, exists: true, access, document: parseToml(text) };
  } catch (error) {
    throw configError(path, messageOf(error), error);
  }
}

/** Reads the file that the command line names, which must exist, or the default one. */
export async function readConfigFile(
  named: string | undefined,
): Promise<ConfigFile> {
  const path = named ?? defaultPath();
  const file = path === "" ? undefined : await read(path, named !== undefined);
  return file === undefined
    ? { path, exists: false, access: { mode: null, uid: null }, document: {} }
    : parseConfig(path, file);
}

/** The names of the profiles, `default` first. */
export async function profileNames(
  named: string | undefined,
): Promise<string[]> {
  const { path, document } = await readConfigFile(named);
  const names = Object.keys(subtable(path, document, "profiles"));
  return ["default", ...names.filter((name) => name !== "default")];
}
