import { createCipheriv, createDecipheriv } from "node:crypto";
import { TAG_LENGTH } from "../wire/mod.ts";
import type { RawAead } from "./raw_aead.ts";

const CIPHER = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_LENGTH };

/**
 * The runtime's own: the fastest for large packets, at some 7 µs a call. Deno
 * 2.4 has none: it throws.
 */
export const nodeAead: RawAead = {
  seal(key, nonce, aad, plaintext, out): void {
    const length = plaintext.length;
    const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS);
    cipher.setAAD(aad, { plaintextLength: length });
    out.set(cipher.update(plaintext));
    cipher.final();
    out.set(cipher.getAuthTag(), length);
  },

  open(key, nonce, aad, sealed): Uint8Array | undefined {
    const length = sealed.length - TAG_LENGTH;
    if (length < 0) return undefined;
    const decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS);
    decipher.setAAD(aad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    // A plain Uint8Array: slice() of a Buffer would not copy.
    return new Uint8Array(
      plaintext.buffer,
      plaintext.byteOffset,
      plaintext.length,
    );
  },
};
