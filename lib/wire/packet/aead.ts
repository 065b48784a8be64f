/**
 * The one seam between the wire and whatever seals its packets fast: the wire
 * takes an {@linkcode AeadFactory} and knows nothing of libraries.
 */

/** Bytes an AEAD adds to a message. */
export const TAG_LENGTH = 16;

/** Bytes in a key of any AEAD here. */
export const KEY_LENGTH = 32;

/** Bytes in a nonce of any AEAD here. */
export const NONCE_LENGTH = 12;

/**
 * The counter that Noise reserves for REKEY (§4.2): 2^64 − 1. Written as −1
 * because that is what −1 is in 64-bit two's complement, so a backend that
 * encodes with {@linkcode writeNonce} needs no special case.
 */
export const REKEY_COUNTER = -1;

/**
 * Writes the 96-bit nonce of Noise §12: 32 zero bits, then the 64-bit counter.
 *
 * @param nonce 12 bytes whose first four are zero already.
 * @param counter A safe integer, or {@linkcode REKEY_COUNTER}.
 * @param littleEndian `true` for ChaCha20-Poly1305, `false` for AES-256-GCM.
 */
export function writeNonce(
  nonce: Uint8Array,
  counter: number,
  littleEndian: boolean,
): void {
  let low = counter >>> 0;
  let high = Math.floor(counter / 0x1_0000_0000) >>> 0;
  for (let i = 0; i < 4; i++) {
    nonce[littleEndian ? 4 + i : 11 - i] = low;
    nonce[littleEndian ? 8 + i : 7 - i] = high;
    low >>>= 8;
    high >>>= 8;
  }
}

/**
 * One AEAD key, with the nonce as a counter as in Noise §5.1: the 96-bit nonce
 * is 32 zero bits and the 64-bit counter, little-endian for ChaCha20-Poly1305
 * and big-endian for AES-256-GCM (Noise §12); see {@linkcode writeNonce}.
 */
export interface Aead {
  /**
   * Seals `plaintext` into `out`.
   *
   * @param counter The nonce, a safe integer never used twice with this key,
   * or {@linkcode REKEY_COUNTER}.
   * @param aad Associated data.
   * @param plaintext May be the first bytes of `out`.
   * @param out Exactly `plaintext.length + TAG_LENGTH` bytes.
   */
  seal(
    counter: number,
    aad: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
  ): void;
  /**
   * Opens `sealed`.
   *
   * @returns The plaintext in memory of its own that the caller may keep, or
   * `undefined` when it is not authentic.
   */
  open(
    counter: number,
    aad: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
  /** Overwrites the key: it seals and opens nothing from now on. */
  erase(): void;
}

/** Makes an {@linkcode Aead} of a 32-byte key. */
export type AeadFactory = (key: Uint8Array) => Aead;

/**
 * REKEY of Noise §4.2: the first 32 bytes of
 * ENCRYPT(k, 2^64 − 1, "", 32 zero bytes).
 *
 * @returns The next key.
 */
export function rekey(aead: AeadFactory, key: Uint8Array): Uint8Array {
  const out = new Uint8Array(KEY_LENGTH + TAG_LENGTH);
  const old = aead(key);
  old.seal(
    REKEY_COUNTER,
    new Uint8Array(0),
    out.subarray(0, KEY_LENGTH),
    out,
  );
  old.erase();
  const next = out.slice(0, KEY_LENGTH);
  out.fill(0);
  return next;
}

/** Names of the packet AEADs two ends can agree on. */
export type AeadName = "chacha20-poly1305" | "aes-256-gcm";

/**
 * X25519 (RFC 7748 §5): the product of a secret and a point, both 32 bytes.
 *
 * @returns `undefined` for a point of low order, whose product would be zeros.
 */
export type X25519 = (
  secret: Uint8Array,
  point: Uint8Array,
) => Uint8Array | undefined;

/** What the wire needs from its surroundings: sealing, keys and randomness. */
export interface CryptoProvider {
  readonly x25519: X25519;
  /**
   * Handshakes that a responder tries in one second at the very most, by what
   * four products cost: sessions need the processor, too.
   */
  readonly handshakesPerSecond: number;
  /** ChaCha20-Poly1305 (RFC 8439), always there: the handshake needs it. */
  readonly chacha20Poly1305: AeadFactory;
  /** AES-256-GCM, only where the machine has it fast. */
  readonly aes256Gcm?: AeadFactory;
  /** Fills `target` with secure random bytes and returns it. */
  randomBytes(target: Uint8Array): Uint8Array;
}
