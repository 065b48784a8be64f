/**
 * The keys a listening node runs with: what was given, or what an earlier run
 * made, or new ones, so that key and id survive a restart.
 */

import { basename, dirname, join, resolve } from "@std/path";
import { ConfigError, IoError, UsageError } from "../../errors.ts";
import {
  type CongestionAlgorithm,
  type DirectMode,
  generateIdentity,
  type Identity,
  loadIdentity,
  writeIdentity,
} from "../../mesh/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import { writeWholeFile } from "../../os/whole_file.ts";
import { toHex } from "../../text/hex.ts";
import type { Context } from "../command.ts";
import { withHint } from "../failure.ts";
import type { ValuesOf } from "../framework/options/option.ts";
import type { Log } from "../framework/terminal/log.ts";
import { inStage } from "../stage.ts";
import { configDir } from "../node/config_file.ts";
import { keyringPath } from "../node/keyring_file.ts";
import type { PSK_OPTIONS } from "../node/node_options.ts";
import { type Psk, readPsk } from "../node/read_given.ts";
import { readSources } from "../node/read_settings.ts";
import { resolveKeys } from "../node/settings.ts";

export interface NodeKeys {
  readonly identity: Identity;
  /** The permanent key. */
  readonly psk: Psk;
  /** The file of further keys, with names; it need not be there. */
  readonly keyringFile: string;
  readonly congestion?: CongestionAlgorithm;
  readonly direct?: DirectMode;
  /** Bytes per second, to all nodes and to each. */
  readonly limitRate?: number;
  readonly limitRateSession?: number;
  /** Bytes that a cache keeps. */
  readonly storeMax?: number;
}

/**
 * The given keys, those an earlier run made, or new ones: key and id survive a
 * restart.
 */
export async function readNodeKeys(
  values: ValuesOf<typeof PSK_OPTIONS> & {
    readonly identity?: string;
    readonly congestion?: CongestionAlgorithm;
    readonly direct?: DirectMode;
    readonly limitRate?: number;
    readonly limitRateSession?: number;
    readonly storeMax?: number;
    readonly trustParent?: boolean;
  },
  context: Context,
): Promise<NodeKeys> {
  const { insecurePermissions } = values;
  const { log } = context;
  const given = resolveKeys(await readSources(values, context));
  return await inStage("setup", async () => {
    const path = given.identity?.value ?? await defaultIdentity(log, values);
    const identity = await loadIdentity(path, { insecurePermissions });
    const { bytes, file } = await readPsk(
      given.psk?.value ?? await keptPsk(path, log, values),
      insecurePermissions,
    );
    return {
      identity,
      keyringFile: keyringPath(path),
      congestion: given.congestion?.value,
      direct: given.direct?.value,
      limitRate: given.limitRate?.value,
      limitRateSession: given.limitRateSession?.value,
      storeMax: given.storeMax?.value,
      psk: file === undefined ? { bytes } : { bytes, file: resolve(file) },
    };
  });
}

/**
 * Where the identity of a node is that was given none.
 *
 * @throws {UsageError} When there is no configuration directory.
 */
export function defaultIdentityPath(): string {
  const dir = configDir();
  if (dir === undefined) {
    throw new UsageError(
      "there is no configuration directory for an identity",
      { hint: "give --identity and --psk-file, or set HOME" },
    );
  }
  return join(dir, "identities", "node.toml");
}

/** The path of the identity of an earlier run, or of a new one. */
async function defaultIdentity(
  log: Log,
  { trustParent }: ParentTrust,
): Promise<string> {
  const path = defaultIdentityPath();
  if (lookAt(path) !== undefined) return path;
  try {
    await writeIdentity(path, generateIdentity(), { trustParent });
    log.info("made an identity", { path });
  } catch (error) {
    // Another process may have been faster.
    if (error instanceof ConfigError && lookAt(path) !== undefined) return path;
    throw error instanceof IoError
      ? withHint(
        error,
        "give --identity and --psk-file, or set HOME to a directory that can be written",
      )
      : error;
  }
  return path;
}

/** The file of the key that an earlier run made, or of a new one. */
async function keptPsk(
  identityPath: string,
  log: Log,
  { trustParent }: ParentTrust,
): Promise<{ file: string }> {
  const name = basename(identityPath).replace(/\.toml$/, "");
  const file = resolve(dirname(identityPath), `${name}.psk`);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const text = `${toHex(key)}\n`;
  key.fill(0);
  const made = await writeWholeFile(file, text, {
    what: "PSK file",
    mode: 0o600,
    replace: false,
    trustParent,
  });
  if (made) log.info("made a pre-shared key", { path: file });
  return { file };
}
