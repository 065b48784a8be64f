/**
 * The configuration file: TOML with a table `default` and tables
 * `profiles.NAME`.
 *
 * @module
 */

import { dirname, isAbsolute, join } from "@std/path";
import { parse } from "@std/toml";
import { ConfigError, TransferError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import type { Context } from "../command.ts";
import { messageOf } from "../failure.ts";
import { suggest } from "../framework/options/suggest.ts";
import { readSmallFile, requirePrivate, type SmallFile } from "../read_file.ts";
import type { Log } from "../framework/terminal/log.ts";
import { inStage } from "../stage.ts";
import { configDir, homeDir } from "./config_dir.ts";

/** The values of one profile; those that are not set are not there. */
export interface Profile {
  /** Its name. */
  readonly name: string;
  /** `node_addr`. */
  readonly nodeAddr?: string;
  /** `node_pubkey`. */
  readonly nodePubkey?: string;
  /** `node_id`. */
  readonly nodeId?: string;
  /** `psk_hex`. */
  readonly pskHex?: string;
  /** `psk_file`, resolved. */
  readonly pskFile?: string;
  /** `ticket`: the text, or `@` and the resolved path of its file. */
  readonly ticket?: string;
  /** `identity`, resolved. */
  readonly identity?: string;
  /** `endpoint`. */
  readonly endpoint?: string;
  /** `default_timeout_ms`. */
  readonly defaultTimeoutMs?: number;
}

/** Where a profile is looked for. */
export interface LoadProfileOptions {
  /** The file that was asked for; the default one when left out. */
  path?: string;
  /** The profile that was asked for. */
  name: string;
  /** Accept a file with secrets that others can read. */
  insecurePermissions: boolean;
  /** Gets warnings. */
  log: Log;
}

type Table = Readonly<Record<string, unknown>>;

const STRING_KEYS = {
  node_addr: "nodeAddr",
  node_pubkey: "nodePubkey",
  node_id: "nodeId",
  psk_hex: "pskHex",
  psk_file: "pskFile",
  ticket: "ticket",
  identity: "identity",
  endpoint: "endpoint",
} as const;

/** Keys of the same file that other programs of its format read. */
const FOREIGN_KEYS = ["netdb", "ice_signature_threshold"];

const KNOWN_KEYS = [
  ...Object.keys(STRING_KEYS),
  "default_timeout_ms",
  ...FOREIGN_KEYS,
];

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

function loadError(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`config load: ${path}: ${why}`, {
    cause,
    fields: { path },
  });
}

/** The default file, unless the process may not even ask for it. */
function defaultPath(): string | undefined {
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
    const cause = error instanceof TransferError ? error.cause : error;
    if (cause instanceof Deno.errors.NotFound) {
      if (!explicit) return undefined;
      throw new UsageError(`the configuration file '${path}' does not exist`, {
        cause: error,
        fields: { path },
      });
    }
    throw loadError(path, messageOf(cause ?? error), error);
  }
}

function parseToml(path: string, bytes: Uint8Array): Table {
  let document: unknown;
  try {
    document = parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw loadError(path, why, error);
  }
  return isTable(document) ? document : {};
}

function warnUnknown(
  table: Table,
  known: readonly string[],
  where: string,
  path: string,
  log: Log,
): void {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const meant = suggest(key, known);
    log.warn(
      `unknown key '${key}' in ${where} of ${path}` +
        (meant === undefined ? "" : `; did you mean '${meant}'?`),
    );
  }
}

function subtable(path: string, parent: Table, key: string): Table {
  const value = parent[key] ?? {};
  if (!isTable(value)) throw loadError(path, `'${key}' is not a table`);
  return value;
}

/** Whether a profile holds a pre-shared key, as such or in a ticket. */
async function holdsSecret(
  { psk_hex: pskHex, ticket }: Table,
): Promise<boolean> {
  if (pskHex !== undefined) return true;
  if (typeof ticket !== "string" || ticket.startsWith("@")) return false;
  // On demand: a shell that completes a word waits for what is loaded here.
  const { decodeTicket } = await import("../../mesh/mod.ts");
  try {
    return decodeTicket(ticket).psk !== undefined;
  } catch {
    // One letter of a secret may be wrong.
    return true;
  }
}

/** `~/` is the home directory; what is relative is so to the file. */
function resolvePath(value: string, file: string): string {
  const home = homeDir();
  if (value.startsWith("~/") && home !== undefined) {
    return join(home, value.slice(2));
  }
  return isAbsolute(value) ? value : join(dirname(file), value);
}

