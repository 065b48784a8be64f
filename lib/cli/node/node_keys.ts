/**
 * The keys a listening node runs with: what was given, or what an earlier run
 * made, or new ones, so that key and id survive a restart.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "@std/path";
import { toHex } from "../../content/mod.ts";
import { ConfigError, UsageError } from "../../errors.ts";
import {
  generateIdentity,
  type Identity,
  loadIdentity,
  writeIdentity,
} from "../../mesh/mod.ts";
import type { ValuesOf } from "../framework/options/option.ts";
import type { Log } from "../framework/terminal/log.ts";
import { writeWholeFile } from "../write_file.ts";
import type { Profile } from "./config.ts";
import { configDir } from "./config_dir.ts";
import { type Psk, type PSK_OPTIONS, readPskFile, resolvePsk } from "./psk.ts";

/** The keys of a listening node. */
export interface NodeKeys {
  /** The identity. */
  readonly identity: Identity;
  /** The pre-shared key. */
  readonly psk: Psk;
}

/** What {@linkcode resolveNodeKeys} goes by. */
export interface NodeKeysOptions {
  /** The options of the command line. */
  values: ValuesOf<typeof PSK_OPTIONS> & { readonly identity?: string };
  /** The profile. */
  profile: Profile;
  /** Told of what is made. */
  log: Log;
}

function defaultIdentityPath(): string {
  const dir = configDir();
  if (dir === undefined) {
    throw new UsageError(
      "there is no configuration directory for an identity",
      {
        hint: "give --identity, or set HOME",
      },
    );
  }
  return join(dir, "identities", "node.toml");
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Makes an identity, unless another process is faster. */
async function makeIdentity(path: string, log: Log): Promise<void> {
  try {
    await writeIdentity(path, generateIdentity());
    log.info("made an identity", { path });
  } catch (error) {
    if (!(error instanceof ConfigError) || !await exists(path)) throw error;
  }
}

/** Reads the key of an earlier run, or makes one, beside the identity. */
async function keptPsk(
  identityPath: string,
  insecure: boolean,
  log: Log,
): Promise<Psk> {
  const name = basename(identityPath).replace(/\.toml$/, "");
  const path = resolve(dirname(identityPath), `${name}.psk`);
  if (!await exists(path)) {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const made = await writeWholeFile(path, `${toHex(key)}\n`, {
      what: "PSK file",
      mode: 0o600,
      replace: false,
    });
    if (made) log.info("made a pre-shared key", { path });
  }
  return { bytes: await readPskFile(path, insecure), file: path };
}

/**
 * Finds or makes the keys of a listening node.
 *
 * @throws {TransferError} When keys that were given, or are there, cannot be
 * used.
 */
export async function resolveNodeKeys(
  { values, profile, log }: NodeKeysOptions,
): Promise<NodeKeys> {
  const insecure = values.insecurePermissions;
  const given = values.identity ?? profile.identity;
  const path = given ?? defaultIdentityPath();
  if (given === undefined && !await exists(path)) {
    await makeIdentity(path, log);
  }
  const identity = await loadIdentity(path, {
    insecurePermissions: insecure,
  });
  const psk = await resolvePsk(values, profile) ??
    await keptPsk(path, insecure, log);
  return {
    identity,
    psk: psk.file === undefined ? psk : { ...psk, file: resolve(psk.file) },
  };
}
