import { keyedBlake2s } from "../wire/mod.ts";

const encoder = new TextEncoder();
const NODE_LABEL = encoder.encode("net-transfer-node-id-v1");
const OPERATOR_LABEL = encoder.encode("net-origin-v1");

/** First 8 bytes, little-endian, of BLAKE2s-256 keyed with `label`. */
function shortId(label: Uint8Array, publicKey: Uint8Array): bigint {
  const hash = keyedBlake2s(label, 32, publicKey);
  return new DataView(hash.buffer).getBigUint64(0, true);
}

/**
 * The id of the node with a key.
 *
 * @param x25519PublicKey 32 bytes.
 * @returns 64 bits, unsigned.
 */
export function nodeIdOf(x25519PublicKey: Uint8Array): bigint {
  return shortId(NODE_LABEL, x25519PublicKey);
}

/** The id of the operator with an ed25519 key, the same as in the reference tool. */
export function operatorIdOf(ed25519PublicKey: Uint8Array): bigint {
  return shortId(OPERATOR_LABEL, ed25519PublicKey);
}

/** Writes an id as `0x` and 16 lower-case hex digits. */
export function formatIdHex(id: bigint): string {
  return `0x${id.toString(16).padStart(16, "0")}`;
}