function toProfile(path: string, name: string, table: Table): Profile {
  const values: Record<string, string> = {};
  for (const [key, property] of Object.entries(STRING_KEYS)) {
    const value = table[key];
    if (value === undefined) continue;
    if (typeof value !== "string") {
      throw loadError(path, `'${key}' of profile '${name}' is not a string`);
    }
    values[property] = property === "pskFile" || property === "identity"
      ? resolvePath(value, path)
      : property === "ticket" && value.startsWith("@")
      ? `@${resolvePath(value.slice(1), path)}`
      : value;
  }
  const timeout = table.default_timeout_ms;
  if (timeout === undefined) return { name, ...values };
  if (
    typeof timeout !== "number" || !Number.isSafeInteger(timeout) ||
    timeout <= 0
  ) {
    throw loadError(
      path,
      `'default_timeout_ms' of profile '${name}' is not a positive integer`,
    );
  }
  return {
    name,
    ...values,
    defaultTimeoutMs: Math.min(timeout, 2 ** 31 - 1),
  };
}

function unknownProfile(name: string, known: readonly string[], where: string) {
  const meant = suggest(name, known);
  return new UsageError(`profile '${name}' does not exist in ${where}`, {
    hint: (meant === undefined ? "" : `did you mean '${meant}'? `) +
      `known profiles: ${known.join(", ")}`,
    fields: { profile: name },
  });
}

/**
 * Loads the profile that the command line chooses.
 *
 * @throws As {@linkcode loadProfile}.
 */
export function chosenProfile(
  { insecurePermissions }: Pick<LoadProfileOptions, "insecurePermissions">,
  context: Context,
): Promise<Profile> {
  const { globals: { config: path, profile: name }, log } = context;
  return inStage(
    "config_load",
    () => loadProfile({ path, name, insecurePermissions, log }),
  );
}

/**
 * Loads one profile.
 *
 * The default file may be missing; a file that was asked for may not. `default`
 * is always there, and empty when the file has no such table; a named profile
 * does not inherit from it.
 *
 * @throws {UsageError} When the file or the profile that was asked for does
 * not exist.
 * @throws {PermissionError} When the file holds a key and others can read it.
 * @throws {ConfigError} When the file cannot be read or is no valid TOML; the
 * message starts with `config load:`.
 */
export async function loadProfile(
  { path: asked, name, insecurePermissions, log }: LoadProfileOptions,
): Promise<Profile> {
  const path = asked ?? defaultPath();
  const file = path === undefined
    ? undefined
    : await read(path, asked !== undefined);
  if (path === undefined || file === undefined) {
    if (name === "default") return { name };
    const where = path === undefined ? "" : ` '${path}'`;
    throw unknownProfile(
      name,
      ["default"],
      `the configuration file${where}, which does not exist`,
    );
  }
  log.debug("configuration file", { path });
  const document = parseToml(path, file.bytes);
  const profiles = subtable(path, document, "profiles");
  const tables = new Map([["default", subtable(path, document, "default")]]);
  for (const key of Object.keys(profiles)) {
    if (key === "default") {
      log.warn(`[profiles.default] of ${path} is ignored; use [default]`);
    } else tables.set(key, subtable(path, profiles, key));
  }
  if (!insecurePermissions) {
    const secrets = await Promise.all([...tables.values()].map(holdsSecret));
    if (secrets.includes(true)) {
      requirePrivate(path, "configuration file with a key", file.mode);
    }
  }

  warnUnknown(document, ["default", "profiles"], "the top level", path, log);
  const table = tables.get(name);
  if (table === undefined) {
    throw unknownProfile(name, [...tables.keys()], `'${path}'`);
  }
  warnUnknown(table, KNOWN_KEYS, `profile '${name}'`, path, log);
  return toProfile(path, name, table);
}

/**
 * Lists the profiles there are, `default` first.
 *
 * @param options The file that was asked for; the default one when left out.
 * @throws {UsageError} When the file that was asked for does not exist.
 * @throws {ConfigError} When the file cannot be read or is no valid TOML.
 */
export async function profileNames(
  { path: asked }: { path?: string },
): Promise<string[]> {
  const path = asked ?? defaultPath();
  const file = path === undefined
    ? undefined
    : await read(path, asked !== undefined);
  if (path === undefined || file === undefined) return ["default"];
  const document = parseToml(path, file.bytes);
  const named = Object.keys(subtable(path, document, "profiles"));
  return ["default", ...named.filter((name) => name !== "default")];
}
