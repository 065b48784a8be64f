/**
 * The hashing and sealing state of a Noise handshake (Noise §5.1, §5.2) over
 * BLAKE2s and whatever AEAD it is given.
 */

import { blake2s, forgetDigest, HmacBlake2s } from "./blake2s.ts";
import { type Aead, type AeadFactory, TAG_LENGTH } from "../packet/aead.ts";

const PROTOCOL_NAME = new TextEncoder().encode(
  "Noise_IKpsk1_25519_ChaChaPoly_BLAKE2s",
);
const EMPTY = new Uint8Array(0);

/** The first `count` outputs of HKDF of Noise §4.3. */
function hkdf(
  chainingKey: Uint8Array,
  input: Uint8Array,
  count: number,
): Uint8Array[] {
  const chained = new HmacBlake2s(chainingKey);
  const key = chained.of(input);
  const temp = new HmacBlake2s(key);
  const outputs: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    const before = outputs.slice(-1);
    outputs.push(temp.of(...before, Uint8Array.of(i)));
  }
  chained.erase();
  temp.erase();
  key.fill(0);
  forgetDigest();
  return outputs;
}

/** SymmetricState of Noise §5.2, with its CipherState inside. */
export class SymmetricState {
  readonly #factory: AeadFactory;
  #chainingKey: Uint8Array;
  /** h, GetHandshakeHash() once the handshake is over; valid until the next call. */
  hash: Uint8Array;
  #aead: Aead | undefined;
  #counter = 0;

  /** InitializeSymmetric and MixHash(prologue). */
  constructor(factory: AeadFactory, prologue: Uint8Array) {
    this.#factory = factory;
    this.hash = blake2s(PROTOCOL_NAME);
    this.#chainingKey = this.hash.slice();
    this.mixHash(prologue);
  }

  /**
   * A copy that can be erased when a message turns out to be forged. It has no
   * cipher yet: each message begins with a key that is mixed in.
   */
  clone(): SymmetricState {
    const copy = new SymmetricState(this.#factory, EMPTY);
    copy.#chainingKey.set(this.#chainingKey);
    copy.hash.set(this.hash);
    return copy;
  }

  /** Overwrites all that it has: it is of no more use. */
  erase(): void {
    this.#chainingKey.fill(0);
    this.hash.fill(0);
    this.#aead?.erase();
  }

  mixHash(data: Uint8Array): void {
    const before = this.hash;
    this.hash = blake2s(before, data);
    before.fill(0);
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#chainingKey, input, 2);
    this.#chainingKey.fill(0);
    this.#chainingKey = chainingKey;
    this.#initializeKey(key);
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, hash, key] = hkdf(this.#chainingKey, input, 3);
    this.#chainingKey.fill(0);
    this.#chainingKey = chainingKey;
    this.mixHash(hash);
    hash.fill(0);
    this.#initializeKey(key);
  }

  /** EncryptAndHash(plaintext); a key has been mixed in before. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
    this.#cipher().seal(this.#counter++, this.hash, plaintext, sealed);
    this.mixHash(sealed);
    return sealed;
  }

  /** DecryptAndHash(sealed); `undefined` when not authentic. */
  decryptAndHash(sealed: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#cipher().open(this.#counter, this.hash, sealed);
    if (plaintext === undefined) return undefined;
    this.#counter++;
    this.mixHash(sealed);
    return plaintext;
  }

  /** Split(): the initiator's sending key, then the responder's. */
  split(): [Uint8Array, Uint8Array] {
    const [first, second] = hkdf(this.#chainingKey, EMPTY, 2);
    return [first, second];
  }

  #initializeKey(key: Uint8Array): void {
    this.#aead?.erase();
    this.#aead = this.#factory(key);
    key.fill(0);
    this.#counter = 0;
  }

  #cipher(): Aead {
    if (this.#aead === undefined) {
      throw new Error("Cannot seal or open: no key has been mixed in");
    }
    return this.#aead;
  }
}
