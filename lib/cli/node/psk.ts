/**
 * The pre-shared key: from a flag, the environment or a profile, never printed.
 *
 * @module
 */

import { ConfigError, UsageError } from "../../errors.ts";
import { PSK_FILE_MAX } from "../../limits.ts";
import {
  flag,
  optional,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import {
  FILE,
  parseHex32,
  SECRET_HEX32,
} from "../framework/options/value_kind.ts";
import { readSmallFile, requirePrivate } from "../read_file.ts";
import type { Profile } from "./config.ts";

/** The options that give the key. */
export const PSK_OPTIONS = {
  pskHex: optional("psk-hex", SECRET_HEX32, {
    env: "NET_MESH_PSK_HEX",
    conflicts: ["psk-file"],
    help: "Pre-shared key; a command line can be seen by others, prefer a file",
  }),
  pskFile: optional("psk-file", FILE, {
    env: "NET_MESH_PSK_FILE",
    conflicts: ["psk-hex"],
    help: "File with the pre-shared key: 64 hex digits or 32 raw bytes",
  }),
  insecurePermissions: flag("insecure-permissions", {
    help: "Accept files with secrets that others can read",
  }),
} satisfies OptionTable;

/** A key and where it came from. */
export interface Psk {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** The file that holds it, if one does. */
  readonly file?: string;
}

/**
 * Reads a key of a file: exactly 32 raw bytes, or 64 hex digits.
 *
 * @throws {PermissionError} When others can read it and `insecure` is not set.
 * @throws {ConfigError} When it holds no key.
 */
export async function readPskFile(
  path: string,
  insecure: boolean,
): Promise<Uint8Array> {
  const what = "PSK file";
  const { bytes, mode } = await readSmallFile(path, {
    what,
    max: PSK_FILE_MAX,
  });
  if (!insecure) requirePrivate(path, what, mode);
  if (bytes.length === 32) return bytes;
  try {
    return parseHex32(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `the PSK file '${path}' holds no key: ${error.message}`,
      { hint: "make one with: openssl rand -hex 32", fields: { path } },
    );
  }
}

/**
 * Finds the key: the command line first, then the environment (both are in
 * `values`), then the profile.
 *
 * @returns The key, or `undefined` when none is given anywhere.
 * @throws {TransferError} When it is given and cannot be used.
 */
export async function resolvePsk(
  values: ValuesOf<typeof PSK_OPTIONS>,
  profile: Profile,
): Promise<Psk | undefined> {
  const insecure = values.insecurePermissions;
  if (values.pskHex !== undefined) return { bytes: values.pskHex };
  if (values.pskFile !== undefined) {
    const bytes = await readPskFile(values.pskFile, insecure);
    return { bytes, file: values.pskFile };
  }
  if (profile.pskHex !== undefined && profile.pskFile !== undefined) {
    throw new UsageError(
      `profile '${profile.name}' sets both psk_hex and psk_file`,
      { hint: "keep one of them" },
    );
  }
  if (profile.pskHex !== undefined) {
    try {
      return { bytes: parseHex32(profile.pskHex) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(
        `psk_hex of profile '${profile.name}': ${error.message}`,
      );
    }
  }
  if (profile.pskFile === undefined) return undefined;
  const bytes = await readPskFile(profile.pskFile, insecure);
  return { bytes, file: profile.pskFile };
}
