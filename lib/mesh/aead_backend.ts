/**
 * Chooses what seals packets and agrees on keys on this machine.
 *
 * libsodium costs little per call, the runtime's own cipher little per byte, so
 * packets shorter than {@linkcode LARGE_PACKET} go to the one and longer ones to
 * the other, where the runtime has it. Both are the same algorithm: the peer
 * cannot tell. Keys are agreed on by the runtime's X25519, if it has one that
 * multiplies rightly, else by one in plain JavaScript.
 */

import {
  type Aead,
  type CryptoProvider,
  KEY_LENGTH,
  NONCE_LENGTH,
  pureX25519,
  writeNonce,
} from "../wire/mod.ts";
import { passesSelfTest, type RawAead } from "./raw_aead.ts";

/**
 * The runtime's cipher is faster from about 1800 bytes (opening) or 3100
 * (sealing) on, Deno 2.9.
 */
const LARGE_PACKET = 2048;
/** Handshakes in a second with plain JavaScript, which take about 5 ms each. */
const PURE_HANDSHAKES = 100;
/**
 * Handshakes in a second with the runtime's X25519 on a fast machine, which take
 * 0.5 ms each: four products and as much again for the rest.
 */
const NATIVE_HANDSHAKES_MAX = 1000;
/** Milliseconds of a second that they may take, on a machine of whatever speed. */
const HANDSHAKES_MS = 500;
/** What one takes, as a multiple of a product. */
const HANDSHAKE_PRODUCTS = 8;

/**
 * One key with its nonce buffer, over the implementations for short and for
 * long packets.
 */
export class ChaCha20Poly1305 implements Aead {
  readonly #key: Uint8Array;
  readonly #nonce = new Uint8Array(NONCE_LENGTH);

  constructor(
    private readonly small: RawAead,
    private readonly large: RawAead,
    key: Uint8Array,
  ) {
    if (key.length !== KEY_LENGTH) {
      throw new RangeError(
        `Cannot use a key of ${key.length} bytes: it must have ${KEY_LENGTH}`,
      );
    }
    this.#key = key.slice();
  }

  seal(
    counter: number,
    aad: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
  ): void {
    writeNonce(this.#nonce, counter, true);
    const raw = plaintext.length < LARGE_PACKET ? this.small : this.large;
    raw.seal(this.#key, this.#nonce, aad, plaintext, out);
  }

  open(
    counter: number,
    aad: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined {
    writeNonce(this.#nonce, counter, true);
    const raw = sealed.length < LARGE_PACKET ? this.small : this.large;
    return raw.open(this.#key, this.#nonce, aad, sealed);
  }

  erase(): void {
    this.#key.fill(0);
    this.small.forget?.();
    this.large.forget?.();
  }
}

/** What seals packets, short and long ones. */
export interface CipherNames {
  readonly short: string;
  readonly long: string;
}

interface Backend {
  readonly provider: CryptoProvider;
  readonly names: CipherNames;
}

/**
 * Handshakes that a machine may try in a second, by what a product takes it; no
 * fewer than with plain JavaScript, as one that is busy at the start measures
 * more than it takes.
 */
export function nativeHandshakes(productMs: number): number {
  const count = HANDSHAKES_MS / (HANDSHAKE_PRODUCTS * productMs);
  return Math.round(
    Math.min(NATIVE_HANDSHAKES_MAX, Math.max(PURE_HANDSHAKES, count)),
  );
}

async function load(): Promise<Backend> {
  const [
    { loadSodiumAead },
    { nodeAead },
    { multipliesRightly, nodeX25519, productMs },
  ] = await Promise.all([
    import("./aead_sodium.ts"),
    import("./aead_node.ts"),
    import("./x25519_node.ts"),
  ]);
  const small = await loadSodiumAead();
  const large = passesSelfTest(nodeAead) ? nodeAead : small;
  if (!passesSelfTest(small)) {
    throw new Error("Cannot seal packets: libsodium fails RFC 8439 §2.8.2");
  }
  const native = multipliesRightly(nodeX25519);
  const handshakesPerSecond = native
    ? nativeHandshakes(productMs(nodeX25519))
    : PURE_HANDSHAKES;
  return {
    provider: {
      x25519: native ? nodeX25519 : pureX25519,
      handshakesPerSecond,
      chacha20Poly1305: (key) => new ChaCha20Poly1305(small, large, key),
      randomBytes(target) {
        // WebCrypto wants a view of an ordinary buffer; ours never is another.
        return crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);
      },
    },
    names: {
      short: "libsodium",
      long: large === small ? "libsodium" : "node:crypto",
    },
  };
}

let backend: Promise<Backend> | undefined;

/**
 * Loaded at the first call and kept. AES-256-GCM is slower than ChaCha20
 * through `node:crypto`.
 */
export async function cryptoProvider(): Promise<CryptoProvider> {
  backend ??= load();
  return (await backend).provider;
}

/** What seals packets on this machine. */
export async function cipherNames(): Promise<CipherNames> {
  backend ??= load();
  return (await backend).names;
}
