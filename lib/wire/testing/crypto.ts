/**
 * A crypto provider for tests: libsodium and WebCrypto-free AES by node:crypto,
 * with repeatable randomness.
 *
 * @module
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { blake2s } from "@noble/hashes/blake2";
import sodium from "libsodium-wrappers";
import {
  type Aead,
  type CryptoProvider,
  NONCE_LENGTH,
  TAG_LENGTH,
  writeNonce,
} from "../packet/aead.ts";

await sodium.ready;

function nonceOf(counter: number, littleEndian: boolean): Uint8Array {
  const nonce = new Uint8Array(NONCE_LENGTH);
  writeNonce(nonce, counter, littleEndian);
  return nonce;
}

function chacha20Poly1305(key: Uint8Array): Aead {
  const own = key.slice();
  return {
    seal(counter, aad, plaintext, out) {
      out.set(sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        plaintext,
        aad,
        null,
        nonceOf(counter, true),
        own,
      ));
    },
    open(counter, aad, sealed) {
      try {
        return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          null,
          sealed,
          aad,
          nonceOf(counter, true),
          own,
        );
      } catch {
        return undefined;
      }
    },
  };
}

function aes256Gcm(key: Uint8Array): Aead {
  const own = key.slice();
  return {
    seal(counter, aad, plaintext, out) {
      const cipher = createCipheriv(
        "aes-256-gcm",
        own,
        nonceOf(counter, false),
      );
      cipher.setAAD(aad);
      out.set(cipher.update(plaintext));
      cipher.final();
      out.set(cipher.getAuthTag(), plaintext.length);
    },
    open(counter, aad, sealed) {
      const end = sealed.length - TAG_LENGTH;
      if (end < 0) return undefined;
      const decipher = createDecipheriv(
        "aes-256-gcm",
        own,
        nonceOf(counter, false),
      );
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(end));
      const plaintext = new Uint8Array(
        decipher.update(sealed.subarray(0, end)),
      );
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plaintext;
    },
  };
}

/** How a {@linkcode testProvider} differs from the ordinary. */
export interface TestProviderOptions {
  /** Two providers of the same seed give the same bytes. @default {0} */
  seed?: number;
  /** Whether this end also has AES-256-GCM. @default {false} */
  aes?: boolean;
}

/** Makes a provider whose random bytes repeat from run to run. */
export function testProvider(
  options: TestProviderOptions = {},
): CryptoProvider {
  const { seed = 0, aes = false } = options;
  let block = 0;
  return {
    chacha20Poly1305,
    ...(aes ? { aes256Gcm } : {}),
    randomBytes(target) {
      for (let at = 0; at < target.length; at += 32) {
        const words = new Uint8Array(new Uint32Array([seed, block++]).buffer);
        target.set(blake2s(words).subarray(0, target.length - at), at);
      }
      return target;
    },
  };
}
