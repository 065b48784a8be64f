import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { equals } from "@std/bytes/equals";
import { fromHex } from "../text/hex.ts";
import type { X25519 } from "../wire/mod.ts";

/** What precedes the 32 bytes in PKCS #8 and in SPKI (RFC 8410 §7, §4), as DER. */
const PRIVATE_PREFIX = fromHex("302e020100300506032b656e04220420");
const PUBLIC_PREFIX = fromHex("302a300506032b656e032100");

/** The base point of the curve (RFC 7748 §4.1). */
const BASE_POINT = new Uint8Array(32).fill(9, 0, 1);

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([prefix, key]);
}

/** The runtime's own X25519: about fifteen times as fast as plain JavaScript. */
export const nodeX25519: X25519 = (secret, point) => {
  const encoded = der(PRIVATE_PREFIX, secret);
  const privateKey = createPrivateKey({
    key: encoded,
    format: "der",
    type: "pkcs8",
  });
  encoded.fill(0);
  // Multiples of the base point are in a table: a third of the time.
  if (equals(point, BASE_POINT)) return publicPart(privateKey);
  const publicKey = createPublicKey({
    key: der(PUBLIC_PREFIX, point),
    format: "der",
    type: "spki",
  });
  let shared: Uint8Array;
  try {
    const product = diffieHellman({ privateKey, publicKey });
    shared = Uint8Array.from(product);
    product.fill(0);
  } catch {
    // Deno 2.9 refuses a point of low order, Deno 2.4 multiplies it.
    return undefined;
  }
  return shared.every((byte) => byte === 0) ? undefined : shared;
};

function publicPart(privateKey: KeyObject): Uint8Array {
  // Node's own types leave a key out of what this takes.
  const key = createPublicKey(privateKey as unknown as KeyObject & string);
  const bytes = key.export({ format: "der", type: "spki" });
  return new Uint8Array(bytes).slice(PUBLIC_PREFIX.length);
}

/** Examples of RFC 7748 §5.2, the second of the base point. */
const EXAMPLES = [{
  secret: fromHex(
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
  ),
  point: fromHex(
    "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
  ),
  product: fromHex(
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  ),
}, {
  secret: BASE_POINT,
  point: BASE_POINT,
  product: fromHex(
    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
  ),
}];

/** Whether it multiplies the example of the RFC and refuses a point of low order. */
export function multipliesRightly(x25519: X25519): boolean {
  const isRight = ({ secret, point, product }: typeof EXAMPLES[number]) => {
    const result = x25519(secret, point);
    return result !== undefined && equals(result, product);
  };
  const { secret } = EXAMPLES[0];
  try {
    return EXAMPLES.every(isRight) &&
      x25519(secret, new Uint8Array(32)) === undefined;
  } catch {
    return false;
  }
}

/** Products of which the fastest counts: other programs only make them slower. */
const MEASURED = 5;

/** Milliseconds that a product takes on this machine. */
export function productMs(x25519: X25519): number {
  const { secret, point } = EXAMPLES[0];
  let fastest = Infinity;
  for (let i = 0; i < MEASURED; i++) {
    const start = performance.now();
    x25519(secret, point);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
