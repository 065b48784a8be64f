import { toHex } from "../text/hex.ts";

/**
 * Sixteen random hex digits, for names nobody can foresee.
 *
 * @returns The digits, lower case.
 */
export function randomToken(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(8)));
}
