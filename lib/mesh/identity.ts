/**
 * Who a node is: one ed25519 seed, from which all its keys and ids follow.
 *
 * The file is that of the reference tool: TOML with the keys `operator_id_hex`,
 * `seed_hex`, `public_key_hex`, `created_at` and perhaps `note`, mode 0600.
 * Reading needs `seed_hex` only, the others are for people.
 *
 * @module
 */

import { ed25519 } from "@noble/curves/ed25519";
import { sha256 } from "@noble/hashes/sha2";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import { dirname } from "@std/path";
import { parse } from "@std/toml";
import {
  ConfigError,
  IoError,
  PermissionError,
  TransferError,
} from "../errors.ts";
import { IDENTITY_FILE_MAX } from "../limits.ts";
import { dhKeyPair } from "../wire/mod.ts";
import { formatIdHex, nodeIdOf, operatorIdOf } from "./node_id.ts";

/** Bytes in an ed25519 seed. */
const SEED_LENGTH = 32;
/** Permission bits of group and others. */
const SHARED_BITS = 0o077;

/** What an identity may carry besides its seed. */
export interface IdentityOptions {
  /** When it was made, as `YYYY-MM-DDTHH:MM:SSZ`. */
  createdAt?: string;
  /** What it is for. */
  note?: string;
}

/**
 * The keys and ids of a node; each is computed when first asked for.
 *
 * @example
 * ```ts
 * import { Identity } from "./identity.ts";
 *
 * const identity = new Identity(new Uint8Array(32).fill(7));
 * identity.nodeId; // 13337299309883755545n
 * ```
 */
export class Identity {
  /** ed25519 seed, 32 bytes: the secret. */
  readonly seed: Uint8Array;
  /** X25519 static secret: the seed's Montgomery form. */
  readonly x25519Secret: Uint8Array;
  /** When it was made, where known. */
  readonly createdAt?: string;
  /** What it is for, where noted. */
  readonly note?: string;
  #publicKey: Uint8Array | undefined;
  #x25519Public: Uint8Array | undefined;

  /**
   * Makes the identity of a seed.
   *
   * @param seed 32 bytes, kept as they are.
   * @throws {RangeError} When the seed has another length.
   */
  constructor(seed: Uint8Array, options: IdentityOptions = {}) {
    if (seed.length !== SEED_LENGTH) {
      throw new RangeError(
        `an identity seed has ${SEED_LENGTH} bytes, not ${seed.length}`,
      );
    }
    this.seed = seed;
    this.x25519Secret = ed25519.utils.toMontgomerySecret(seed);
    if (options.createdAt !== undefined) this.createdAt = options.createdAt;
    if (options.note !== undefined) this.note = options.note;
  }

  /** ed25519 public key, 32 bytes. */
  get publicKey(): Uint8Array {
    this.#publicKey ??= ed25519.getPublicKey(this.seed);
    return this.#publicKey;
  }

  /** X25519 static public key, 32 bytes: what peers need to attach. */
  get x25519Public(): Uint8Array {
    this.#x25519Public ??= dhKeyPair(this.x25519Secret).public;
    return this.#x25519Public;
  }

  /** Short name of the node, from {@linkcode x25519Public}. */
  get nodeId(): bigint {
    return nodeIdOf(this.x25519Public);
  }

  /** Short name of the operator, from {@linkcode publicKey}. */
  get operatorId(): bigint {
    return operatorIdOf(this.publicKey);
  }

  /** First 8 bytes of the SHA-256 of {@linkcode publicKey}, as `AB:CD:…`. */
  get fingerprint(): string {
    const hash: Uint8Array = sha256(this.publicKey);
    return Array.from(hash.subarray(0, 8), (byte) => {
      return byte.toString(16).toUpperCase().padStart(2, "0");
    }).join(":");
  }
}

function randomSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SEED_LENGTH));
}

/** An identity for this process only, never written down. */
export function ephemeralIdentity(): Identity {
  return new Identity(randomSeed());
}

/**
 * A new identity to write to a file.
 *
 * @param options Its note; `createdAt` is the present second unless given.
 */
export function generateIdentity(options: IdentityOptions = {}): Identity {
  const createdAt = `${new Date().toISOString().slice(0, 19)}Z`;
  return new Identity(randomSeed(), { createdAt, ...options });
}

/** A TOML basic string: JSON's, which leaves one control character as it is. */
function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\x7f", "\\u007f");
}

