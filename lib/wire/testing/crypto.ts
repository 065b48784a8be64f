/** A crypto provider for tests: libsodium, with repeatable randomness. */

import { blake2s } from "@noble/hashes/blake2";
import sodium from "libsodium-wrappers";
import {
  type Aead,
  type CryptoProvider,
  NONCE_LENGTH,
  writeNonce,
} from "../packet/aead.ts";
import { pureX25519 } from "../handshake/x25519.ts";

await sodium.ready;
const {
  crypto_aead_chacha20poly1305_ietf_encrypt: encrypt,
  crypto_aead_chacha20poly1305_ietf_decrypt: decrypt,
} = sodium;

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_LENGTH);
  writeNonce(nonce, counter, true);
  return nonce;
}

function chacha20Poly1305(key: Uint8Array): Aead {
  const own = key.slice();
  return {
    seal(counter, aad, plaintext, out) {
      out.set(encrypt(plaintext, aad, null, nonceOf(counter), own));
    },
    open(counter, aad, sealed) {
      try {
        return decrypt(null, sealed, aad, nonceOf(counter), own);
      } catch {
        return undefined;
      }
    },
    erase() {
      own.fill(0);
    },
  };
}

/**
 * To the wire an AEAD is a name and a function: this one is the other with
 * other keys.
 */
function aes256Gcm(key: Uint8Array): Aead {
  return chacha20Poly1305(key.map((byte) => byte ^ 0xff));
}

/**
 * Makes a provider whose random bytes repeat from run to run.
 *
 * @param options `seed`: two providers of the same seed give the same bytes;
 * `aes`: whether this end also has AES-256-GCM.
 */
export function testProvider(
  options: { seed?: number; aes?: boolean } = {},
): CryptoProvider {
  const { seed = 0, aes = false } = options;
  let block = 0;
  return {
    x25519: pureX25519,
    handshakesPerSecond: 100,
    chacha20Poly1305,
    aes256Gcm: aes ? aes256Gcm : undefined,
    randomBytes(target) {
      for (let at = 0; at < target.length; at += 32) {
        const words = new Uint8Array(new Uint32Array([seed, block++]).buffer);
        target.set(blake2s(words).subarray(0, target.length - at), at);
      }
      return target;
    },
  };
}
