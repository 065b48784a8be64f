/**
 * What keeps a port silent and a handshake cheap: MACs that only holders of the
 * pre-shared key can make, and cookies that prove a source address (WireGuard
 * §5.3, §5.4.4 and §5.4.7).
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { COOKIE_SECRET_MS } from "../../limits.ts";
import {
  blake2s,
  forgetDigest,
  KeyedBlake2s,
  keyedBlake2s,
} from "./blake2s.ts";
import {
  type Aead,
  type AeadFactory,
  type CryptoProvider,
  KEY_LENGTH,
  TAG_LENGTH,
} from "../packet/aead.ts";

/** Bytes in mac1, mac2, a cookie and every other MAC here. */
export const MAC_LENGTH = 16;
/** Bytes in the nonce of a cookie reply. */
export const COOKIE_NONCE_LENGTH = 16;
/** Bytes in a sealed cookie. */
export const SEALED_COOKIE_LENGTH: number = MAC_LENGTH + TAG_LENGTH;

const encoder = new TextEncoder();
const MAC1_LABEL = encoder.encode("net-transfer mac1");
const COOKIE_LABEL = encoder.encode("net-transfer cookie");
const VERSIONS_LABEL = encoder.encode("net-transfer version list");

/** BLAKE2s-128 keyed with `key`. */
function keyedMac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return keyedBlake2s(key, MAC_LENGTH, ...parts);
}

/** The key of `mac1` in packets to the owner of an X25519 static key. */
export function mac1Key(publicKey: Uint8Array, psk: Uint8Array): Uint8Array {
  return derivedKey(MAC1_LABEL, publicKey, psk);
}

/** A key of the pre-shared key, of which nothing else stays. */
function derivedKey(...parts: readonly Uint8Array[]): Uint8Array {
  const key = blake2s(...parts);
  forgetDigest();
  return key;
}

/** `mac1` of a packet, over its header and its Noise message. */
export function mac1(key: Uint8Array, covered: Uint8Array): Uint8Array {
  return keyedMac(key, covered);
}

/** Checks `mac1` of the packets to one node. */
export class Mac1 {
  readonly #mac: KeyedBlake2s;

  /** @param key That of {@linkcode mac1Key}, which may be erased afterwards. */
  constructor(key: Uint8Array) {
    this.#mac = new KeyedBlake2s(key, MAC_LENGTH);
    forgetDigest();
  }

  /** Overwrites what it keeps of the key: it is of no more use. */
  erase(): void {
    this.#mac.erase();
  }

  verify(covered: Uint8Array, mac: Uint8Array): boolean {
    return timingSafeEqual(this.#mac.of(covered), mac);
  }
}

/**
 * `mac2` of a packet whose source address was given `cookie`. It covers `mac1`,
 * and so all that `mac1` does.
 */
export function mac2(cookie: Uint8Array, mac1: Uint8Array): Uint8Array {
  return keyedMac(cookie, mac1);
}

/**
 * The MAC of a version list, which holders of the pre-shared key alone can make.
 *
 * @param triggeringMac1 `mac1` of the Initial it answers.
 */
export function versionListMac(
  publicKey: Uint8Array,
  psk: Uint8Array,
  bytes: Uint8Array,
  triggeringMac1: Uint8Array,
): Uint8Array {
  const key = derivedKey(VERSIONS_LABEL, publicKey, psk);
  const mac = keyedMac(key, bytes, triggeringMac1);
  key.fill(0);
  forgetDigest();
  return mac;
}

/** What binds a sealed cookie to its reader. */
interface CookieContext {
  readonly aead: AeadFactory;
  readonly publicKey: Uint8Array;
  readonly psk: Uint8Array;
  /** Random, 16 bytes, in the clear. */
  readonly nonce: Uint8Array;
  /** `mac1` of the Initial that is answered. */
  readonly mac1: Uint8Array;
}

/** Seals a cookie for a cookie reply. */
export function sealCookie(
  context: CookieContext,
  cookie: Uint8Array,
): Uint8Array {
  const sealed = new Uint8Array(SEALED_COOKIE_LENGTH);
  const cipher = cookieCipher(context);
  cipher.seal(0, context.mac1, cookie, sealed);
  cipher.erase();
  return sealed;
}

/** Opens a sealed cookie; `undefined` when it is not authentic. */
export function openCookie(
  context: CookieContext,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const cipher = cookieCipher(context);
  const cookie = cipher.open(0, context.mac1, sealed);
  cipher.erase();
  return cookie;
}

function cookieCipher({ aead, publicKey, psk, nonce }: CookieContext): Aead {
  const key = derivedKey(COOKIE_LABEL, publicKey, psk, nonce);
  const cipher = aead(key);
  key.fill(0);
  return cipher;
}

/**
 * Makes cookies out of source addresses, so that nothing is kept per address.
 * The secret changes every {@linkcode COOKIE_SECRET_MS}; the one before it is
 * still honoured, so a cookie is valid for at least that long.
 */
export class CookieJar {
  readonly #provider: CryptoProvider;
  #current: Uint8Array | undefined;
  #previous: Uint8Array | undefined;
  #since = Number.NEGATIVE_INFINITY;

  constructor(provider: CryptoProvider) {
    this.#provider = provider;
  }

  /** The cookie of an address and port, in any fixed encoding. */
  cookieFor(now: number, address: Uint8Array): Uint8Array {
    return keyedMac(this.#secret(now), address);
  }

  /**
   * Whether a packet from `address` shows the cookie given to that address.
   *
   * @param mac1 That of the packet.
   * @param mac Its `mac2`.
   */
  verify(
    now: number,
    address: Uint8Array,
    mac1: Uint8Array,
    mac: Uint8Array,
  ): boolean {
    const cookie = this.cookieFor(now, address);
    if (timingSafeEqual(mac2(cookie, mac1), mac)) return true;
    if (this.#previous === undefined) return false;
    const earlier = keyedMac(this.#previous, address);
    return timingSafeEqual(mac2(earlier, mac1), mac);
  }

  /** Overwrites its secrets: no cookie that it gave counts any more. */
  erase(): void {
    this.#current?.fill(0);
    this.#previous?.fill(0);
    this.#current = this.#previous = undefined;
  }

  #secret(now: number): Uint8Array {
    const age = now - this.#since;
    if (this.#current === undefined || age >= COOKIE_SECRET_MS) {
      const next = age < 2 * COOKIE_SECRET_MS;
      this.#previous?.fill(0);
      if (!next) this.#current?.fill(0);
      this.#previous = next ? this.#current : undefined;
      this.#current = this.#provider.randomBytes(new Uint8Array(KEY_LENGTH));
      this.#since = next ? this.#since + COOKIE_SECRET_MS : now;
    }
    return this.#current;
  }
}
