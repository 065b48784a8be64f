/**
 * CPace with X25519 and SHA-512 (draft-irtf-cfrg-cpace), in its mode for an
 * initiator and a responder, and its key confirmation.
 *
 * Two ends that know the same short secret get the same key; one that guesses
 * learns of each exchange whether that one guess was right, and nothing else.
 * Pure: randomness is passed in.
 */

import { equals } from "@std/bytes/equals";
import { concat } from "@std/bytes/concat";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { ed25519, x25519 } from "@noble/curves/ed25519";
import { hkdf } from "@noble/hashes/hkdf";
import { hmac } from "@noble/hashes/hmac";
import { sha512 } from "@noble/hashes/sha2";
import { ProtocolError } from "../errors.ts";

/** Length of a share and of a scalar, in bytes. */
export const SHARE_LENGTH = 32;
/** Length of a confirmation tag, in bytes. */
export const TAG_LENGTH = 64;
/** Length of the key for what follows, in bytes. */
const KEY_LENGTH = 32;

const utf8 = (text: string) => new TextEncoder().encode(text);

const DSI = utf8("CPace255");
const DSI_ISK = utf8("CPace255_ISK");
const MAC_LABEL = utf8("CPaceMac");
/** Block of SHA-512, in bytes: the secret is padded to fill the first one. */
const HASH_BLOCK = 128;

const NEUTRAL = new Uint8Array(SHARE_LENGTH);

/** What both ends must have alike. */
export interface CpaceInputs {
  /** The short secret (PRS). */
  readonly secret: Uint8Array;
  /** Who the two are, the initiator first, and what they are about (CI). */
  readonly channel: Uint8Array;
  /** Names this exchange alone (sid). */
  readonly sessionId: Uint8Array;
}

/** What an end sends: its share, and data that is authenticated with it. */
export interface CpaceMessage {
  /** X25519 point, 32 bytes. */
  readonly share: Uint8Array;
  /** Associated data. */
  readonly data: Uint8Array;
}

/** An element with its length before it (LEB128), for each of them. */
export function lengthValues(...elements: readonly Uint8Array[]): Uint8Array {
  const parts = elements.flatMap((element) => {
    const length: number[] = [];
    let left = element.length;
    do {
      length.push(left > 127 ? left & 127 | 128 : left);
      left >>>= 7;
    } while (left > 0);
    return [Uint8Array.from(length), element];
  });
  return concat(parts);
}

/** The string that a generator is made of; it holds the secret. */
export function generatorString(
  { secret, channel, sessionId }: CpaceInputs,
): Uint8Array {
  const before = lengthValues(DSI, secret).length;
  const padding = new Uint8Array(Math.max(0, HASH_BLOCK - 1 - before));
  return lengthValues(DSI, secret, padding, channel, sessionId);
}

/** Reads a coordinate; the highest bit does not count (RFC 7748 §5). */
function decodeCoordinate(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) {
    value = value << 8n | BigInt(bytes[i]);
  }
  return value & (1n << 255n) - 1n;
}

function encodeCoordinate(value: bigint): Uint8Array {
  const bytes = new Uint8Array(SHARE_LENGTH);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number(value >> BigInt(8 * i) & 255n);
  }
  return bytes;
}

/** Maps a field element to a point of Curve25519 (RFC 9380 §6.7.1), Z = 2. */
function elligator2(element: bigint): bigint {
  const { Fp } = ed25519.Point;
  const r = Fp.create(element);
  const A = 486_662n;
  // 1 + 2r² is never 0: -1/2 is no square.
  const v = Fp.mul(
    Fp.neg(A),
    Fp.inv(Fp.add(Fp.ONE, Fp.mul(2n, Fp.sqr(r)))),
  );
  // v³ + Av² + v, whose Legendre symbol tells which of two is on the curve.
  const right = Fp.mul(v, Fp.add(Fp.mul(v, Fp.add(v, A)), Fp.ONE));
  const symbol = Fp.pow(right, (Fp.ORDER - 1n) / 2n);
  const half = Fp.mul(A, Fp.inv(2n));
  return Fp.sub(
    Fp.mul(symbol, v),
    Fp.mul(Fp.sub(Fp.ONE, symbol), half),
  );
}

/** The point that stands for the secret in this exchange. */
export function calculateGenerator(inputs: CpaceInputs): Uint8Array {
  const string = generatorString(inputs);
  const hash = sha512(string).subarray(0, SHARE_LENGTH);
  const generator = encodeCoordinate(elligator2(decodeCoordinate(hash)));
  string.fill(0);
  hash.fill(0);
  return generator;
}

