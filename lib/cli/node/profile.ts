/** Profiles of the configuration file. */

import { dirname, isAbsolute, join } from "@std/path";
import { UsageError } from "../../errors.ts";
import { decodeTicket, looksLikeTicket } from "../../mesh/mod.ts";
import { requirePrivate } from "../../os/small_file.ts";
import { TIMER_MAX_MS } from "../framework/options/duration.ts";
import { suggest } from "../framework/options/suggest.ts";
import {
  configError,
  type ConfigFile,
  homeDir,
  subtable,
  type Table,
} from "./config_file.ts";
import { holdsPsk } from "./named_node.ts";

/** Keys of a profile whose value is a text. */
const TEXT_KEYS = [
  "node_addr",
  "node_pubkey",
  "node_id",
  "psk_hex",
  "psk_file",
  "ticket",
  "identity",
  "congestion",
  "direct",
  "limit_rate",
  "limit_rate_session",
  "store_max",
  "meet",
  "endpoint",
] as const;

export type ProfileKey = typeof TEXT_KEYS[number];

/** Keys whose value is a list of texts, or one. */
const LIST_KEYS = ["reuse", "sources"] as const;
/** Keys whose value is true or false. */
const FLAG_KEYS = ["resume"] as const;

export type ProfileListKey = typeof LIST_KEYS[number];

/** Other keys; the last two are for other programs that read this file. */
const OTHER_KEYS = ["default_timeout_ms", "netdb", "ice_signature_threshold"];

const KNOWN_KEYS: readonly string[] = [
  ...TEXT_KEYS,
  ...LIST_KEYS,
  ...FLAG_KEYS,
  ...OTHER_KEYS,
];

/** What one profile sets. */
export interface Profile {
  readonly name: string;
  /** The texts, by their keys in the file; paths are resolved. */
  readonly texts: Readonly<Partial<Record<ProfileKey, string>>>;
  /** The lists; paths are resolved. */
  readonly lists: Readonly<Partial<Record<ProfileListKey, readonly string[]>>>;
  readonly flags: Readonly<Partial<Record<typeof FLAG_KEYS[number], boolean>>>;
  readonly defaultTimeoutMs?: number;
}

export interface ProfileOptions {
  readonly name: string;
  /** Accept a file with secrets that others can read. */
  readonly insecurePermissions: boolean;
  /** Told about what has no effect. */
  readonly warn: (message: string) => void;
}

function warnUnknown(
  table: Table,
  known: readonly string[],
  where: string,
  warn: (message: string) => void,
): void {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const meant = suggest(key, known);
    warn(
      `unknown key '${key}' in ${where}` +
        (meant === undefined ? "" : `; did you mean '${meant}'?`),
    );
  }
}

/** Whether a profile holds a pre-shared key, as such or in a ticket. */
function holdsSecret({ psk_hex: pskHex, ticket, sources }: Table): boolean {
  if (pskHex !== undefined || isSecretTicket(ticket)) return true;
  const list = Array.isArray(sources) ? sources : [sources];
  return list.some((source) =>
    typeof source === "string" && looksLikeTicket(source) &&
    isSecretTicket(source)
  );
}

function isSecretTicket(ticket: Table[string]): boolean {
  if (typeof ticket !== "string" || ticket.startsWith("@")) return false;
  try {
    return holdsPsk(decodeTicket(ticket));
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

function resolveText(key: ProfileKey, value: string, file: string): string {
  if (key === "psk_file" || key === "identity") return resolvePath(value, file);
  return key === "ticket" ? resolveAtFile(value, file) : value;
}

/** The path of `@FILE`; other texts are none. */
function resolveAtFile(value: string, file: string): string {
  return value.startsWith("@")
    ? `@${resolvePath(value.slice(1), file)}`
    : value;
}

function toLists(path: string, name: string, table: Table): Profile["lists"] {
  const lists: Partial<Record<ProfileListKey, readonly string[]>> = {};
  for (const key of LIST_KEYS) {
    const value = table[key];
    if (value === undefined) continue;
    const items = Array.isArray(value) ? value : [value];
    lists[key] = items.map((item) => {
      if (typeof item === "string") {
        return key === "reuse"
          ? resolvePath(item, path)
          : resolveAtFile(item, path);
      }
      const what = `'${key}' of profile '${name}'`;
      throw configError(path, `${what} is neither a string nor a list of them`);
    });
  }
  return lists;
}

function toProfile(path: string, name: string, table: Table): Profile {
  const texts: Partial<Record<ProfileKey, string>> = {};
  for (const key of TEXT_KEYS) {
    const value = table[key];
    if (value === undefined) continue;
    if (typeof value !== "string") {
      throw configError(path, `'${key}' of profile '${name}' is not a string`);
    }
    texts[key] = resolveText(key, value, path);
  }
  const said = {
    name,
    texts,
    lists: toLists(path, name, table),
    flags: toFlags(path, name, table),
  };
  const timeout = table.default_timeout_ms;
  if (timeout === undefined) return said;
  if (
    typeof timeout !== "number" || !Number.isSafeInteger(timeout) ||
    timeout < 0
  ) {
    throw configError(
      path,
      `'default_timeout_ms' of profile '${name}' is not a whole number of milliseconds`,
    );
  }
  // As with --timeout, 0 is no limit.
  const defaultTimeoutMs = Math.min(timeout || TIMER_MAX_MS, TIMER_MAX_MS);
  return { ...said, defaultTimeoutMs };
}

function toFlags(
  path: string,
  name: string,
  table: Table,
): Profile["flags"] {
  const flags: { -readonly [K in keyof Profile["flags"]]: boolean } = {};
  for (const key of FLAG_KEYS) {
    const value = table[key];
    if (value === undefined) continue;
    if (typeof value !== "boolean") {
      throw configError(
        path,
        `'${key}' of profile '${name}' is neither true nor false`,
      );
    }
    flags[key] = value;
  }
  return flags;
}

function unknownProfile(
  name: string,
  known: readonly string[],
  { path, exists }: ConfigFile,
): UsageError {
  const meant = suggest(name, known);
  const shown = path === "" ? "" : ` '${path}'`;
  const where = exists
    ? shown
    : ` the configuration file${shown}, which does not exist`;
  return new UsageError(`profile '${name}' does not exist in${where}`, {
    hint: (meant === undefined ? "" : `did you mean '${meant}'? `) +
      `known profiles: ${known.join(", ")}`,
    fields: { profile: name },
  });
}

/**
 * Takes one profile from a file; `default` is always there, and no other
 * inherits from it.
 */
export function profileOfFile(
  file: ConfigFile,
  { name, insecurePermissions, warn }: ProfileOptions,
): Profile {
  const { path, access, document } = file;
  const profiles = subtable(path, document, "profiles");
  const tables = new Map([["default", subtable(path, document, "default")]]);
  for (const key of Object.keys(profiles)) {
    if (key === "default") {
      warn(`[profiles.default] of ${path} is ignored; use [default]`);
    } else tables.set(key, subtable(path, profiles, key));
  }
  if (!insecurePermissions && [...tables.values()].some(holdsSecret)) {
    requirePrivate(path, "configuration file with a key", access);
  }
  const top = `the top level of ${path}`;
  warnUnknown(document, ["default", "profiles"], top, warn);
  const table = tables.get(name);
  if (table === undefined) {
    throw unknownProfile(name, [...tables.keys()], file);
  }
  warnUnknown(table, KNOWN_KEYS, `profile '${name}' of ${path}`, warn);
  return toProfile(path, name, table);
}
