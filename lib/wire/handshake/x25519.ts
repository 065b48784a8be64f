import { x25519 } from "@noble/curves/ed25519";

/** The base point (RFC 7748 §4.1): its product with a secret is the public key. */
export const BASE_POINT: Uint8Array = x25519.GuBytes;

/** X25519 in plain JavaScript: works everywhere, in about a millisecond. */
export function pureX25519(
  secret: Uint8Array,
  point: Uint8Array,
): Uint8Array | undefined {
  try {
    // The plain ladder: getPublicKey would first spend 50 ms on a base table.
    return x25519.scalarMult(secret, point);
  } catch {
    return undefined;
  }
}
