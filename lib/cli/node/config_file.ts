/**
 * The configuration file: TOML with a table `default` and tables
 * `profiles.NAME`. Completion of the command line loads this module, so it
 * knows nothing of what the values mean.
 *
 * @module
 */

import { join } from "@std/path";
import { parse } from "@std/toml";
import { ConfigError, TransferError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import { isNotFound } from "../../os/os_error.ts";
import { readSmallFile, type SmallFile } from "../../os/small_file.ts";
import { messageOf } from "../failure.ts";
import { configDir } from "./config_dir.ts";

/** A table of the file. */
export type Table = Readonly<Record<string, unknown>>;

/** A configuration file that exists and is TOML. */
export interface ConfigFile {
  readonly path: string;
  /** Its permission bits; `null` where the system has none. */
  readonly mode: number | null;
  /** The whole of it. */
  readonly document: Table;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

/** The error of a file that cannot be used. */
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

/**
 * The table of a key, empty when it is missing.
 *
 * @throws {ConfigError} When the key has another value.
 */
export function subtable(path: string, parent: Table, key: string): Table {
  const value = parent[key] ?? {};
  if (!isTable(value)) throw configError(path, `'${key}' is not a table`);
  return value;
}

/** The default file, unless the process may not even look for it. */
export function defaultConfigPath(): string | undefined {
  const dir = configDir();
  if (dir === undefined) return undefined;
  const path = join(dir, "config.toml");
  const { state } = Deno.permissions.querySync({ name: "read", path });
  return state === "granted" ? path : undefined;
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
    if (!isNotFound(cause)) throw configError(path, messageOf(cause), error);
    if (!explicit) return undefined;
    throw new UsageError(`the configuration file '${path}' does not exist`, {
      cause: error,
      fields: { path },
    });
  }
}

/**
 * Parses a configuration file.
 *
 * @throws {ConfigError} When it is not TOML in UTF-8.
 */
export function parseConfig(
  path: string,
  { bytes, mode }: SmallFile,
): ConfigFile {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const document: unknown = parse(text);
    return { path, mode, document: isTable(document) ? document : {} };
  } catch (error) {
    throw configError(path, messageOf(error), error);
  }
}

/**
 * Reads the configuration file.
 *
 * @param asked The file that was asked for; the default one, which may be
 * missing, when left out.
 * @throws {UsageError} When the file that was asked for does not exist.
 * @throws {ConfigError} When it cannot be read or is not TOML; the message
 * starts with `config load:`.
 */
export async function readConfigFile(
  asked: string | undefined,
): Promise<ConfigFile | undefined> {
  const path = asked ?? defaultConfigPath();
  if (path === undefined) return undefined;
  const file = await read(path, asked !== undefined);
  if (file === undefined) return undefined;
  return parseConfig(path, file);
}

/**
 * The names of the profiles, `default` first.
 *
 * @param asked As for {@linkcode readConfigFile}.
 * @throws As {@linkcode readConfigFile}.
 */
export async function profileNames(
  asked: string | undefined,
): Promise<string[]> {
  const file = await readConfigFile(asked);
  if (file === undefined) return ["default"];
  const named = Object.keys(subtable(file.path, file.document, "profiles"));
  return ["default", ...named.filter((name) => name !== "default")];
}
