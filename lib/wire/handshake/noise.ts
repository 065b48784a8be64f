/**
 * `Noise_IKpsk1_25519_ChaChaPoly_BLAKE2s` of the Noise Protocol Framework,
 * revision 34: the messages of the pattern and what each token does. Ephemeral
 * keys come from the caller; there is no randomness here.
 */

import { concat } from "@std/bytes/concat";
import { type AeadFactory, TAG_LENGTH, type X25519 } from "../packet/aead.ts";
import { SymmetricState } from "./noise_symmetric_state.ts";
import { BASE_POINT, pureX25519 } from "./x25519.ts";

export const DH_LENGTH = 32;
/** Bytes of message 1 besides its payload: e, sealed s, tag of the payload. */
const MESSAGE_1_OVERHEAD: number = DH_LENGTH + DH_LENGTH +
  2 * TAG_LENGTH;
/** Bytes of message 2 besides its payload: e, tag of the payload. */
const MESSAGE_2_OVERHEAD: number = DH_LENGTH + TAG_LENGTH;

const EMPTY = new Uint8Array(0);

export interface DhKeyPair {
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
}

/** The two keys a handshake ends with, seen from one side. */
interface NoiseKeys {
  /** Seals what this side sends. */
  readonly send: Uint8Array;
  /** Opens what this side receives. */
  readonly receive: Uint8Array;
}

/**
 * The key pair of an X25519 secret.
 *
 * @param secret 32 random bytes; clamped as RFC 7748 §5 says where used.
 */
export function dhKeyPair(
  secret: Uint8Array,
  x25519: X25519 = pureX25519,
): DhKeyPair {
  const point = x25519(secret, BASE_POINT);
  if (point === undefined) throw new Error("Cannot multiply the base point");
  return { secret, public: point };
}

/** What both sides of a handshake start from. */
export interface NoiseOptions {
  readonly aead: AeadFactory;
  readonly x25519: X25519;
  /** Context both sides must agree on. */
  readonly prologue: Uint8Array;
  readonly psk: Uint8Array;
  readonly staticKeys: DhKeyPair;
  /** This handshake's own secret: 32 fresh random bytes. */
  readonly ephemeralSecret: Uint8Array;
}

/** `s` and `psk` of wrong lengths are mistakes of ours, not of a peer. */
function checkLengths(options: NoiseOptions): void {
  for (
    const [name, bytes] of [
      ["pre-shared key", options.psk],
      ["static secret", options.staticKeys.secret],
      ["static public key", options.staticKeys.public],
      ["ephemeral secret", options.ephemeralSecret],
    ] as const
  ) {
    if (bytes.length !== 32) {
      throw new RangeError(
        `Cannot start a handshake: the ${name} has ${bytes.length} bytes, not 32`,
      );
    }
  }
}

/** The initiator's side: writes message 1, reads message 2. */
export class NoiseInitiator {
  readonly #options: NoiseOptions;
  readonly #remoteStatic: Uint8Array;
  readonly #ephemeral: DhKeyPair;
  #state: SymmetricState;

  /** Starts a handshake with the owner of `remoteStatic` (32 bytes). */
  constructor(options: NoiseOptions, remoteStatic: Uint8Array) {
    checkLengths(options);
    this.#options = options;
    this.#remoteStatic = remoteStatic;
    this.#ephemeral = dhKeyPair(options.ephemeralSecret, options.x25519);
    this.#state = new SymmetricState(options.aead, options.prologue);
    this.#state.mixHash(remoteStatic);
  }

  /** h: the channel binding once message 2 has been read. */
  get handshakeHash(): Uint8Array {
    return this.#state.hash.slice();
  }

