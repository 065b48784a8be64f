/**
 * BLAKE2s (RFC 7693), keyed or not, and HMAC over it.
 *
 * A handshake hashes hundreds of short texts, so that what counts is what one
 * block costs: here all sixteen words of the state are variables, and nothing but
 * the digest is made. Where a key is used again, what it makes of the first block
 * is kept.
 */

const BLOCK_LENGTH = 64;
/** Bytes of a digest that is not made shorter. */
const HASH_LENGTH = 32;

const IV: readonly number[] = [
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
];

/** Which words of the block each of the ten rounds takes (RFC 7693 §2.7). */
const SIGMA: Uint8Array = Uint8Array.from([
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ...[14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  ...[11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  ...[7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  ...[9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  ...[2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  ...[12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  ...[13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  ...[6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  ...[10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]);

// All of it is synchronous, so that one state serves every call.
/** The chained state. */
const h = new Int32Array(8);
/** The block that is being filled. */
const bytes = new Uint8Array(BLOCK_LENGTH);
const block = new DataView(bytes.buffer);
/** Its words. */
const m = new Uint32Array(16);

/** Overwrites what the last digest was made of, which may have been a secret. */
export function forgetDigest(): void {
  h.fill(0);
  bytes.fill(0);
  m.fill(0);
}

/**
 * Takes one block into the state (RFC 7693 §3.2). Long, since a loop over the
 * eight mixings of a round would need the state in memory.
 *
 * @param count Bytes up to the end of the block, fewer than 2^32.
 */
function compress(count: number, isLast: boolean): void {
  for (let i = 0; i < 16; i++) m[i] = block.getUint32(4 * i, true);
  let v0 = h[0];
  let v1 = h[1];
  let v2 = h[2];
  let v3 = h[3];
  let v4 = h[4];
  let v5 = h[5];
  let v6 = h[6];
  let v7 = h[7];
  let v8 = IV[0];
  let v9 = IV[1];
  let va = IV[2];
  let vb = IV[3];
  let vc = IV[4] ^ count;
  let vd = IV[5];
  let ve = isLast ? ~IV[6] : IV[6];
  let vf = IV[7];
  for (let r = 0; r < SIGMA.length; r += 16) {
    v0 = (v0 + v4 + m[SIGMA[r + 0]]) | 0;
    vc ^= v0;
    vc = (vc >>> 16) | (vc << 16);
    v8 = (v8 + vc) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 12) | (v4 << 20);
    v0 = (v0 + v4 + m[SIGMA[r + 1]]) | 0;
    vc ^= v0;
    vc = (vc >>> 8) | (vc << 24);
    v8 = (v8 + vc) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 7) | (v4 << 25);
    v1 = (v1 + v5 + m[SIGMA[r + 2]]) | 0;
    vd ^= v1;
    vd = (vd >>> 16) | (vd << 16);
    v9 = (v9 + vd) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 12) | (v5 << 20);
    v1 = (v1 + v5 + m[SIGMA[r + 3]]) | 0;
    vd ^= v1;
    vd = (vd >>> 8) | (vd << 24);
    v9 = (v9 + vd) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 7) | (v5 << 25);
    v2 = (v2 + v6 + m[SIGMA[r + 4]]) | 0;
    ve ^= v2;
    ve = (ve >>> 16) | (ve << 16);
    va = (va + ve) | 0;
    v6 ^= va;
    v6 = (v6 >>> 12) | (v6 << 20);
    v2 = (v2 + v6 + m[SIGMA[r + 5]]) | 0;
    ve ^= v2;
    ve = (ve >>> 8) | (ve << 24);
    va = (va + ve) | 0;
    v6 ^= va;
    v6 = (v6 >>> 7) | (v6 << 25);
    v3 = (v3 + v7 + m[SIGMA[r + 6]]) | 0;
    vf ^= v3;
    vf = (vf >>> 16) | (vf << 16);
    vb = (vb + vf) | 0;
    v7 ^= vb;
    v7 = (v7 >>> 12) | (v7 << 20);
    v3 = (v3 + v7 + m[SIGMA[r + 7]]) | 0;
    vf ^= v3;
    vf = (vf >>> 8) | (vf << 24);
    vb = (vb + vf) | 0;
    v7 ^= vb;
    v7 = (v7 >>> 7) | (v7 << 25);
    v0 = (v0 + v5 + m[SIGMA[r + 8]]) | 0;
    vf ^= v0;
    vf = (vf >>> 16) | (vf << 16);
    va = (va + vf) | 0;
    v5 ^= va;
    v5 = (v5 >>> 12) | (v5 << 20);
    v0 = (v0 + v5 + m[SIGMA[r + 9]]) | 0;
    vf ^= v0;
    vf = (vf >>> 8) | (vf << 24);
    va = (va + vf) | 0;
    v5 ^= va;
    v5 = (v5 >>> 7) | (v5 << 25);
    v1 = (v1 + v6 + m[SIGMA[r + 10]]) | 0;
    vc ^= v1;
    vc = (vc >>> 16) | (vc << 16);
    vb = (vb + vc) | 0;
    v6 ^= vb;
    v6 = (v6 >>> 12) | (v6 << 20);
    v1 = (v1 + v6 + m[SIGMA[r + 11]]) | 0;
    vc ^= v1;
    vc = (vc >>> 8) | (vc << 24);
    vb = (vb + vc) | 0;
    v6 ^= vb;
    v6 = (v6 >>> 7) | (v6 << 25);
    v2 = (v2 + v7 + m[SIGMA[r + 12]]) | 0;
    vd ^= v2;
    vd = (vd >>> 16) | (vd << 16);
    v8 = (v8 + vd) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 12) | (v7 << 20);
    v2 = (v2 + v7 + m[SIGMA[r + 13]]) | 0;
    vd ^= v2;
    vd = (vd >>> 8) | (vd << 24);
    v8 = (v8 + vd) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 7) | (v7 << 25);
    v3 = (v3 + v4 + m[SIGMA[r + 14]]) | 0;
    ve ^= v3;
    ve = (ve >>> 16) | (ve << 16);
    v9 = (v9 + ve) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 12) | (v4 << 20);
    v3 = (v3 + v4 + m[SIGMA[r + 15]]) | 0;
    ve ^= v3;
    ve = (ve >>> 8) | (ve << 24);
    v9 = (v9 + ve) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 7) | (v4 << 25);
  }
  h[0] ^= v0 ^ v8;
  h[1] ^= v1 ^ v9;
  h[2] ^= v2 ^ va;
  h[3] ^= v3 ^ vb;
  h[4] ^= v4 ^ vc;
  h[5] ^= v5 ^ vd;
  h[6] ^= v6 ^ ve;
  h[7] ^= v7 ^ vf;
}

/**
 * The digest of a text.
 *
 * @param filled Bytes of it that are in the block already.
 * @param counted Bytes of it that the state has taken.
 */
function finish(
  parts: readonly Uint8Array[],
  filled: number,
  counted: number,
  length: number,
): Uint8Array {
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      if (filled === BLOCK_LENGTH) {
        counted += BLOCK_LENGTH;
        compress(counted, false);
        filled = 0;
      }
      const end = Math.min(part.length, at + BLOCK_LENGTH - filled);
      while (at < end) bytes[filled++] = part[at++];
    }
  }
  bytes.fill(0, filled);
  compress(counted + filled, true);
  const digest = new Uint8Array(length);
  for (let i = 0; i < length; i++) digest[i] = h[i >> 2] >>> (8 * (i & 3));
  return digest;
}

