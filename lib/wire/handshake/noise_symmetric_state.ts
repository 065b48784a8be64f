/**
 * The hashing and sealing state of a Noise handshake (Noise §5.1, §5.2) over
 * BLAKE2s and whatever AEAD it is given.
 */

import { blake2s, HmacBlake2s } from "./blake2s.ts";
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
  const key = new HmacBlake2s(chainingKey).of(input);
  const temp = new HmacBlake2s(key);
  const outputs: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    const before = outputs.slice(-1);
    outputs.push(temp.of(...before, Uint8Array.of(i)));
  }
  key.fill(0);
  return outputs;
}

/** SymmetricState of Noise §5.2, with its CipherState inside. */
export class SymmetricState {
  readonly #factory: AeadFactory;
  #chainingKey: Uint8Array;
  /** h, GetHandshakeHash() once the handshake is over. */
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

  /** A copy that can be thrown away when a message turns out to be forged. */
  clone(): SymmetricState {
    const copy = new SymmetricState(this.#factory, EMPTY);
    copy.#chainingKey = this.#chainingKey.slice();
    copy.hash = this.hash;
    copy.#aead = this.#aead;
    copy.#counter = this.#counter;
    return copy;
  }

  mixHash(data: Uint8Array): void {
    this.hash = blake2s(this.hash, data);
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

  /** Split(): the initiator's sending key, then the responder's. The state is over. */
  split(): [Uint8Array, Uint8Array] {
    const [first, second] = hkdf(this.#chainingKey, EMPTY, 2);
    this.#chainingKey.fill(0);
    return [first, second];
  }

  #initializeKey(key: Uint8Array): void {
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
