/**
 * The file of the pre-shared keys of a node that have names. It lies beside the
 * identity, is written whole or not at all, and is for its owner alone:
 *
 * ```toml
 * [psk.ann]
 * psk_hex = "64 hexadecimal digits"
 * created_at = "2026-01-31T12:00:00Z"
 * ```
 */

import { basename, dirname, join } from "@std/path";
import { deadline } from "@std/async";
import { ConfigError, IoError, UsageError } from "../../errors.ts";
import {
  KEYRING_FILE_MAX,
  KEYRING_LOCK_MS,
  KEYRING_NAMED_MAX,
} from "../../limits.ts";
import { DEFAULT_PSK_NAME, isPskName, Keyring } from "../../mesh/mod.ts";
import { identityOf, isSameEntry } from "../../os/file_identity.ts";
import { isLacking } from "../../os/lacking.ts";
import { isNotFound, lookAt } from "../../os/os_error.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import { readSmallFile } from "../../os/small_file.ts";
import { writeWholeFile } from "../../os/whole_file.ts";
import { quoteText } from "../../text/escape.ts";
import { fromHex, toHex } from "../../text/hex.ts";
import { parseToml, type TomlTable } from "../../text/toml.ts";

const WHAT = "keyring file";

/** A pre-shared key with a name. */
export interface NamedPsk {
  readonly name: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** When it was made, as text. */
  readonly createdAt?: string;
}

/** Where the keyring of a node is whose identity is in a file. */
export function keyringPath(identity: string): string {
  const name = basename(identity).replace(/\.toml$/, "");
  return join(dirname(identity), `${name}.keyring`);
}

/** A new key of a name. */
export function drawPsk(name: string): NamedPsk {
  return {
    name,
    secret: crypto.getRandomValues(new Uint8Array(32)),
    createdAt: `${new Date().toISOString().slice(0, 19)}Z`,
  };
}

/** Overwrites secrets that nobody has a use for any more. */
export function erasePsks(psks: Iterable<NamedPsk>): void {
  for (const { secret } of psks) secret.fill(0);
}

/**
 * Refuses names and keys that a node cannot have, and more than it may have.
 *
 * @throws {UsageError} When they are.
 */
export function checkPsks(psks: readonly NamedPsk[]): void {
  if (psks.length > KEYRING_NAMED_MAX) {
    throw new UsageError(
      `there are more than ${KEYRING_NAMED_MAX} pre-shared keys with a name`,
      { hint: "revoke one that is not used any more: net-transfer psk list" },
    );
  }
  using keyring = new Keyring();
  for (const { name, secret } of psks) {
    if (name === DEFAULT_PSK_NAME) {
      throw new UsageError(
        `'${name}' is what the permanent key of a node is called`,
        { hint: "choose another name" },
      );
    }
    keyring.add(name, secret);
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

/** One entry; says what is wrong with it, and nothing of the secret. */
function entryOf(name: string, entry: unknown): NamedPsk {
  if (!isTable(entry)) throw new SyntaxError(`psk.${name} is no table`);
  const { psk_hex: hex, created_at: created, ...others } = entry;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new SyntaxError(`psk.${name} has an unknown key ${quoteText(other)}`);
  }
  if (typeof hex !== "string" || !/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new SyntaxError(
      `psk.${name} has no usable psk_hex: 64 hex digits are needed`,
    );
  }
  const createdAt = created instanceof Date
    ? `${created.toISOString().slice(0, 19)}Z`
    : created;
  if (createdAt !== undefined && typeof createdAt !== "string") {
    throw new SyntaxError(`created_at of psk.${name} is no text`);
  }
  return {
    name,
    secret: fromHex(hex),
    ...(createdAt !== undefined && { createdAt }),
  };
}

/**
 * Reads the text of a keyring file; errors never quote it, for it is a secret.
 *
 * @throws {ConfigError} When it is malformed.
 */
export function parseKeyring(text: string, path: string): NamedPsk[] {
  try {
    const { psk = {}, ...others } = parseToml(text);
    const [other] = Object.keys(others);
    if (other !== undefined) {
      throw new SyntaxError(`it has an unknown key ${quoteText(other)}`);
    }
    if (!isTable(psk)) throw new SyntaxError("psk is no table");
    const psks = Object.entries(psk).map(([name, entry]) =>
      entryOf(quoteIfOdd(name), entry)
    );
    checkPsks(psks);
    return psks;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof UsageError)) {
      throw error;
    }
    throw new ConfigError(
      `the ${WHAT} ${quoteText(path)} cannot be used: ${error.message}`,
      { cause: error, fields: { path } },
    );
  }
}

