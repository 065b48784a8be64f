import sodium from "libsodium-wrappers";
import { DATAGRAM_MAX } from "../limits.ts";
import { KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from "../wire/mod.ts";
import type { RawAead } from "./raw_aead.ts";

/**
 * Arguments are addresses in its memory and lengths, which are 64-bit as two
 * halves.
 */
interface SodiumModule {
  /** Its memory; another object after it has grown. */
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  /**
   * Sealed bytes and length out; message, its length, AAD, its length, no
   * secret nonce, nonce, key.
   */
  _crypto_aead_chacha20poly1305_ietf_encrypt: Call;
  /**
   * Message and length out; no secret nonce, sealed bytes, their length, AAD,
   * its length, nonce, key.
   */
  _crypto_aead_chacha20poly1305_ietf_decrypt: Call;
}

type Call = (...values: number[]) => number;

/** Longest associated data: a packet header or a handshake hash. */
const AAD_MAX = 64;
const MESSAGE_MAX = DATAGRAM_MAX + TAG_LENGTH;

function checkLength(what: string, length: number, max: number): void {
  if (length > max) {
    throw new RangeError(
      `Cannot seal or open: the ${what} has ${length} bytes, more than ${max}`,
    );
  }
}

/**
 * Loads libsodium in about 20 ms: on every runtime, and the fastest for small packets.
 * Works on buffers of its own, which the wrapper would allocate for each call.
 */
export async function loadSodiumAead(): Promise<RawAead> {
  await sodium.ready;
  // The wrapper exposes the compiled module without declaring it.
  const module = (sodium as unknown as { libsodium: SodiumModule }).libsodium;
  const key = module._malloc(KEY_LENGTH);
  const nonce = module._malloc(NONCE_LENGTH);
  const aad = module._malloc(AAD_MAX);
  const message = module._malloc(MESSAGE_MAX);

  const load = (
    keyBytes: Uint8Array,
    nonceBytes: Uint8Array,
    aadBytes: Uint8Array,
    messageBytes: Uint8Array,
  ): void => {
    checkLength("associated data", aadBytes.length, AAD_MAX);
    const heap = module.HEAPU8;
    heap.set(keyBytes, key);
    heap.set(nonceBytes, nonce);
    heap.set(aadBytes, aad);
    heap.set(messageBytes, message);
  };

  return {
    forget(): void {
      module.HEAPU8.fill(0, key, key + KEY_LENGTH);
    },

    seal(keyBytes, nonceBytes, aadBytes, plaintext, out): void {
      const length = plaintext.length;
      checkLength("plaintext", length, MESSAGE_MAX - TAG_LENGTH);
      load(keyBytes, nonceBytes, aadBytes, plaintext);
      module._crypto_aead_chacha20poly1305_ietf_encrypt(
        message,
        0,
        message,
        length,
        0,
        aad,
        aadBytes.length,
        0,
        0,
        nonce,
        key,
      );
      out.set(module.HEAPU8.subarray(message, message + length + TAG_LENGTH));
    },

    open(keyBytes, nonceBytes, aadBytes, sealed): Uint8Array | undefined {
      const length = sealed.length - TAG_LENGTH;
      if (length < 0) return undefined;
      checkLength("packet", sealed.length, MESSAGE_MAX);
      load(keyBytes, nonceBytes, aadBytes, sealed);
      const failed = module._crypto_aead_chacha20poly1305_ietf_decrypt(
        message,
        0,
        0,
        message,
        sealed.length,
        0,
        aad,
        aadBytes.length,
        0,
        nonce,
        key,
      );
      if (failed !== 0) return undefined;
      return module.HEAPU8.slice(message, message + length);
    },
  };
}
