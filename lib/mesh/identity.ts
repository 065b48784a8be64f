/**
 * The identity of a node: one ed25519 seed, from which all its keys and ids
 * follow.
 *
 * The file is that of the reference tool: TOML with the keys `operator_id_hex`,
 * `seed_hex`, `public_key_hex`, `created_at` and perhaps `note`, mode 0600.
 * Reading needs `seed_hex` only, the others are for people.
 */

import { ed25519 } from "@noble/curves/ed25519";
import { sha256 } from "@noble/hashes/sha2";
import { ConfigError, IoError } from "../errors.ts";
import { IDENTITY_FILE_MAX } from "../limits.ts";
import { isNotFound } from "../os/os_error.ts";
import { readSmallFile } from "../os/small_file.ts";
import type { ParentTrust } from "../os/safe_ancestors.ts";
import { writeWholeFile } from "../os/whole_file.ts";
import { quoteText } from "../text/escape.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { parseToml, type TomlTable } from "../text/toml.ts";
import { dhKeyPair } from "../wire/mod.ts";
import { formatIdHex, nodeIdOf, operatorIdOf } from "./node_id.ts";

/** Bytes in an ed25519 seed. */
const SEED_LENGTH = 32;
/** What the file is called in messages. */
const WHAT = "identity file";

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
    const pairs = toHex(hash.subarray(0, 8)).toUpperCase().match(/../g);
    return pairs?.join(":") ?? "";
  }
}

/** Overwrites the secrets of an identity: nobody attaches with it any more. */
export function eraseIdentity({ seed, x25519Secret }: Identity): void {
  seed.fill(0);
  x25519Secret.fill(0);
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

export function renderIdentity(identity: Identity): string {
  const entries: [string, string | undefined][] = [
    ["operator_id_hex", formatIdHex(identity.operatorId)],
    ["seed_hex", toHex(identity.seed)],
    ["public_key_hex", toHex(identity.publicKey)],
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

/** Reads the text of an identity file; errors never quote it, for it is a secret. */
export function parseIdentity(text: string, path: string): Identity {
  let table: TomlTable;
  try {
    table = parseToml(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConfigError(
      `${WHAT} ${quoteText(path)} is not valid TOML: ${error.message}`,
      { fields: { path } },
    );
  }
  const { seed_hex: hex, created_at: createdAt, note } = table;
  if (typeof hex !== "string" || !/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new ConfigError(
      `${WHAT} ${
        quoteText(path)
      } has no usable seed_hex: 64 hex digits are needed, without 0x`,
      { fields: { path } },
    );
  }
  return new Identity(fromHex(hex), {
    createdAt: optionalText(createdAt),
    note: optionalText(note),
  });
}

/** How {@linkcode loadIdentity} treats the file. */
export interface LoadIdentityOptions {
  /** Also read a file that group or others may use. @default {false} */
  insecurePermissions?: boolean;
}

/**
 * Reads an identity file.
 *
 * @throws {ConfigError} When the file is malformed.
 * @throws {IoError} When the file cannot be read.
 * @throws {PermissionError} When others can use it and
 * {@linkcode LoadIdentityOptions.insecurePermissions} is not set, or the
 * process lacks the grant to read it. Systems without permission bits are not
 * checked.
 */
export async function loadIdentity(
  path: string,
  options: LoadIdentityOptions = {},
): Promise<Identity> {
  const { bytes } = await readSmallFile(path, {
    what: WHAT,
    max: IDENTITY_FILE_MAX,
    secret: !options.insecurePermissions,
    missingHint: "make one with: identity generate --out PATH",
  });
  const text = new TextDecoder().decode(bytes);
  bytes.fill(0);
  return parseIdentity(text, path);
}

/** Refuses a file that is there and no identity file: it must not be lost. */
async function requireIdentity(path: string): Promise<void> {
  try {
    await loadIdentity(path, { insecurePermissions: true });
  } catch (error) {
    if (error instanceof IoError && isNotFound(error.cause)) return;
    if (error instanceof IoError && error.fields.os === "EISDIR") return;
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `${quoteText(path)} is not an ${WHAT}: not replaced`,
      {
        cause: error,
        hint: "choose another path, or remove the file first",
        fields: { path },
      },
    );
  }
}

/** How {@linkcode writeIdentity} treats an existing file. */
export interface WriteIdentityOptions extends ParentTrust {
  /** Replace an existing identity file. @default {false} */
  force?: boolean;
}

/**
 * Writes an identity file that only its owner can read, so that either the
 * whole file is there or nothing.
 *
 * @param path The file; its directories are made.
 * @throws {ConfigError} When the file exists, and `force` is not set or it is
 * no identity file.
 * @throws {IoError} When it cannot be written, or what is there is not a
 * regular file.
 * @throws {PermissionError} When the process lacks the grant to write it.
 * @throws {UsageError} When other users could redirect what is written.
 */
export async function writeIdentity(
  path: string,
  identity: Identity,
  { force = false, trustParent }: WriteIdentityOptions = {},
): Promise<void> {
  if (force) await requireIdentity(path);
  const written = await writeWholeFile(path, renderIdentity(identity), {
    what: WHAT,
    mode: 0o600,
    replace: force,
    parents: true,
    trustParent,
  });
  if (written) return;
  throw new ConfigError(`${WHAT} ${quoteText(path)} exists already`, {
    hint: "choose another path, or replace it with --force",
    fields: { path },
  });
}
