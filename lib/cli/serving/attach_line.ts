/**
 * The flags that another machine attaches with, ready to paste into a shell.
 */

import { toHex } from "../../text/hex.ts";

export interface AttachLine {
  readonly address: string;
  /** X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly nodeId: bigint;
  /** File with the pre-shared key; left out when the key is in no file. */
  readonly pskFile?: string;
}

/** Quotes a word for a POSIX shell, if it needs it. */
export function quoteShell(word: string): string {
  if (/^[A-Za-z0-9_/.,:@%+=~-]+$/.test(word) && !word.startsWith("~")) {
    return word;
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes the flags; the pre-shared key itself is never among them. */
export function attachLine(
  { address, publicKey, nodeId, pskFile }: AttachLine,
): string {
  const line = `--node-addr ${quoteShell(address)} --node-pubkey ${
    toHex(publicKey)
  } --node-id ${nodeId}`;
  return pskFile === undefined
    ? line
    : `${line} --psk-file ${quoteShell(pskFile)}`;
}