function begin(keyLength: number, length: number): void {
  for (let i = 0; i < 8; i++) h[i] = IV[i];
  h[0] ^= 0x01010000 ^ (keyLength << 8) ^ length;
}

/** BLAKE2s-256 of the parts behind each other. */
export function blake2s(...parts: readonly Uint8Array[]): Uint8Array {
  begin(0, HASH_LENGTH);
  return finish(parts, 0, 0, HASH_LENGTH);
}

/**
 * The same with a key.
 *
 * @param key Up to 32 bytes.
 * @param length Bytes of the digest, at most 32.
 */
export function keyedBlake2s(
  key: Uint8Array,
  length: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  begin(key.length, length);
  bytes.fill(0);
  bytes.set(key);
  return finish(parts, BLOCK_LENGTH, 0, length);
}

/**
 * A keyed BLAKE2s with one key, any number of times: the block of the key is
 * taken once.
 */
export class KeyedBlake2s {
  readonly #state: Int32Array;
  readonly #length: number;

  /** See {@linkcode keyedBlake2s}. */
  constructor(key: Uint8Array, length: number) {
    begin(key.length, length);
    bytes.fill(0);
    bytes.set(key);
    compress(BLOCK_LENGTH, false);
    bytes.fill(0);
    this.#state = h.slice();
    this.#length = length;
  }

  /** Overwrites what it keeps of the key: it is of no more use. */
  erase(): void {
    this.#state.fill(0);
  }

  /** The digest of a text of at least one byte. */
  of(text: Uint8Array): Uint8Array {
    if (text.length === 0) throw new RangeError("Cannot hash nothing");
    h.set(this.#state);
    return finish([text], 0, BLOCK_LENGTH, this.#length);
  }
}

/** What the key is mixed with in HMAC (RFC 2104 §2). */
const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC (RFC 2104) with one key of at most a block, any number of times. The key
 * stays its caller's, and must not change meanwhile.
 */
export class HmacBlake2s {
  /** What the key makes of the first block, inside and outside. */
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.#inner = afterPad(key, INNER);
    this.#outer = afterPad(key, OUTER);
  }

  /** Overwrites what it keeps of the key: it is of no more use. */
  erase(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
  }

  /** The MAC of the parts behind each other. */
  of(...parts: readonly Uint8Array[]): Uint8Array {
    if (parts.some(({ length }) => length > 0)) h.set(this.#inner);
    else return this.#ofNothing();
    const digest = finish(parts, 0, BLOCK_LENGTH, HASH_LENGTH);
    return this.#outside(digest);
  }

  /** The block of the key is the last one, too. */
  #ofNothing(): Uint8Array {
    begin(0, HASH_LENGTH);
    pad(this.#key, INNER);
    return this.#outside(finish([], BLOCK_LENGTH, 0, HASH_LENGTH));
  }

  #outside(digest: Uint8Array): Uint8Array {
    h.set(this.#outer);
    const mac = finish([digest], 0, BLOCK_LENGTH, HASH_LENGTH);
    digest.fill(0);
    return mac;
  }
}

/** Fills the block with a key. */
function pad(key: Uint8Array, byte: number): void {
  for (let i = 0; i < BLOCK_LENGTH; i++) {
    bytes[i] = i < key.length ? key[i] ^ byte : byte;
  }
}

/** The state when it has taken the block of a key, more of which follows. */
function afterPad(key: Uint8Array, byte: number): Int32Array {
  begin(0, HASH_LENGTH);
  pad(key, byte);
  compress(BLOCK_LENGTH, false);
  return h.slice();
}