/** The text of an identity file. */
export function renderIdentity(identity: Identity): string {
  const entries: [string, string | undefined][] = [
    ["operator_id_hex", formatIdHex(identity.operatorId)],
    ["seed_hex", encodeHex(identity.seed)],
    ["public_key_hex", encodeHex(identity.publicKey)],
    ["created_at", identity.createdAt],
    ["note", identity.note],
  ];
  return entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${tomlString(value ?? "")}\n`)
    .join("");
}

function optionalText(value: unknown): string | undefined {
  if (value instanceof Date) return `${value.toISOString().slice(0, 19)}Z`;
  return typeof value === "string" ? value : undefined;
}

/**
 * Reads the text of an identity file.
 *
 * @param path Where it comes from, for messages.
 * @throws {ConfigError} When it is no TOML or has no usable `seed_hex`. The
 * message never quotes the text, which is a secret.
 */
export function parseIdentity(text: string, path: string): Identity {
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch {
    throw new ConfigError(`identity file ${path} is not valid TOML`, {
      fields: { path },
    });
  }
  const { seed_hex: hex, created_at: createdAt, note } = table;
  if (typeof hex !== "string" || !/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new ConfigError(
      `identity file ${path} has no usable seed_hex: 64 hex digits are needed, without 0x`,
      { fields: { path } },
    );
  }
  return new Identity(decodeHex(hex), {
    createdAt: optionalText(createdAt),
    note: optionalText(note),
  });
}

/** How {@linkcode loadIdentity} treats the file. */
export interface LoadIdentityOptions {
  /**
   * Also read a file that group or others may read or write.
   *
   * @default {false}
   */
  insecurePermissions?: boolean;
}

/** Turns what the system says about an identity file into our errors. */
function fileError(
  error: unknown,
  doing: "read" | "write",
  path: string,
): unknown {
  const fields = { path };
  if (error instanceof Deno.errors.NotFound) {
    return new IoError(`identity file ${path} does not exist`, {
      cause: error,
      fields,
      hint: "make one with: identity generate --out PATH",
    });
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new PermissionError(
      `this process is not allowed to ${doing} the identity file ${path}`,
      { cause: error, fields, hint: `run it with --allow-${doing}=${path}` },
    );
  }
  if (error instanceof TransferError || !(error instanceof Error)) return error;
  return new IoError(
    `cannot ${doing} the identity file ${path}: ${error.message}`,
    { cause: error, fields },
  );
}

function refuseShared({ mode, isFile }: Deno.FileInfo, path: string): void {
  if (mode === null || (mode & SHARED_BITS) === 0) return;
  const bits = (mode & 0o777).toString(8).padStart(4, "0");
  throw new ConfigError(
    `identity file ${path} is accessible to others (mode ${bits})`,
    {
      // Nobody should do so to a directory or a device.
      hint: isFile ? `run: chmod 600 ${path}` : "give an identity file",
      fields: { path, mode: bits },
    },
  );
}

async function readText(file: Deno.FsFile, path: string): Promise<string> {
  const buffer = new Uint8Array(IDENTITY_FILE_MAX + 1);
  let length = 0;
  for (;;) {
    const read = await file.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
    if (length > IDENTITY_FILE_MAX) {
      throw new ConfigError(
        `identity file ${path} is longer than ${IDENTITY_FILE_MAX} bytes`,
        { fields: { path } },
      );
    }
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/**
 * Reads an identity file.
 *
 * @throws {ConfigError} When the file is malformed, or others may read it and
 * {@linkcode LoadIdentityOptions.insecurePermissions} is not set. Systems
 * without permission bits are not checked.
 * @throws {IoError} When the file cannot be read.
 * @throws {PermissionError} When the process lacks the grant to read it.
 */
export async function loadIdentity(
  path: string,
  options: LoadIdentityOptions = {},
): Promise<Identity> {
  try {
    using file = await Deno.open(path);
    if (!options.insecurePermissions) {
      refuseShared(await file.stat(), path);
    }
    return parseIdentity(await readText(file, path), path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

/** How {@linkcode writeIdentity} treats an existing file. */
export interface WriteIdentityOptions {
  /**
   * Replace an existing file.
   *
   * @default {false}
   */
  force?: boolean;
}

/** Refuses what may not be replaced: a rename would also replace a device. */
async function requireFree(path: string, force: boolean): Promise<void> {
  const found = await Deno.lstat(path).catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found === undefined || force && found.isFile) return;
  if (!force) throw existsAlready(path);
  throw new ConfigError(`${path} is there and no regular file`, {
    hint: "choose another path",
    fields: { path },
  });
}

function existsAlready(path: string): ConfigError {
  return new ConfigError(`identity file ${path} exists already`, {
    hint: "choose another path, or replace it with --force",
    fields: { path },
  });
}

/** Gives a finished file its name; without `force` to one process alone. */
async function install(
  temporary: string,
  path: string,
  force: boolean,
): Promise<void> {
  if (!force) {
    try {
      // Unlike a rename, a link never replaces.
      await Deno.link(temporary, path);
      await Deno.remove(temporary);
      return;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw existsAlready(path);
      // Not every file system has hard links.
    }
  }
  await Deno.rename(temporary, path);
}

/** Makes a rename durable, where the system lets directories be synced. */
async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch {
    // The file itself is on disk; its name follows when the system sees fit.
  }
}

async function writeTemporary(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    createNew: true,
    mode: 0o600,
  });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
  await file.sync();
}

/**
 * Writes an identity file that only its owner can read, so that either the
 * whole file is there or nothing.
 *
 * @param path The file; its directories are made.
 * @throws {ConfigError} When the file exists and `force` is not set, or
 * something else than a regular file is there.
 * @throws {IoError} When it cannot be written.
 * @throws {PermissionError} When the process lacks the grant to write it.
 */
export async function writeIdentity(
  path: string,
  identity: Identity,
  { force = false }: WriteIdentityOptions = {},
): Promise<void> {
  const parent: string = dirname(path);
  const suffix = encodeHex(crypto.getRandomValues(new Uint8Array(6)));
  const temporary = `${path}.tmp.${suffix}`;
  try {
    await requireFree(path, force);
    await Deno.mkdir(parent, { recursive: true, mode: 0o700 });
    try {
      await writeTemporary(temporary, renderIdentity(identity));
      await install(temporary, path, force);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
    await syncDirectory(parent);
  } catch (error) {
    throw fileError(error, "write", path);
  }
}
