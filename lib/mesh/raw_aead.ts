import { equals } from "@std/bytes/equals";
import { fromHex } from "../text/hex.ts";
import { TAG_LENGTH } from "../wire/mod.ts";

/** ChaCha20-Poly1305 (RFC 8439 §2.8) as a pair of functions. */
export interface RawAead {
  /** Seals; `plaintext` may be the first bytes of `out`, 16 bytes longer. */
  seal(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
  ): void;
  /** Opens; the result is memory of its own, `undefined` for a forgery. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
  /** Overwrites what it has of the key of the last call, where it keeps any. */
  forget?(): void;
}

/** The example of RFC 8439 §2.8.2. */
const EXAMPLE = {
  key: fromHex(
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
  ),
  nonce: fromHex("070000004041424344454647"),
  aad: fromHex("50515253c0c1c2c3c4c5c6c7"),
  plaintext: new TextEncoder().encode(
    "Ladies and Gentlemen of the class of '99: If I could offer you only " +
      "one tip for the future, sunscreen would be it.",
  ),
  sealed: fromHex(
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6" +
      "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36" +
      "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116" +
      "1ae10b594f09e26a7e902ecbd0600691",
  ),
};

/**
 * Whether it seals the example of the RFC in place, opens it, and refuses
 * forgeries of it.
 */
export function passesSelfTest(aead: RawAead): boolean {
  const { key, nonce, aad, plaintext, sealed } = EXAMPLE;
  const out = new Uint8Array(sealed.length);
  out.set(plaintext);
  const forged = sealed.slice();
  forged[0] ^= 1;
  const stub = sealed.subarray(0, TAG_LENGTH - 1);
  try {
    aead.seal(key, nonce, aad, out.subarray(0, plaintext.length), out);
    const opened = aead.open(key, nonce, aad, sealed);
    return equals(out, sealed) &&
      opened !== undefined && equals(opened, plaintext) &&
      aead.open(key, nonce, aad, forged) === undefined &&
      aead.open(key, nonce, aad, stub) === undefined;
  } catch {
    return false;
  }
}