/** A name as it may be shown; one that is none is refused later. */
function quoteIfOdd(name: string): string {
  return isPskName(name) ? name : quoteText(name);
}

/** The text of a keyring file. */
export function renderKeyring(psks: readonly NamedPsk[]): string {
  const entries = psks.map(({ name, secret, createdAt }) => {
    const created = createdAt === undefined
      ? ""
      : `created_at = ${JSON.stringify(createdAt)}\n`;
    return `\n[psk.${name}]\npsk_hex = "${toHex(secret)}"\n${created}`;
  });
  return [
    "# Pre-shared keys by which peers may attach: net-transfer psk list\n",
    "# Whoever has one of them can attach. A node that runs follows this file.\n",
    ...entries,
  ].join("");
}

/** How a keyring file is read and written. */
export interface KeyringFileOptions extends ParentTrust {
  /** Also read a file that group or others may use. */
  readonly insecurePermissions?: boolean;
}

/**
 * Reads a keyring file; one that does not exist has no keys.
 *
 * @throws {ConfigError} When it is malformed.
 * @throws {IoError} When it cannot be read.
 * @throws {PermissionError} When others can use it.
 */
export async function readKeyringFile(
  path: string,
  { insecurePermissions = false }: KeyringFileOptions = {},
): Promise<NamedPsk[]> {
  try {
    const { bytes } = await readSmallFile(path, {
      what: WHAT,
      max: KEYRING_FILE_MAX,
      secret: !insecurePermissions,
    });
    const text = new TextDecoder().decode(bytes);
    bytes.fill(0);
    return parseKeyring(text, path);
  } catch (error) {
    if (error instanceof IoError && isNotFound(error.cause)) return [];
    throw error;
  }
}

/**
 * Changes a keyring file, one process at a time.
 *
 * @param change Gives the keys as they are to be, or `undefined` for as they are.
 * @returns The keys that are in the file then.
 * @throws {UsageError} When they cannot be a node's, or other users could
 * redirect what is written.
 * @throws {IoError} When it cannot be written.
 */
export async function changeKeyringFile(
  path: string,
  change: (psks: readonly NamedPsk[]) => readonly NamedPsk[] | undefined,
  options: KeyringFileOptions,
): Promise<readonly NamedPsk[]> {
  for (;;) {
    using held = await hold(path);
    const psks = await readKeyringFile(path, options);
    const changed = change(psks);
    if (changed === undefined) return psks;
    checkPsks(changed);
    const written = await writeWholeFile(path, renderKeyring(changed), {
      what: WHAT,
      mode: 0o600,
      // One that came meanwhile has keys that must not be lost.
      replace: held.isThere,
      parents: true,
      trustParent: options.trustParent,
    });
    if (written) return changed;
  }
}

/** A file that nobody else changes as long as it is held. */
interface Held extends Disposable {
  readonly isThere: boolean;
}

/**
 * Waits for the lock of the file that has the name when it is acquired: whoever
 * had it before has put another one in its place.
 */
async function hold(path: string): Promise<Held> {
  for (;;) {
    if (lookAt(path)?.isFile !== true) {
      return { isThere: false, [Symbol.dispose]: () => {} };
    }
    const file = await Deno.open(path).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (file === undefined) continue;
    await lock(file, path);
    const found = lookAt(path);
    if (found !== undefined && isSame(found, await file.stat())) {
      return { isThere: true, [Symbol.dispose]: () => file.close() };
    }
    file.close();
  }
}

function isSame(found: Deno.FileInfo, open: Deno.FileInfo): boolean {
  const identity = identityOf(open);
  // Where files have no numbers there is no telling.
  return identity === undefined || isSameEntry(identityOf(found), identity);
}

async function lock(file: Deno.FsFile, path: string): Promise<void> {
  try {
    await deadline(file.lock(true), KEYRING_LOCK_MS);
  } catch (error) {
    // A file system without locks: the last to write wins.
    if (isLacking(error)) return;
    file.close();
    throw new IoError(
      `another process holds the ${WHAT} ${quoteText(path)}`,
      { cause: error, hint: "try again", fields: { path } },
    );
  }
}