/**
 * X25519, checked.
 *
 * @returns `undefined` for a point of low order: what comes of it is known
 * without any secret.
 */
export function scalarMultiply(
  scalar: Uint8Array,
  point: Uint8Array,
): Uint8Array | undefined {
  let product: Uint8Array;
  try {
    product = x25519.scalarMult(scalar, point);
  } catch {
    // The package throws where the draft says to look for the neutral element.
    return undefined;
  }
  return equals(product, NEUTRAL) ? undefined : product;
}

/** The session key of the draft (ISK), 64 bytes. */
export function sessionKey(
  sessionId: Uint8Array,
  product: Uint8Array,
  initiator: CpaceMessage,
  responder: CpaceMessage,
): Uint8Array {
  const secret = lengthValues(DSI_ISK, sessionId, product);
  const string = concat([
    secret,
    lengthValues(initiator.share, initiator.data),
    lengthValues(responder.share, responder.data),
  ]);
  const key = sha512(string);
  secret.fill(0);
  string.fill(0);
  return key;
}

/** What an exchange comes to, the same at both ends if they had the same secret. */
export class CpaceKeys implements Disposable {
  /** Shows the peer that this end has the key, 64 bytes. */
  readonly tag: Uint8Array;
  /** Seals what follows, 32 bytes. */
  readonly sealKey: Uint8Array;
  readonly #peerTag: Uint8Array;

  constructor(
    sessionId: Uint8Array,
    isk: Uint8Array,
    own: CpaceMessage,
    peer: CpaceMessage,
  ) {
    const macKey = sha512(concat([MAC_LABEL, sessionId, isk]));
    const tagOf = ({ share, data }: CpaceMessage) =>
      hmac(sha512, macKey, lengthValues(share, data));
    this.tag = tagOf(own);
    this.#peerTag = tagOf(peer);
    this.sealKey = hkdf(
      sha512,
      isk,
      sessionId,
      utf8("net-transfer meeting: what is sealed"),
      KEY_LENGTH,
    );
    macKey.fill(0);
  }

  /** Whether the peer has the key, by the tag that it sent. */
  confirms(tag: Uint8Array): boolean {
    return tag.length === TAG_LENGTH && timingSafeEqual(tag, this.#peerTag);
  }

  /** Overwrites all of it. */
  [Symbol.dispose](): void {
    this.tag.fill(0);
    this.#peerTag.fill(0);
    this.sealKey.fill(0);
  }
}

/** One end of an exchange, which can be finished once. */
export class CpaceExchange implements Disposable {
  /** To be sent to the peer. */
  readonly message: CpaceMessage;
  readonly #role: "initiator" | "responder";
  readonly #sessionId: Uint8Array;
  readonly #scalar: Uint8Array;
  #isOver = false;

  /**
   * Begins.
   *
   * @param scalar 32 random bytes, of this exchange alone; taken over.
   * @param data Authenticated with the share.
   */
  constructor(
    role: "initiator" | "responder",
    inputs: CpaceInputs,
    scalar: Uint8Array,
    data: Uint8Array,
  ) {
    const generator = calculateGenerator(inputs);
    const share = scalarMultiply(scalar, generator);
    generator.fill(0);
    if (share === undefined) {
      throw new RangeError("the generator is of low order");
    }
    this.message = { share, data };
    this.#role = role;
    this.#sessionId = inputs.sessionId.slice();
    this.#scalar = scalar;
  }

  /**
   * Makes the keys; the scalar is overwritten.
   *
   * @throws {ProtocolError} When the peer sent no share that could be one.
   */
  finish(peer: CpaceMessage): CpaceKeys {
    if (this.#isOver) throw new RangeError("the exchange is over");
    const product = peer.share.length === SHARE_LENGTH
      ? scalarMultiply(this.#scalar, peer.share)
      : undefined;
    this[Symbol.dispose]();
    if (product === undefined) {
      throw new ProtocolError(
        "the peer sent a point that nobody makes who keeps to the exchange",
      );
    }
    const own = this.message;
    const [initiator, responder] = this.#role === "initiator"
      ? [own, peer]
      : [peer, own];
    const isk = sessionKey(this.#sessionId, product, initiator, responder);
    product.fill(0);
    const keys = new CpaceKeys(this.#sessionId, isk, own, peer);
    isk.fill(0);
    return keys;
  }

  /** Overwrites the scalar. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#scalar.fill(0);
  }
}