  /**
   * Message 1: `e, es, s, ss, psk` and the payload.
   *
   * @throws {RangeError} When the remote static key is no usable X25519 key.
   */
  writeMessage(payload: Uint8Array): Uint8Array {
    const { staticKeys, psk, x25519 } = this.#options;
    const es = x25519(this.#ephemeral.secret, this.#remoteStatic);
    const ss = x25519(staticKeys.secret, this.#remoteStatic);
    if (es === undefined || ss === undefined) {
      eraseAll(es, ss);
      throw new RangeError(
        "the responder's public key is not a usable X25519 key",
      );
    }
    const state = this.#state;
    mixEphemeral(state, this.#ephemeral.public);
    mixSecret(state, es);
    const sealedStatic = state.encryptAndHash(staticKeys.public);
    mixSecret(state, ss);
    state.mixKeyAndHash(psk);
    const sealedPayload = state.encryptAndHash(payload);
    return concat([this.#ephemeral.public, sealedStatic, sealedPayload]);
  }

  /**
   * Message 2: `e, ee, se` and the payload.
   *
   * @returns The payload; `undefined` for a forgery, after which the true
   * message can still be read.
   */
  readMessage(message: Uint8Array): Uint8Array | undefined {
    if (message.length < MESSAGE_2_OVERHEAD) return undefined;
    const remote = message.slice(0, DH_LENGTH);
    const { staticKeys, x25519 } = this.#options;
    const ee = x25519(this.#ephemeral.secret, remote);
    const se = x25519(staticKeys.secret, remote);
    if (ee === undefined || se === undefined) {
      eraseAll(ee, se);
      return undefined;
    }
    const state = this.#state.clone();
    mixEphemeral(state, remote);
    mixSecret(state, ee);
    mixSecret(state, se);
    const payload = state.decryptAndHash(message.subarray(DH_LENGTH));
    if (payload === undefined) {
      state.erase();
    } else {
      this.#state.erase();
      this.#state = state;
    }
    return payload;
  }

  /** Overwrites all keys of this handshake, whether it is over or given up. */
  erase(): void {
    this.#ephemeral.secret.fill(0);
    this.#state.erase();
  }

  /** Split(), once message 2 has been read. */
  split(): NoiseKeys {
    const [send, receive] = this.#state.split();
    return { send, receive };
  }
}

/** The responder's side: reads message 1, writes message 2. */
export class NoiseResponder {
  readonly #options: NoiseOptions;
  readonly #state: SymmetricState;
  #remoteEphemeral: Uint8Array = EMPTY;
  #payload: Uint8Array = EMPTY;
  /** The initiator's static public key, once it has been read. */
  remoteStatic: Uint8Array = EMPTY;

  constructor(options: NoiseOptions) {
    checkLengths(options);
    this.#options = options;
    this.#state = new SymmetricState(options.aead, options.prologue);
    this.#state.mixHash(options.staticKeys.public);
  }

  /** h: the channel binding once message 2 has been written. */
  get handshakeHash(): Uint8Array {
    return this.#state.hash.slice();
  }

  /**
   * Message 1: `e, es, s, ss, psk` and the payload.
   *
   * @returns The payload; `undefined` for a forgery, after which this object
   * is of no more use.
   */
  readMessage(message: Uint8Array): Uint8Array | undefined {
    return this.readStatic(message) && this.readPayload();
  }

  /**
   * The first part of message 1, `e, es, s`: whose key it claims to be from.
   *
   * @returns `undefined` for a forgery. Who knows the responder's public key can
   * claim any; {@linkcode readPayload} has the proof.
   */
  readStatic(message: Uint8Array): Uint8Array | undefined {
    if (message.length < MESSAGE_1_OVERHEAD) return undefined;
    const { staticKeys, x25519 } = this.#options;
    const state = this.#state;
    const endOfStatic = 2 * DH_LENGTH + TAG_LENGTH;
    const remoteEphemeral = message.slice(0, DH_LENGTH);
    const es = x25519(staticKeys.secret, remoteEphemeral);
    if (es === undefined) return undefined;
    mixEphemeral(state, remoteEphemeral);
    mixSecret(state, es);
    const remoteStatic = state.decryptAndHash(
      message.subarray(DH_LENGTH, endOfStatic),
    );
    if (remoteStatic === undefined) return undefined;
    this.#remoteEphemeral = remoteEphemeral;
    this.#payload = message.subarray(endOfStatic);
    return this.remoteStatic = remoteStatic;
  }

  /**
   * The rest of message 1, `ss, psk` and the payload, after
   * {@linkcode readStatic}.
   *
   * @returns The payload; `undefined` for a forgery, after which this object
   * is of no more use.
   */
  readPayload(): Uint8Array | undefined {
    const { staticKeys, psk, x25519 } = this.#options;
    const state = this.#state;
    const ss = x25519(staticKeys.secret, this.remoteStatic);
    if (ss === undefined) return undefined;
    mixSecret(state, ss);
    state.mixKeyAndHash(psk);
    return state.decryptAndHash(this.#payload);
  }

  /** Message 2: `e, ee, se` and the payload; message 1 has been read before. */
  writeMessage(payload: Uint8Array): Uint8Array {
    const { ephemeralSecret, x25519 } = this.#options;
    const ephemeral = dhKeyPair(ephemeralSecret, x25519);
    const ee = x25519(ephemeral.secret, this.#remoteEphemeral);
    const se = x25519(ephemeral.secret, this.remoteStatic);
    if (ee === undefined || se === undefined) {
      eraseAll(ee, se);
      throw new Error("Cannot write message 2: message 1 has not been read");
    }
    const state = this.#state;
    mixEphemeral(state, ephemeral.public);
    mixSecret(state, ee);
    mixSecret(state, se);
    return concat([ephemeral.public, state.encryptAndHash(payload)]);
  }

  /** Overwrites all keys of this handshake, whether it is over or given up. */
  erase(): void {
    this.#options.ephemeralSecret.fill(0);
    this.#state.erase();
  }

  /** Split(), once message 2 has been written. */
  split(): NoiseKeys {
    const [receive, send] = this.#state.split();
    return { send, receive };
  }
}

/** The `e` token of a PSK pattern (Noise §9.2): hashed and mixed into the key. */
function mixEphemeral(state: SymmetricState, key: Uint8Array): void {
  state.mixHash(key);
  state.mixKey(key);
}

function eraseAll(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** Mixes a product into the key, and leaves no copy of it. */
function mixSecret(state: SymmetricState, product: Uint8Array): void {
  state.mixKey(product);
  product.fill(0);
}
