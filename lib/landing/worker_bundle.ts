// deno-fmt-ignore-file
// deno-lint-ignore-file
/**
 * The landing worker as one string. Generated from `lib/landing/worker/worker.ts` by
 * `deno task bundle-worker`; do not edit.
 *
 * @module
 */

/** Source of the worker, ASCII only. */
export const WORKER_SOURCE: string = `
// lib/errors.ts
var TransferError = class extends Error {
  kind;
  hint;
  fields;
  constructor(kind, message, options = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
    if (options.hint !== void 0) this.hint = options.hint;
    this.fields = options.fields ?? {};
  }
};
var HashMismatchError = class extends TransferError {
  constructor(expected, actual, options = {}) {
    super("hash_mismatch", \`blob hash mismatch (expected \${expected}, got \${actual})\`, { ...options, fields: { ...options.fields, expected, actual } });
    this.expected = expected;
    this.actual = actual;
  }
};
var UnsafePathError = class extends TransferError {
  constructor(message, options) {
    super("unsafe_path", message, options);
  }
};
var ManifestError = class extends TransferError {
  constructor(message, options) {
    super("manifest", message, options);
  }
};
var RefError = class extends TransferError {
  constructor(message, options) {
    super("reference", message, options);
  }
};
var IoError = class extends TransferError {
  constructor(message, options) {
    super("io", message, options);
  }
};
var ExistsError = class extends TransferError {
  constructor(message, options) {
    super("exists", message, options);
  }
};
var PermissionError = class extends TransferError {
  constructor(message, options) {
    super("permission", message, options);
  }
};

// npm:deno-std/1.3.1/bytes/equals.js
function equalsNaive(a, b) {
  for (let i = 0; i < b.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}
function equals32Bit(a, b) {
  const len = a.length;
  const compactOffset = 3 - (a.byteOffset + 3) % 4;
  const compactLen = Math.floor((len - compactOffset) / 4);
  const compactA = new Uint32Array(a.buffer, a.byteOffset + compactOffset, compactLen);
  const compactB = new Uint32Array(b.buffer, b.byteOffset + compactOffset, compactLen);
  for (let i = 0; i < compactOffset; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  for (let i = 0; i < compactA.length; i++) {
    if (compactA[i] !== compactB[i]) {
      return false;
    }
  }
  for (let i = compactOffset + compactLen * 4; i < len; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}
var THRESHOLD_32_BIT = 160;
function equals(a, b) {
  if (a.length !== b.length) {
    return false;
  }
  return a.length >= THRESHOLD_32_BIT && a.byteOffset % 4 === b.byteOffset % 4 ? equals32Bit(a, b) : equalsNaive(a, b);
}

// npm:blake3-jit/1.1.0/dist/index.js
function compress(cv, cvOff, block, blockOff, out, outOff, full, counter, blockLen, flags) {
  let m0 = block[blockOff] | 0;
  let m1 = block[blockOff + 1] | 0;
  let m2 = block[blockOff + 2] | 0;
  let m3 = block[blockOff + 3] | 0;
  let m4 = block[blockOff + 4] | 0;
  let m5 = block[blockOff + 5] | 0;
  let m6 = block[blockOff + 6] | 0;
  let m7 = block[blockOff + 7] | 0;
  let m8 = block[blockOff + 8] | 0;
  let m9 = block[blockOff + 9] | 0;
  let m10 = block[blockOff + 10] | 0;
  let m11 = block[blockOff + 11] | 0;
  let m12 = block[blockOff + 12] | 0;
  let m13 = block[blockOff + 13] | 0;
  let m14 = block[blockOff + 14] | 0;
  let m15 = block[blockOff + 15] | 0;
  let s0 = cv[cvOff] | 0;
  let s1 = cv[cvOff + 1] | 0;
  let s2 = cv[cvOff + 2] | 0;
  let s3 = cv[cvOff + 3] | 0;
  let s4 = cv[cvOff + 4] | 0;
  let s5 = cv[cvOff + 5] | 0;
  let s6 = cv[cvOff + 6] | 0;
  let s7 = cv[cvOff + 7] | 0;
  let s8 = 1779033703;
  let s9 = 3144134277;
  let s10 = 1013904242;
  let s11 = 2773480762;
  let s12 = counter | 0;
  let s13 = counter / 4294967296 | 0;
  let s14 = blockLen | 0;
  let s15 = flags | 0;
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  {
    const t0 = m0, t1 = m1;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = t0;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = t1;
  }
  s0 = (s0 + s4 | 0) + m0 | 0;
  s12 ^= s0;
  s12 = s12 >>> 16 | s12 << 16;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 12 | s4 << 20;
  s0 = (s0 + s4 | 0) + m1 | 0;
  s12 ^= s0;
  s12 = s12 >>> 8 | s12 << 24;
  s8 = s8 + s12 | 0;
  s4 ^= s8;
  s4 = s4 >>> 7 | s4 << 25;
  s1 = (s1 + s5 | 0) + m2 | 0;
  s13 ^= s1;
  s13 = s13 >>> 16 | s13 << 16;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 12 | s5 << 20;
  s1 = (s1 + s5 | 0) + m3 | 0;
  s13 ^= s1;
  s13 = s13 >>> 8 | s13 << 24;
  s9 = s9 + s13 | 0;
  s5 ^= s9;
  s5 = s5 >>> 7 | s5 << 25;
  s2 = (s2 + s6 | 0) + m4 | 0;
  s14 ^= s2;
  s14 = s14 >>> 16 | s14 << 16;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 12 | s6 << 20;
  s2 = (s2 + s6 | 0) + m5 | 0;
  s14 ^= s2;
  s14 = s14 >>> 8 | s14 << 24;
  s10 = s10 + s14 | 0;
  s6 ^= s10;
  s6 = s6 >>> 7 | s6 << 25;
  s3 = (s3 + s7 | 0) + m6 | 0;
  s15 ^= s3;
  s15 = s15 >>> 16 | s15 << 16;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 12 | s7 << 20;
  s3 = (s3 + s7 | 0) + m7 | 0;
  s15 ^= s3;
  s15 = s15 >>> 8 | s15 << 24;
  s11 = s11 + s15 | 0;
  s7 ^= s11;
  s7 = s7 >>> 7 | s7 << 25;
  s0 = (s0 + s5 | 0) + m8 | 0;
  s15 ^= s0;
  s15 = s15 >>> 16 | s15 << 16;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 12 | s5 << 20;
  s0 = (s0 + s5 | 0) + m9 | 0;
  s15 ^= s0;
  s15 = s15 >>> 8 | s15 << 24;
  s10 = s10 + s15 | 0;
  s5 ^= s10;
  s5 = s5 >>> 7 | s5 << 25;
  s1 = (s1 + s6 | 0) + m10 | 0;
  s12 ^= s1;
  s12 = s12 >>> 16 | s12 << 16;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 12 | s6 << 20;
  s1 = (s1 + s6 | 0) + m11 | 0;
  s12 ^= s1;
  s12 = s12 >>> 8 | s12 << 24;
  s11 = s11 + s12 | 0;
  s6 ^= s11;
  s6 = s6 >>> 7 | s6 << 25;
  s2 = (s2 + s7 | 0) + m12 | 0;
  s13 ^= s2;
  s13 = s13 >>> 16 | s13 << 16;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 12 | s7 << 20;
  s2 = (s2 + s7 | 0) + m13 | 0;
  s13 ^= s2;
  s13 = s13 >>> 8 | s13 << 24;
  s8 = s8 + s13 | 0;
  s7 ^= s8;
  s7 = s7 >>> 7 | s7 << 25;
  s3 = (s3 + s4 | 0) + m14 | 0;
  s14 ^= s3;
  s14 = s14 >>> 16 | s14 << 16;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 12 | s4 << 20;
  s3 = (s3 + s4 | 0) + m15 | 0;
  s14 ^= s3;
  s14 = s14 >>> 8 | s14 << 24;
  s9 = s9 + s14 | 0;
  s4 ^= s9;
  s4 = s4 >>> 7 | s4 << 25;
  if (full) {
    out[outOff + 8] = s8 ^ cv[cvOff];
    out[outOff + 9] = s9 ^ cv[cvOff + 1];
    out[outOff + 10] = s10 ^ cv[cvOff + 2];
    out[outOff + 11] = s11 ^ cv[cvOff + 3];
    out[outOff + 12] = s12 ^ cv[cvOff + 4];
    out[outOff + 13] = s13 ^ cv[cvOff + 5];
    out[outOff + 14] = s14 ^ cv[cvOff + 6];
    out[outOff + 15] = s15 ^ cv[cvOff + 7];
  }
  out[outOff] = s0 ^ s8;
  out[outOff + 1] = s1 ^ s9;
  out[outOff + 2] = s2 ^ s10;
  out[outOff + 3] = s3 ^ s11;
  out[outOff + 4] = s4 ^ s12;
  out[outOff + 5] = s5 ^ s13;
  out[outOff + 6] = s6 ^ s14;
  out[outOff + 7] = s7 ^ s15;
}
var IV = new Uint32Array([1779033703, 3144134277, 1013904242, 2773480762, 1359893119, 2600822924, 528734635, 1541459225]);
var CHUNK_LEN = 1024;
new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8, 3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1, 10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6, 12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4, 9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7, 11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13]);
var IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([16909060]).buffer)[0] === 4;
function readLittleEndianWordsFull(input, offset, words) {
  for (let i = 0; i < 16; ++i, offset += 4) words[i] = input[offset] | input[offset + 1] << 8 | input[offset + 2] << 16 | input[offset + 3] << 24;
}
function readLittleEndianWordsPartial(input, offset, length, words) {
  words.fill(0);
  const fullWords = length >>> 2;
  let i = 0;
  for (; i < fullWords; ++i, offset += 4) words[i] = input[offset] | input[offset + 1] << 8 | input[offset + 2] << 16 | input[offset + 3] << 24;
  const remaining = length & 3;
  if (remaining > 0) {
    let word = input[offset];
    if (remaining > 1) word |= input[offset + 1] << 8;
    if (remaining > 2) word |= input[offset + 2] << 16;
    words[i] = word;
  }
}
function writeLittleEndianBytesPartial(words, wordOffset, output, byteOffset, byteCount) {
  const fullWords = byteCount >>> 2;
  let i = 0;
  for (; i < fullWords; ++i, byteOffset += 4) {
    const w = words[wordOffset + i];
    output[byteOffset] = w & 255;
    output[byteOffset + 1] = w >>> 8 & 255;
    output[byteOffset + 2] = w >>> 16 & 255;
    output[byteOffset + 3] = w >>> 24 & 255;
  }
  const remaining = byteCount & 3;
  if (remaining > 0) {
    const w = words[wordOffset + i];
    output[byteOffset] = w & 255;
    if (remaining > 1) output[byteOffset + 1] = w >>> 8 & 255;
    if (remaining > 2) output[byteOffset + 2] = w >>> 16 & 255;
  }
}
function encodeUTF8(str) {
  if (typeof TextEncoder !== "undefined") return new TextEncoder().encode(str);
  const bytes = [];
  for (let i = 0; i < str.length; i++) {
    let c = str.charCodeAt(i);
    if (c < 128) bytes.push(c);
    else if (c < 2048) bytes.push(192 | c >> 6, 128 | c & 63);
    else if (c < 55296 || c >= 57344) bytes.push(224 | c >> 12, 128 | c >> 6 & 63, 128 | c & 63);
    else {
      i++;
      c = 65536 + ((c & 1023) << 10 | str.charCodeAt(i) & 1023);
      bytes.push(240 | c >> 18, 128 | c >> 12 & 63, 128 | c >> 6 & 63, 128 | c & 63);
    }
  }
  return new Uint8Array(bytes);
}
new Uint8Array([0, 1, 28, 2, 29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4, 8, 31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6, 11, 5, 10, 9]);
var XofReader = class {
  inputCv;
  blockWords;
  counter;
  blockLen;
  flags;
  outputBlock;
  outputBlockOffset;
  constructor(inputCv, blockWords2, counter, blockLen, flags) {
    this.inputCv = inputCv;
    this.blockWords = blockWords2;
    this.counter = counter;
    this.blockLen = blockLen;
    this.flags = flags | 8;
    this.outputBlock = new Uint32Array(16);
    this.outputBlockOffset = 64;
  }
  read(length) {
    const output = new Uint8Array(length);
    let outputOffset = 0;
    while (outputOffset < length) {
      if (this.outputBlockOffset >= 64) {
        compress(this.inputCv, 0, this.blockWords, 0, this.outputBlock, 0, true, this.counter++, this.blockLen, this.flags);
        this.outputBlockOffset = 0;
      }
      const available = 64 - this.outputBlockOffset;
      const toCopy = Math.min(available, length - outputOffset);
      const wordOffset = this.outputBlockOffset >>> 2;
      if ((this.outputBlockOffset & 3) === 0 && toCopy >= 4) {
        const fullWords = toCopy >>> 2;
        writeLittleEndianBytesPartial(this.outputBlock, wordOffset, output, outputOffset, fullWords << 2);
        const bytesCopied = fullWords << 2;
        outputOffset += bytesCopied;
        this.outputBlockOffset += bytesCopied;
      } else {
        for (let i = 0; i < toCopy; i++) {
          const wordIdx = this.outputBlockOffset + i >>> 2;
          const byteIdx = this.outputBlockOffset + i & 3;
          output[outputOffset + i] = this.outputBlock[wordIdx] >>> (byteIdx << 3) & 255;
        }
        outputOffset += toCopy;
        this.outputBlockOffset += toCopy;
      }
    }
    return output;
  }
};
var ChunkState = class {
  chainingValue;
  chunkCounter;
  blockWords;
  blockLen;
  blocksCompressed;
  flags;
  constructor(keyWords, chunkCounter, flags) {
    this.chainingValue = new Uint32Array(keyWords);
    this.chunkCounter = chunkCounter;
    this.blockWords = new Uint32Array(16);
    this.blockLen = 0;
    this.blocksCompressed = 0;
    this.flags = flags;
  }
  resetTo(keyWords, chunkCounter, flags) {
    this.chainingValue.set(keyWords);
    this.chunkCounter = chunkCounter;
    this.blockLen = 0;
    this.blocksCompressed = 0;
    this.flags = flags;
  }
  startFlag() {
    return this.blocksCompressed === 0 ? 1 : 0;
  }
  update(input, inputOffset, inputLen) {
    let consumed = 0;
    while (inputLen > 0) {
      if (this.blockLen === 64) {
        compress(this.chainingValue, 0, this.blockWords, 0, this.chainingValue, 0, false, this.chunkCounter, 64, this.flags | this.startFlag());
        this.blocksCompressed++;
        this.blockLen = 0;
      }
      const want = 64 - this.blockLen;
      const take2 = Math.min(want, inputLen);
      if (this.blockLen === 0 && take2 === 64) readLittleEndianWordsFull(input, inputOffset, this.blockWords);
      else for (let i = 0; i < take2; i++) {
        const pos = this.blockLen + i;
        const wordIdx = pos >>> 2;
        const byteIdx = pos & 3;
        if (byteIdx === 0) this.blockWords[wordIdx] = input[inputOffset + i];
        else this.blockWords[wordIdx] |= input[inputOffset + i] << (byteIdx << 3);
      }
      this.blockLen += take2;
      inputOffset += take2;
      inputLen -= take2;
      consumed += take2;
    }
    return consumed;
  }
  output() {
    const usedWords = this.blockLen + 3 >>> 2;
    for (let i = usedWords; i < 16; i++) this.blockWords[i] = 0;
    return { inputCv: this.chainingValue, blockWords: this.blockWords, blockLen: this.blockLen, counter: this.chunkCounter, flags: this.flags | this.startFlag() | 2 };
  }
  len() {
    return this.blocksCompressed * 64 + this.blockLen;
  }
};
var Hasher = class Hasher2 {
  chunkState;
  keyWords;
  cvStack;
  cvStackLen;
  flags;
  parentBlock;
  parentCv;
  chunkCv;
  outWords;
  finalizeCv;
  constructor(keyWords, flags) {
    this.keyWords = keyWords ? new Uint32Array(keyWords) : new Uint32Array(IV);
    this.flags = flags ?? 0;
    this.chunkState = new ChunkState(this.keyWords, 0, this.flags);
    this.cvStack = new Uint32Array(432);
    this.cvStackLen = 0;
    this.parentBlock = new Uint32Array(16);
    this.parentCv = new Uint32Array(8);
    this.chunkCv = new Uint32Array(8);
    this.outWords = new Uint32Array(16);
    this.finalizeCv = new Uint32Array(8);
  }
  reset() {
    this.chunkState.resetTo(this.keyWords, 0, this.flags);
    this.cvStackLen = 0;
    return this;
  }
  static newKeyed(key) {
    if (key.length !== 32) throw new Error(\`Key must be 32 bytes, got \${key.length}\`);
    const keyWords = new Uint32Array(8);
    if (IS_LITTLE_ENDIAN) {
      const view = new Uint32Array(key.buffer, key.byteOffset, 8);
      keyWords.set(view);
    } else for (let i = 0; i < 8; i++) {
      const off = i * 4;
      keyWords[i] = key[off] | key[off + 1] << 8 | key[off + 2] << 16 | key[off + 3] << 24;
    }
    return new Hasher2(keyWords, 16);
  }
  static newDeriveKey(context) {
    const contextBytes = encodeUTF8(context);
    const contextHasher = new Hasher2(new Uint32Array(IV), 32);
    contextHasher.update(contextBytes);
    const contextKey = new Uint32Array(8);
    const output = contextHasher.finalizeOutput();
    compress(output.inputCv, 0, output.blockWords, 0, contextKey, 0, false, output.counter, output.blockLen, output.flags | 8);
    return new Hasher2(contextKey, 64);
  }
  pushCv(cv, cvOffset) {
    this.cvStack.set(cv.subarray(cvOffset, cvOffset + 8), this.cvStackLen * 8);
    this.cvStackLen++;
  }
  popCv(out, outOffset) {
    this.cvStackLen--;
    out.set(this.cvStack.subarray(this.cvStackLen * 8, (this.cvStackLen + 1) * 8), outOffset);
  }
  addChunkCv(newCv, newCvOffset, totalChunks) {
    const parentBlock = this.parentBlock;
    const parentCv = this.parentCv;
    while ((totalChunks & 1) === 0) {
      this.popCv(parentBlock, 0);
      parentBlock.set(newCv.subarray(newCvOffset, newCvOffset + 8), 8);
      compress(this.keyWords, 0, parentBlock, 0, parentCv, 0, false, 0, 64, this.flags | 4);
      newCv = parentCv;
      newCvOffset = 0;
      totalChunks >>>= 1;
    }
    this.pushCv(newCv, newCvOffset);
  }
  update(input) {
    let inputOffset = 0;
    let inputLen = input.length;
    while (inputLen > 0) {
      if (this.chunkState.len() === 1024) {
        const output = this.chunkState.output();
        const chunkCv = this.chunkCv;
        compress(output.inputCv, 0, output.blockWords, 0, chunkCv, 0, false, output.counter, output.blockLen, output.flags);
        const totalChunks = this.chunkState.chunkCounter + 1;
        this.addChunkCv(chunkCv, 0, totalChunks);
        this.chunkState.resetTo(this.keyWords, totalChunks, this.flags);
      }
      const want = CHUNK_LEN - this.chunkState.len();
      const take2 = Math.min(want, inputLen);
      this.chunkState.update(input, inputOffset, take2);
      inputOffset += take2;
      inputLen -= take2;
    }
    return this;
  }
  finalizeOutput() {
    let output = this.chunkState.output();
    let parentBlock = this.parentBlock;
    let cv = this.finalizeCv;
    if (this.cvStackLen > 0) {
      compress(output.inputCv, 0, output.blockWords, 0, cv, 0, false, output.counter, output.blockLen, output.flags);
      while (this.cvStackLen > 0) {
        this.cvStackLen--;
        parentBlock.set(this.cvStack.subarray(this.cvStackLen * 8, (this.cvStackLen + 1) * 8), 0);
        parentBlock.set(cv, 8);
        if (this.cvStackLen > 0) compress(this.keyWords, 0, parentBlock, 0, cv, 0, false, 0, 64, this.flags | 4);
        else return { inputCv: this.keyWords, blockWords: parentBlock, blockLen: 64, counter: 0, flags: this.flags | 4 };
      }
    }
    return output;
  }
  finalize(outputLength = 32) {
    const output = this.finalizeOutput();
    const result = new Uint8Array(outputLength);
    if (outputLength <= 64) {
      const outWords = this.outWords;
      compress(output.inputCv, 0, output.blockWords, 0, outWords, 0, outputLength > 32, output.counter, output.blockLen, output.flags | 8);
      if (IS_LITTLE_ENDIAN) {
        const outBytes = new Uint8Array(outWords.buffer);
        result.set(outBytes.subarray(0, outputLength));
      } else writeLittleEndianBytesPartial(outWords, 0, result, 0, outputLength);
    } else {
      const full = this.finalizeXof().read(outputLength);
      result.set(full);
    }
    return result;
  }
  finalizeXof() {
    const output = this.finalizeOutput();
    return new XofReader(new Uint32Array(output.inputCv), new Uint32Array(output.blockWords), output.counter, output.blockLen, output.flags);
  }
};
function toLebU32Min2(n) {
  return [n & 127 | 128, n >>> 7 & 127];
}
function toLebU32Padded5(n) {
  return [n & 127 | 128, n >>> 7 & 127 | 128, n >>> 14 & 127 | 128, n >>> 21 & 127 | 128, n >>> 28 & 15];
}
function toSignedLeb128_i32(n) {
  const bytes = [];
  let value = n | 0;
  let more = true;
  while (more) {
    let byte = value & 127;
    value >>= 7;
    if (value === 0 && (byte & 64) === 0 || value === -1 && (byte & 64) !== 0) more = false;
    else byte |= 128;
    bytes.push(byte);
  }
  return bytes;
}
var MSG_ACCESS_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8, 3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1, 10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6, 12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4, 9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7, 11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13];
function generateWasmBytes() {
  const code = [];
  function put(bytes) {
    code.push(...bytes);
  }
  put([0, 97, 115, 109]);
  put([1, 0, 0, 0]);
  put([1]);
  put([4]);
  put([1]);
  put([96, 0, 0]);
  put([2]);
  put([11]);
  put([1]);
  put([2, 106, 115]);
  put([3, 109, 101, 109]);
  put([2, 0, 1]);
  put([3]);
  put([4]);
  put([3]);
  put([0]);
  put([0]);
  put([0]);
  put([7]);
  put([50]);
  put([3]);
  put([10]);
  put([99, 111, 109, 112, 114, 101, 115, 115, 52, 120]);
  put([0, 0]);
  put([16]);
  put([99, 111, 109, 112, 114, 101, 115, 115, 67, 104, 117, 110, 107, 115, 52, 120]);
  put([0, 1]);
  put([14]);
  put([99, 111, 109, 112, 114, 101, 115, 115, 80, 97, 114, 101, 110, 116]);
  put([0, 2]);
  put([10]);
  const sectionSizeOffset = code.length;
  put([0, 0, 0, 0, 0]);
  put([3]);
  const funcSizeOffset = code.length;
  put([0, 0, 0, 0, 0]);
  const funcBodyStart = code.length;
  put([1]);
  put([32, 123]);
  for (let i = 0; i < 16; i++) {
    put([65, ...toLebU32Min2(i * 16)]);
    put([253, 0, 2, 0]);
    put([33, i]);
  }
  for (let i = 0; i < 8; i++) {
    put([65, ...toLebU32Min2(512 + i * 16)]);
    put([253, 0, 2, 0]);
    put([33, 16 + i]);
  }
  const IV2 = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < 4; i++) {
    const ivBytes = [];
    for (let j = 0; j < 4; j++) {
      ivBytes.push(IV2[i] & 255);
      ivBytes.push(IV2[i] >>> 8 & 255);
      ivBytes.push(IV2[i] >>> 16 & 255);
      ivBytes.push(IV2[i] >>> 24 & 255);
    }
    put([253, 12, ...ivBytes]);
    put([33, 24 + i]);
  }
  put([65, ...toLebU32Min2(768)]);
  put([253, 0, 2, 0]);
  put([33, 28]);
  put([65, ...toLebU32Min2(784)]);
  put([253, 0, 2, 0]);
  put([33, 29]);
  put([65, ...toLebU32Min2(800)]);
  put([253, 0, 2, 0]);
  put([33, 30]);
  put([65, ...toLebU32Min2(816)]);
  put([253, 0, 2, 0]);
  put([33, 31]);
  let msgIdx = 0;
  function g(a, b, c, d) {
    const mx = MSG_ACCESS_ORDER[msgIdx++];
    const my = MSG_ACCESS_ORDER[msgIdx++];
    put([32, 16 + a]);
    put([32, 16 + b]);
    put([253, 174, 1]);
    put([32, mx]);
    put([253, 174, 1]);
    put([33, 16 + a]);
    put([32, 16 + d]);
    put([32, 16 + a]);
    put([253, 81]);
    put([34, 16 + d]);
    put([32, 16 + d]);
    put([253, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13]);
    put([33, 16 + d]);
    put([32, 16 + c]);
    put([32, 16 + d]);
    put([253, 174, 1]);
    put([33, 16 + c]);
    put([32, 16 + b]);
    put([32, 16 + c]);
    put([253, 81]);
    put([34, 16 + b]);
    put([65, 12]);
    put([253, 173, 1]);
    put([32, 16 + b]);
    put([65, 20]);
    put([253, 171, 1]);
    put([253, 80]);
    put([33, 16 + b]);
    put([32, 16 + a]);
    put([32, 16 + b]);
    put([253, 174, 1]);
    put([32, my]);
    put([253, 174, 1]);
    put([33, 16 + a]);
    put([32, 16 + d]);
    put([32, 16 + a]);
    put([253, 81]);
    put([34, 16 + d]);
    put([32, 16 + d]);
    put([253, 13, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12]);
    put([33, 16 + d]);
    put([32, 16 + c]);
    put([32, 16 + d]);
    put([253, 174, 1]);
    put([33, 16 + c]);
    put([32, 16 + b]);
    put([32, 16 + c]);
    put([253, 81]);
    put([34, 16 + b]);
    put([65, 7]);
    put([253, 173, 1]);
    put([32, 16 + b]);
    put([65, 25]);
    put([253, 171, 1]);
    put([253, 80]);
    put([33, 16 + b]);
  }
  for (let round = 0; round < 7; round++) {
    g(0, 4, 8, 12);
    g(1, 5, 9, 13);
    g(2, 6, 10, 14);
    g(3, 7, 11, 15);
    g(0, 5, 10, 15);
    g(1, 6, 11, 12);
    g(2, 7, 8, 13);
    g(3, 4, 9, 14);
  }
  for (let i = 0; i < 8; i++) {
    put([65, ...toLebU32Min2(640 + i * 16)]);
    put([32, 16 + i]);
    put([32, 24 + i]);
    put([253, 81]);
    put([253, 11, 2, 0]);
  }
  put([11]);
  const funcSizeBytes = toLebU32Padded5(code.length - funcBodyStart);
  for (let i = 0; i < 5; i++) code[funcSizeOffset + i] = funcSizeBytes[i];
  const func1SizeOffset = code.length;
  put([0, 0, 0, 0, 0]);
  const func1BodyStart = code.length;
  put(generateCompressChunks4xBody());
  const func1SizeBytes = toLebU32Padded5(code.length - func1BodyStart);
  for (let i = 0; i < 5; i++) code[func1SizeOffset + i] = func1SizeBytes[i];
  const func2SizeOffset = code.length;
  put([0, 0, 0, 0, 0]);
  const func2BodyStart = code.length;
  put(generateCompressParentBody());
  const func2SizeBytes = toLebU32Padded5(code.length - func2BodyStart);
  for (let i = 0; i < 5; i++) code[func2SizeOffset + i] = func2SizeBytes[i];
  const sectionSizeBytes = toLebU32Padded5(code.length - sectionSizeOffset - 5);
  for (let i = 0; i < 5; i++) code[sectionSizeOffset + i] = sectionSizeBytes[i];
  return new Uint8Array(code);
}
function generateCompressChunks4xBody() {
  const code = [];
  function put(bytes) {
    code.push(...bytes);
  }
  put([2]);
  put([32, 123]);
  put([1, 127]);
  const BATCH_BLOCK_WORDS = SIMD_MEMORY.BATCH_BLOCK_WORDS;
  const BATCH_CV = SIMD_MEMORY.BATCH_CV;
  const BATCH_COUNTER_LOW = SIMD_MEMORY.BATCH_COUNTER_LOW;
  const BATCH_FLAGS_BASE = SIMD_MEMORY.BATCH_FLAGS_BASE;
  const BATCH_OUTPUT = SIMD_MEMORY.BATCH_OUTPUT;
  const IV2 = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < 8; i++) {
    put([65, ...toLebU32Min2(BATCH_CV + i * 16)]);
    put([253, 0, 2, 0]);
    put([33, 16 + i]);
  }
  put([65, 0]);
  put([33, 32]);
  put([2, 64]);
  put([3, 64]);
  for (let w = 0; w < 16; w++) {
    put([32, 32]);
    put([65, ...toLebU32Min2(256)]);
    put([108]);
    put([65, ...toLebU32Min2(BATCH_BLOCK_WORDS + w * 16)]);
    put([106]);
    put([253, 0, 2, 0]);
    put([33, w]);
  }
  for (let i = 0; i < 4; i++) {
    const ivBytes = [];
    for (let j = 0; j < 4; j++) {
      ivBytes.push(IV2[i] & 255);
      ivBytes.push(IV2[i] >>> 8 & 255);
      ivBytes.push(IV2[i] >>> 16 & 255);
      ivBytes.push(IV2[i] >>> 24 & 255);
    }
    put([253, 12, ...ivBytes]);
    put([33, 24 + i]);
  }
  put([65, ...toLebU32Min2(BATCH_COUNTER_LOW)]);
  put([253, 0, 2, 0]);
  put([33, 28]);
  put([253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  put([33, 29]);
  const blockLen64 = [];
  for (let j = 0; j < 4; j++) blockLen64.push(64, 0, 0, 0);
  put([253, 12, ...blockLen64]);
  put([33, 30]);
  put([65, ...toLebU32Min2(BATCH_FLAGS_BASE)]);
  put([253, 0, 2, 0]);
  put([32, 32]);
  put([69]);
  put([32, 32]);
  put([65, 15]);
  put([70]);
  put([65, 1]);
  put([116]);
  put([114]);
  put([253, 17]);
  put([253, 80]);
  put([33, 31]);
  let msgIdx = 0;
  function g(a, b, c, d) {
    const mx = MSG_ACCESS_ORDER[msgIdx++];
    const my = MSG_ACCESS_ORDER[msgIdx++];
    put([32, 16 + a]);
    put([32, 16 + b]);
    put([253, 174, 1]);
    put([32, mx]);
    put([253, 174, 1]);
    put([33, 16 + a]);
    put([32, 16 + d]);
    put([32, 16 + a]);
    put([253, 81]);
    put([34, 16 + d]);
    put([32, 16 + d]);
    put([253, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13]);
    put([33, 16 + d]);
    put([32, 16 + c]);
    put([32, 16 + d]);
    put([253, 174, 1]);
    put([33, 16 + c]);
    put([32, 16 + b]);
    put([32, 16 + c]);
    put([253, 81]);
    put([34, 16 + b]);
    put([65, 12]);
    put([253, 173, 1]);
    put([32, 16 + b]);
    put([65, 20]);
    put([253, 171, 1]);
    put([253, 80]);
    put([33, 16 + b]);
    put([32, 16 + a]);
    put([32, 16 + b]);
    put([253, 174, 1]);
    put([32, my]);
    put([253, 174, 1]);
    put([33, 16 + a]);
    put([32, 16 + d]);
    put([32, 16 + a]);
    put([253, 81]);
    put([34, 16 + d]);
    put([32, 16 + d]);
    put([253, 13, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12]);
    put([33, 16 + d]);
    put([32, 16 + c]);
    put([32, 16 + d]);
    put([253, 174, 1]);
    put([33, 16 + c]);
    put([32, 16 + b]);
    put([32, 16 + c]);
    put([253, 81]);
    put([34, 16 + b]);
    put([65, 7]);
    put([253, 173, 1]);
    put([32, 16 + b]);
    put([65, 25]);
    put([253, 171, 1]);
    put([253, 80]);
    put([33, 16 + b]);
  }
  for (let round = 0; round < 7; round++) {
    g(0, 4, 8, 12);
    g(1, 5, 9, 13);
    g(2, 6, 10, 14);
    g(3, 7, 11, 15);
    g(0, 5, 10, 15);
    g(1, 6, 11, 12);
    g(2, 7, 8, 13);
    g(3, 4, 9, 14);
  }
  for (let i = 0; i < 8; i++) {
    put([32, 16 + i]);
    put([32, 24 + i]);
    put([253, 81]);
    put([33, 16 + i]);
  }
  put([32, 32]);
  put([65, 1]);
  put([106]);
  put([34, 32]);
  put([65, 16]);
  put([73]);
  put([13, 0]);
  put([11]);
  put([11]);
  for (let i = 0; i < 8; i++) {
    put([65, ...toLebU32Min2(BATCH_OUTPUT + i * 16)]);
    put([32, 16 + i]);
    put([253, 11, 2, 0]);
  }
  put([11]);
  return code;
}
function generateCompressParentBody() {
  const code = [];
  function put(bytes) {
    code.push(...bytes);
  }
  put([1]);
  put([32, 127]);
  const PARENT_BLOCK_OFFSET = SIMD_MEMORY.PARENT_BLOCK;
  const CHUNK_CV_OFFSET = SIMD_MEMORY.CHUNK_CV;
  const IV2 = [1779033703, 3144134277, 1013904242, 2773480762, 1359893119, 2600822924, 528734635, 1541459225];
  for (let i = 0; i < 16; i++) {
    put([65, ...toLebU32Min2(PARENT_BLOCK_OFFSET + i * 4)]);
    put([40, 2, 0]);
    put([33, i]);
  }
  for (let i = 0; i < 8; i++) {
    put([65, ...toSignedLeb128_i32(IV2[i])]);
    put([33, 16 + i]);
  }
  for (let i = 0; i < 4; i++) {
    put([65, ...toSignedLeb128_i32(IV2[i])]);
    put([33, 24 + i]);
  }
  put([65, 0]);
  put([33, 28]);
  put([65, 0]);
  put([33, 29]);
  put([65, 192, 0]);
  put([33, 30]);
  put([65, 4]);
  put([33, 31]);
  function g(a, b, c, d, mx, my) {
    const sa = 16 + a, sb = 16 + b, sc = 16 + c, sd = 16 + d;
    put([32, sa]);
    put([32, sb]);
    put([106]);
    put([32, mx]);
    put([106]);
    put([33, sa]);
    put([32, sd]);
    put([32, sa]);
    put([115]);
    put([65, 16]);
    put([120]);
    put([33, sd]);
    put([32, sc]);
    put([32, sd]);
    put([106]);
    put([33, sc]);
    put([32, sb]);
    put([32, sc]);
    put([115]);
    put([65, 12]);
    put([120]);
    put([33, sb]);
    put([32, sa]);
    put([32, sb]);
    put([106]);
    put([32, my]);
    put([106]);
    put([33, sa]);
    put([32, sd]);
    put([32, sa]);
    put([115]);
    put([65, 8]);
    put([120]);
    put([33, sd]);
    put([32, sc]);
    put([32, sd]);
    put([106]);
    put([33, sc]);
    put([32, sb]);
    put([32, sc]);
    put([115]);
    put([65, 7]);
    put([120]);
    put([33, sb]);
  }
  let msgIdx = 0;
  for (let round = 0; round < 7; round++) {
    g(0, 4, 8, 12, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(1, 5, 9, 13, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(2, 6, 10, 14, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(3, 7, 11, 15, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(0, 5, 10, 15, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(1, 6, 11, 12, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(2, 7, 8, 13, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
    g(3, 4, 9, 14, MSG_ACCESS_ORDER[msgIdx], MSG_ACCESS_ORDER[msgIdx + 1]);
    msgIdx += 2;
  }
  for (let i = 0; i < 8; i++) {
    put([65, ...toLebU32Min2(CHUNK_CV_OFFSET + i * 4)]);
    put([32, 16 + i]);
    put([32, 24 + i]);
    put([115]);
    put([54, 2, 0]);
  }
  put([11]);
  return code;
}
var wasmInstance = null;
var wasmMemory = null;
var wasmCompress4x = null;
var wasmCompressChunks4x = null;
var wasmCompressParent = null;
var wasmMemoryView = null;
var wasmMemoryView32 = null;
function isSimdSupported() {
  try {
    const simdTest = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11]);
    return WebAssembly.validate(simdTest);
  } catch {
    return false;
  }
}
function setupArenaViews() {
  if (!wasmMemory) return;
  const buffer = wasmMemory.buffer;
  arenaCvStack = new Uint32Array(buffer, SIMD_MEMORY.CV_STACK, 512);
  arenaParentBlock = new Uint32Array(buffer, SIMD_MEMORY.PARENT_BLOCK, 16);
  arenaChunkCv = new Uint32Array(buffer, SIMD_MEMORY.CHUNK_CV, 8);
  arenaTempCvs = new Uint32Array(buffer, SIMD_MEMORY.TEMP_CVS, 32);
  arenaBatchBlockWords = new Uint32Array(buffer, SIMD_MEMORY.BATCH_BLOCK_WORDS, 256 * 4);
  arenaBatchCv = new Uint32Array(buffer, SIMD_MEMORY.BATCH_CV, 32);
  arenaBatchCounterLow = new Uint32Array(buffer, SIMD_MEMORY.BATCH_COUNTER_LOW, 4);
  arenaBatchFlagsBase = new Uint32Array(buffer, SIMD_MEMORY.BATCH_FLAGS_BASE, 4);
  arenaBatchOutput = new Uint32Array(buffer, SIMD_MEMORY.BATCH_OUTPUT, 32);
}
var cachedWasmBytes = null;
function initSimdSync() {
  if (wasmInstance) return true;
  if (!isSimdSupported()) return false;
  try {
    const wasmBytes = cachedWasmBytes || generateWasmBytes();
    cachedWasmBytes = wasmBytes;
    wasmMemory = new WebAssembly.Memory({ initial: 1 });
    const importObject = { js: { mem: wasmMemory } };
    const module = new WebAssembly.Module(wasmBytes.buffer);
    wasmInstance = new WebAssembly.Instance(module, importObject);
    wasmCompress4x = wasmInstance.exports.compress4x;
    wasmCompressChunks4x = wasmInstance.exports.compressChunks4x;
    wasmCompressParent = wasmInstance.exports.compressParent;
    wasmMemoryView = new Uint8Array(wasmMemory.buffer);
    wasmMemoryView32 = new Uint32Array(wasmMemory.buffer);
    setupArenaViews();
    return true;
  } catch (e) {
    console.warn("Failed to initialize WASM SIMD:", e);
    return false;
  }
}
var SIMD_MEMORY = { BLOCK_WORDS: 0, CHAINING_VALUES: 512, OUTPUT: 640, COUNTER_LOW: 768, COUNTER_HIGH: 784, BLOCK_LEN: 800, FLAGS: 816, BATCH_BLOCK_WORDS: 832, BATCH_CV: 4928, BATCH_COUNTER_LOW: 5056, BATCH_FLAGS_BASE: 5072, BATCH_OUTPUT: 5088, CV_STACK: 5216, PARENT_BLOCK: 7264, CHUNK_CV: 7328, TEMP_CVS: 7360 };
var arenaCvStack = null;
var arenaParentBlock = null;
var arenaChunkCv = null;
var arenaTempCvs = null;
var arenaBatchBlockWords = null;
var arenaBatchCv = null;
var arenaBatchCounterLow = null;
var arenaBatchFlagsBase = null;
var arenaBatchOutput = null;
function getSimdMemory() {
  if (!wasmMemoryView || !wasmMemoryView32) return null;
  return { view: wasmMemoryView, view32: wasmMemoryView32 };
}
function getArenaBuffers() {
  if (!arenaCvStack || !arenaParentBlock || !arenaChunkCv || !arenaTempCvs) return null;
  return { cvStack: arenaCvStack, parentBlock: arenaParentBlock, chunkCv: arenaChunkCv, tempCvs: arenaTempCvs };
}
function runCompress4x() {
  if (!wasmCompress4x) throw new Error("WASM SIMD not initialized. Call initSimdSync() first.");
  wasmCompress4x();
}
function runCompressChunks4x() {
  if (!wasmCompressChunks4x) throw new Error("WASM SIMD not initialized. Call initSimdSync() first.");
  wasmCompressChunks4x();
}
function runCompressParent() {
  if (!wasmCompressParent) throw new Error("WASM SIMD not initialized. Call initSimdSync() first.");
  wasmCompressParent();
}
var blockWords = null;
var HYPER_CV_STACK = new Uint32Array(512);
var CV_POOL_SIZE = 64;
var CV_POOL = new Uint32Array(CV_POOL_SIZE * 8);
var CV_VIEWS = [];
for (let i = 0; i < CV_POOL_SIZE; i++) CV_VIEWS.push(CV_POOL.subarray(i * 8, i * 8 + 8));
var simdAvailable = false;
var SIMD_THRESHOLD = 4 * CHUNK_LEN;
function ensureSimdSync() {
  if (simdAvailable) return true;
  simdAvailable = initSimdSync();
  return simdAvailable;
}
var simdChunkCvs = new Uint32Array(32);
var reusableTempCv = new Uint32Array(8);
var reusableChunkCv = new Uint32Array(8);
var reusablePureParentBlock = new Uint32Array(16);
var reusablePureParentCv = new Uint32Array(8);
var reusableSimdCvs = new Uint32Array(32);
var reusableSimdParentBlock = new Uint32Array(16);
var reusableSimdParentCv = new Uint32Array(8);
var reusableOffsets = new Uint32Array(4);
var reusableCounters = new Uint32Array(4);
var reusableBlockLens = new Uint32Array(4);
var reusableFlags = new Uint32Array(4);
var reusableOut8 = new Uint32Array(8);
var reusableOut8View = new Uint8Array(reusableOut8.buffer, 0, 32);
function copyCV8(src, srcOff, dst, dstOff) {
  dst[dstOff] = src[srcOff];
  dst[dstOff + 1] = src[srcOff + 1];
  dst[dstOff + 2] = src[srcOff + 2];
  dst[dstOff + 3] = src[srcOff + 3];
  dst[dstOff + 4] = src[srcOff + 4];
  dst[dstOff + 5] = src[srcOff + 5];
  dst[dstOff + 6] = src[srcOff + 6];
  dst[dstOff + 7] = src[srcOff + 7];
}
function transposeBlocksToSimd(input, offsets, blockLens, mem32, blockCount, inputWords) {
  if (blockCount === 4 && blockLens[0] === 64 && blockLens[1] === 64 && blockLens[2] === 64 && blockLens[3] === 64 && inputWords && offsets[0] % 4 === 0 && offsets[1] % 4 === 0 && offsets[2] % 4 === 0 && offsets[3] % 4 === 0) {
    const wordOff0 = offsets[0] >>> 2;
    const wordOff1 = offsets[1] >>> 2;
    const wordOff2 = offsets[2] >>> 2;
    const wordOff3 = offsets[3] >>> 2;
    for (let w = 0; w < 16; w++) {
      const dstBase = w * 4;
      mem32[dstBase] = inputWords[wordOff0 + w];
      mem32[dstBase + 1] = inputWords[wordOff1 + w];
      mem32[dstBase + 2] = inputWords[wordOff2 + w];
      mem32[dstBase + 3] = inputWords[wordOff3 + w];
    }
    return;
  }
  for (let b = 0; b < blockCount; b++) {
    const len = blockLens[b];
    const off = offsets[b];
    if (len === 64) if (inputWords && off % 4 === 0) {
      const wordOff = off >>> 2;
      for (let w = 0; w < 16; w++) mem32[w * 4 + b] = inputWords[wordOff + w];
    } else for (let w = 0; w < 16; w++) {
      const srcOff = off + w * 4;
      mem32[w * 4 + b] = input[srcOff] | input[srcOff + 1] << 8 | input[srcOff + 2] << 16 | input[srcOff + 3] << 24;
    }
    else if (len === 0) for (let w = 0; w < 16; w++) mem32[w * 4 + b] = 0;
    else for (let w = 0; w < 16; w++) {
      const wordOff = w * 4;
      if (wordOff >= len) mem32[w * 4 + b] = 0;
      else if (wordOff + 4 <= len) {
        const srcOff = off + wordOff;
        mem32[w * 4 + b] = input[srcOff] | input[srcOff + 1] << 8 | input[srcOff + 2] << 16 | input[srcOff + 3] << 24;
      } else {
        let word = 0;
        for (let i = 0; i < len - wordOff; i++) word |= input[off + wordOff + i] << i * 8;
        mem32[w * 4 + b] = word;
      }
    }
  }
  for (let b = blockCount; b < 4; b++) for (let w = 0; w < 16; w++) mem32[w * 4 + b] = 0;
}
function transposeBatchToSimd(input, chunkOffsets, mem32, inputWords) {
  const BATCH_BASE = SIMD_MEMORY.BATCH_BLOCK_WORDS / 4;
  const chunk0WordBase = chunkOffsets[0] >>> 2;
  const chunk1WordBase = chunkOffsets[1] >>> 2;
  const chunk2WordBase = chunkOffsets[2] >>> 2;
  const chunk3WordBase = chunkOffsets[3] >>> 2;
  if (inputWords && chunkOffsets[0] % 4 === 0) for (let pos = 0; pos < 16; pos++) {
    const posBase = BATCH_BASE + pos * 64;
    const blockWordOff = pos * 16;
    for (let w = 0; w < 16; w++) {
      const dstBase = posBase + w * 4;
      mem32[dstBase] = inputWords[chunk0WordBase + blockWordOff + w];
      mem32[dstBase + 1] = inputWords[chunk1WordBase + blockWordOff + w];
      mem32[dstBase + 2] = inputWords[chunk2WordBase + blockWordOff + w];
      mem32[dstBase + 3] = inputWords[chunk3WordBase + blockWordOff + w];
    }
  }
  else for (let pos = 0; pos < 16; pos++) {
    const posBase = BATCH_BASE + pos * 64;
    const blockByteOff = pos * 64;
    for (let w = 0; w < 16; w++) {
      const dstBase = posBase + w * 4;
      const wordByteOff = w * 4;
      const off0 = chunkOffsets[0] + blockByteOff + wordByteOff;
      mem32[dstBase] = input[off0] | input[off0 + 1] << 8 | input[off0 + 2] << 16 | input[off0 + 3] << 24;
      const off1 = chunkOffsets[1] + blockByteOff + wordByteOff;
      mem32[dstBase + 1] = input[off1] | input[off1 + 1] << 8 | input[off1 + 2] << 16 | input[off1 + 3] << 24;
      const off2 = chunkOffsets[2] + blockByteOff + wordByteOff;
      mem32[dstBase + 2] = input[off2] | input[off2 + 1] << 8 | input[off2 + 2] << 16 | input[off2 + 3] << 24;
      const off3 = chunkOffsets[3] + blockByteOff + wordByteOff;
      mem32[dstBase + 3] = input[off3] | input[off3 + 1] << 8 | input[off3 + 2] << 16 | input[off3 + 3] << 24;
    }
  }
}
var SIMD_CV_BASE = SIMD_MEMORY.CHAINING_VALUES / 4;
var SIMD_OUT_BASE = SIMD_MEMORY.OUTPUT / 4;
var SIMD_COUNTER_LOW_BASE = SIMD_MEMORY.COUNTER_LOW / 4;
var SIMD_COUNTER_HIGH_BASE = SIMD_MEMORY.COUNTER_HIGH / 4;
var SIMD_BLOCK_LEN_BASE = SIMD_MEMORY.BLOCK_LEN / 4;
var BATCH_CV_BASE = SIMD_MEMORY.BATCH_CV / 4;
var BATCH_COUNTER_LOW_BASE = SIMD_MEMORY.BATCH_COUNTER_LOW / 4;
var BATCH_FLAGS_BASE_OFFSET = SIMD_MEMORY.BATCH_FLAGS_BASE / 4;
var BATCH_OUTPUT_BASE = SIMD_MEMORY.BATCH_OUTPUT / 4;
var batchChunkOffsets = new Uint32Array(4);
var SIMD_FLAGS_BASE = SIMD_MEMORY.FLAGS / 4;
function setupSimdCvs(cvs, mem32, count2) {
  if (count2 === 4) for (let w = 0; w < 8; w++) {
    const base = SIMD_CV_BASE + w * 4;
    mem32[base] = cvs[w];
    mem32[base + 1] = cvs[8 + w];
    mem32[base + 2] = cvs[16 + w];
    mem32[base + 3] = cvs[24 + w];
  }
  else for (let w = 0; w < 8; w++) {
    const base = SIMD_CV_BASE + w * 4;
    for (let c = 0; c < count2; c++) mem32[base + c] = cvs[c * 8 + w];
    for (let c = count2; c < 4; c++) mem32[base + c] = 0;
  }
}
function setupSimdParams(mem32, counters, blockLens, flagsArr, count2) {
  for (let i = 0; i < count2; i++) {
    mem32[SIMD_COUNTER_LOW_BASE + i] = counters[i];
    mem32[SIMD_COUNTER_HIGH_BASE + i] = 0;
    mem32[SIMD_BLOCK_LEN_BASE + i] = blockLens[i];
    mem32[SIMD_FLAGS_BASE + i] = flagsArr[i];
  }
  for (let i = count2; i < 4; i++) {
    mem32[SIMD_COUNTER_LOW_BASE + i] = 0;
    mem32[SIMD_COUNTER_HIGH_BASE + i] = 0;
    mem32[SIMD_BLOCK_LEN_BASE + i] = 0;
    mem32[SIMD_FLAGS_BASE + i] = 0;
  }
}
function readSimdOutputCvs(mem32, outputCvs, count2) {
  if (count2 === 4) for (let w = 0; w < 8; w++) {
    const base = SIMD_OUT_BASE + w * 4;
    outputCvs[w] = mem32[base];
    outputCvs[8 + w] = mem32[base + 1];
    outputCvs[16 + w] = mem32[base + 2];
    outputCvs[24 + w] = mem32[base + 3];
  }
  else for (let w = 0; w < 8; w++) {
    const base = SIMD_OUT_BASE + w * 4;
    for (let c = 0; c < count2; c++) outputCvs[c * 8 + w] = mem32[base + c];
  }
}
function getBlockWords() {
  if (!blockWords) blockWords = new Uint32Array(16);
  return blockWords;
}
function hashChunkWithWords(input, inputWords, inputOffset, inputLen, chunkCounter, flags, cv, cvOffset) {
  reusableTempCv.set(IV);
  const fullBlocks = inputLen >>> 6;
  const remainder = inputLen & 63;
  const chunkWordOffset = inputOffset >>> 2;
  if (inputWords && remainder === 0 && inputLen === 1024) {
    let wordOff = chunkWordOffset;
    compress(reusableTempCv, 0, inputWords, wordOff, reusableTempCv, 0, false, chunkCounter, 64, flags | 1);
    wordOff += 16;
    for (let i = 1; i < 15; i++) {
      compress(reusableTempCv, 0, inputWords, wordOff, reusableTempCv, 0, false, chunkCounter, 64, flags);
      wordOff += 16;
    }
    compress(reusableTempCv, 0, inputWords, wordOff, reusableTempCv, 0, false, chunkCounter, 64, flags | 2);
    cv.set(reusableTempCv, cvOffset);
    return;
  }
  const totalBlocks = fullBlocks + (remainder > 0 ? 1 : 0);
  const block = getBlockWords();
  for (let blockIdx = 0; blockIdx < totalBlocks; blockIdx++) {
    const isFirst = blockIdx === 0;
    const isLast = blockIdx === totalBlocks - 1;
    const blockStart = blockIdx << 6;
    const blockLen = isLast && remainder > 0 ? remainder : 64;
    let blockFlags = flags;
    if (isFirst) blockFlags |= 1;
    if (isLast) blockFlags |= 2;
    if (isLast && remainder > 0) readLittleEndianWordsPartial(input, inputOffset + blockStart, blockLen, block);
    else if (inputWords && chunkWordOffset + (blockStart >>> 2) + 16 <= inputWords.length) {
      compress(reusableTempCv, 0, inputWords, chunkWordOffset + (blockStart >>> 2), reusableTempCv, 0, false, chunkCounter, blockLen, blockFlags);
      continue;
    } else readLittleEndianWordsFull(input, inputOffset + blockStart, block);
    compress(reusableTempCv, 0, block, 0, reusableTempCv, 0, false, chunkCounter, blockLen, blockFlags);
  }
  cv.set(reusableTempCv, cvOffset);
}
function hashPureJS(input, outputLen) {
  const inputLen = input.length;
  if (inputLen === 0) {
    const block = getBlockWords();
    block.fill(0);
    const out2 = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
    compress(IV, 0, block, 0, out2, 0, outputLen > 32, 0, 0, 11);
    if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
    const result2 = new Uint8Array(outputLen);
    if (IS_LITTLE_ENDIAN) result2.set(new Uint8Array(out2.buffer, 0, outputLen));
    else writeLittleEndianBytesPartial(out2, 0, result2, 0, outputLen);
    return result2;
  }
  const numChunks = Math.ceil(inputLen / CHUNK_LEN);
  if (numChunks === 1) {
    const cv = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
    hashChunkRoot(input, 0, inputLen, 0, 0, cv, outputLen > 32);
    if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
    const result2 = new Uint8Array(outputLen);
    if (IS_LITTLE_ENDIAN) result2.set(new Uint8Array(cv.buffer, 0, outputLen));
    else writeLittleEndianBytesPartial(cv, 0, result2, 0, outputLen);
    return result2;
  }
  const stack = HYPER_CV_STACK;
  let stackLen = 0;
  const chunkCv = reusableChunkCv;
  const parentBlock = reusablePureParentBlock;
  const parentCv = reusablePureParentCv;
  let inputWords = null;
  const canUseFastPath = IS_LITTLE_ENDIAN && input.byteOffset % 4 === 0;
  if (canUseFastPath) inputWords = new Uint32Array(input.buffer, input.byteOffset, inputLen >>> 2);
  const fullChunks = inputLen >>> 10;
  const lastChunkLen = inputLen & 1023;
  if (canUseFastPath && inputWords) {
    for (let chunkIdx = 0; chunkIdx < fullChunks; chunkIdx++) {
      chunkCv.set(IV);
      let wordOff = chunkIdx << 8;
      compress(chunkCv, 0, inputWords, wordOff, chunkCv, 0, false, chunkIdx, 64, 1);
      wordOff += 16;
      for (let b = 1; b < 15; b++) {
        compress(chunkCv, 0, inputWords, wordOff, chunkCv, 0, false, chunkIdx, 64, 0);
        wordOff += 16;
      }
      compress(chunkCv, 0, inputWords, wordOff, chunkCv, 0, false, chunkIdx, 64, 2);
      let totalChunks = chunkIdx + 1;
      let cvSrcOff = 0;
      let cvSrc = chunkCv;
      const isLastChunk = chunkIdx === fullChunks - 1 && lastChunkLen === 0;
      while ((totalChunks & 1) === 0 && stackLen > 0) {
        if (stackLen === 1 && isLastChunk) break;
        stackLen--;
        copyCV8(stack, stackLen * 8, parentBlock, 0);
        copyCV8(cvSrc, cvSrcOff, parentBlock, 8);
        compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
        cvSrc = parentCv;
        cvSrcOff = 0;
        totalChunks >>>= 1;
      }
      const stackOff = stackLen * 8;
      copyCV8(cvSrc, cvSrcOff, stack, stackOff);
      stackLen++;
    }
    if (lastChunkLen > 0) {
      hashChunkWithWords(input, inputWords, fullChunks * CHUNK_LEN, lastChunkLen, fullChunks, 0, chunkCv, 0);
      let totalChunks = fullChunks + 1;
      let newCv = chunkCv;
      let newCvOffset = 0;
      while ((totalChunks & 1) === 0 && stackLen > 0) {
        if (stackLen === 1) break;
        stackLen--;
        copyCV8(stack, stackLen * 8, parentBlock, 0);
        copyCV8(newCv, newCvOffset, parentBlock, 8);
        compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
        newCv = parentCv;
        newCvOffset = 0;
        totalChunks >>>= 1;
      }
      const pushOff = stackLen * 8;
      copyCV8(newCv, newCvOffset, stack, pushOff);
      stackLen++;
    }
  } else for (let chunkIdx = 0; chunkIdx < numChunks; chunkIdx++) {
    const chunkStart = chunkIdx * CHUNK_LEN;
    const chunkLen = Math.min(CHUNK_LEN, inputLen - chunkStart);
    hashChunkWithWords(input, inputWords, chunkStart, chunkLen, chunkIdx, 0, chunkCv, 0);
    let totalChunks = chunkIdx + 1;
    let newCv = chunkCv;
    let newCvOffset = 0;
    const isLastChunk = chunkIdx === numChunks - 1;
    while ((totalChunks & 1) === 0 && stackLen > 0) {
      if (stackLen === 1 && isLastChunk) break;
      stackLen--;
      copyCV8(stack, stackLen * 8, parentBlock, 0);
      copyCV8(newCv, newCvOffset, parentBlock, 8);
      compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
      newCv = parentCv;
      newCvOffset = 0;
      totalChunks >>>= 1;
    }
    const pushOff = stackLen * 8;
    copyCV8(newCv, newCvOffset, stack, pushOff);
    stackLen++;
  }
  while (stackLen > 1) {
    stackLen--;
    const rightOff = stackLen * 8;
    stackLen--;
    copyCV8(stack, stackLen * 8, parentBlock, 0);
    copyCV8(stack, rightOff, parentBlock, 8);
    if (stackLen === 0) {
      const out2 = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
      compress(IV, 0, parentBlock, 0, out2, 0, outputLen > 32, 0, 64, 12);
      if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
      const result2 = new Uint8Array(outputLen);
      if (IS_LITTLE_ENDIAN) result2.set(new Uint8Array(out2.buffer, 0, outputLen));
      else writeLittleEndianBytesPartial(out2, 0, result2, 0, outputLen);
      return result2;
    }
    compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
    copyCV8(parentCv, 0, stack, stackLen * 8);
    stackLen++;
  }
  const out = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
  const lastBlock = getBlockWords();
  lastBlock.fill(0);
  copyCV8(stack, 0, lastBlock, 0);
  compress(IV, 0, lastBlock, 0, out, 0, outputLen > 32, 0, 64, 8);
  if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
  const result = new Uint8Array(outputLen);
  if (IS_LITTLE_ENDIAN) result.set(new Uint8Array(out.buffer, 0, outputLen));
  else writeLittleEndianBytesPartial(out, 0, result, 0, outputLen);
  return result;
}
function hashChunkRoot(input, inputOffset, inputLen, chunkCounter, flags, out, fullOutput) {
  reusableTempCv.set(IV);
  const block = getBlockWords();
  const fullBlocks = inputLen >>> 6;
  const remainder = inputLen & 63;
  const totalBlocks = fullBlocks + (remainder > 0 ? 1 : 0) || 1;
  let inputWords = null;
  if (IS_LITTLE_ENDIAN && (input.byteOffset + inputOffset) % 4 === 0 && inputLen >= 4) inputWords = new Uint32Array(input.buffer, input.byteOffset + inputOffset, inputLen >>> 2);
  for (let blockIdx = 0; blockIdx < totalBlocks; blockIdx++) {
    const isFirst = blockIdx === 0;
    const isLast = blockIdx === totalBlocks - 1;
    const blockStart = blockIdx << 6;
    const blockLen = isLast ? remainder || (inputLen > 0 ? 64 : 0) : 64;
    let blockFlags = flags;
    if (isFirst) blockFlags |= 1;
    if (isLast) blockFlags |= 10;
    if (isLast && remainder > 0) readLittleEndianWordsPartial(input, inputOffset + blockStart, blockLen, block);
    else if (inputLen === 0) block.fill(0);
    else if (inputWords && (blockStart >>> 2) + 16 <= inputWords.length) {
      compress(reusableTempCv, 0, inputWords, blockStart >>> 2, isLast ? out : reusableTempCv, 0, isLast && fullOutput, chunkCounter, blockLen, blockFlags);
      continue;
    } else readLittleEndianWordsFull(input, inputOffset + blockStart, block);
    compress(reusableTempCv, 0, block, 0, isLast ? out : reusableTempCv, 0, isLast && fullOutput, chunkCounter, blockLen, blockFlags);
  }
}
function hashSimd(input, outputLen) {
  const mem = getSimdMemory();
  if (!mem) return hashPureJS(input, outputLen);
  const { view32 } = mem;
  const inputLen = input.length;
  const numChunks = Math.ceil(inputLen / CHUNK_LEN);
  if (numChunks < 4) return hashPureJS(input, outputLen);
  const arena = getArenaBuffers();
  const useWasmParent = arena !== null;
  let stack;
  let tempCvs;
  let parentBlock;
  let parentCv;
  if (arena) {
    stack = arena.cvStack;
    tempCvs = arena.tempCvs;
    parentBlock = arena.parentBlock;
    parentCv = arena.chunkCv;
  } else {
    stack = HYPER_CV_STACK;
    tempCvs = reusableSimdCvs;
    parentBlock = reusableSimdParentBlock;
    parentCv = reusableSimdParentCv;
  }
  let stackLen = 0;
  const offsets = reusableOffsets;
  const counters = reusableCounters;
  const blockLens = reusableBlockLens;
  const flagsArr = reusableFlags;
  const inputWords = IS_LITTLE_ENDIAN && input.byteOffset % 4 === 0 ? new Uint32Array(input.buffer, input.byteOffset, input.byteLength >>> 2) : null;
  const numFullChunks = inputLen >>> 10;
  let chunkIdx = 0;
  while (chunkIdx < numChunks) {
    const groupSize = Math.min(4, numChunks - chunkIdx);
    if (groupSize === 4 && chunkIdx + 4 <= numFullChunks) {
      batchChunkOffsets[0] = chunkIdx * CHUNK_LEN;
      batchChunkOffsets[1] = (chunkIdx + 1) * CHUNK_LEN;
      batchChunkOffsets[2] = (chunkIdx + 2) * CHUNK_LEN;
      batchChunkOffsets[3] = (chunkIdx + 3) * CHUNK_LEN;
      transposeBatchToSimd(input, batchChunkOffsets, view32, inputWords);
      for (let w = 0; w < 8; w++) {
        const ivWord = IV[w];
        const base = BATCH_CV_BASE + w * 4;
        view32[base] = ivWord;
        view32[base + 1] = ivWord;
        view32[base + 2] = ivWord;
        view32[base + 3] = ivWord;
      }
      view32[BATCH_COUNTER_LOW_BASE] = chunkIdx;
      view32[BATCH_COUNTER_LOW_BASE + 1] = chunkIdx + 1;
      view32[BATCH_COUNTER_LOW_BASE + 2] = chunkIdx + 2;
      view32[BATCH_COUNTER_LOW_BASE + 3] = chunkIdx + 3;
      view32[BATCH_FLAGS_BASE_OFFSET] = 0;
      view32[BATCH_FLAGS_BASE_OFFSET + 1] = 0;
      view32[BATCH_FLAGS_BASE_OFFSET + 2] = 0;
      view32[BATCH_FLAGS_BASE_OFFSET + 3] = 0;
      runCompressChunks4x();
      for (let w = 0; w < 8; w++) {
        const base = BATCH_OUTPUT_BASE + w * 4;
        tempCvs[w] = view32[base];
        tempCvs[8 + w] = view32[base + 1];
        tempCvs[16 + w] = view32[base + 2];
        tempCvs[24 + w] = view32[base + 3];
      }
    } else {
      for (let g = 0; g < groupSize; g++) {
        const base = g * 8;
        tempCvs[base] = IV[0];
        tempCvs[base + 1] = IV[1];
        tempCvs[base + 2] = IV[2];
        tempCvs[base + 3] = IV[3];
        tempCvs[base + 4] = IV[4];
        tempCvs[base + 5] = IV[5];
        tempCvs[base + 6] = IV[6];
        tempCvs[base + 7] = IV[7];
      }
      for (let blockIdx = 0; blockIdx < 16; blockIdx++) {
        for (let g = 0; g < groupSize; g++) {
          const thisChunkIdx = chunkIdx + g;
          const chunkStart = thisChunkIdx * CHUNK_LEN;
          const chunkLen = Math.min(CHUNK_LEN, inputLen - chunkStart);
          const thisBlockStart = chunkStart + blockIdx * 64;
          const blockStartInChunk = blockIdx * 64;
          let thisBlockLen = 64;
          if (blockStartInChunk >= chunkLen) thisBlockLen = 0;
          else if (blockStartInChunk + 64 > chunkLen) thisBlockLen = chunkLen - blockStartInChunk;
          offsets[g] = thisBlockStart;
          counters[g] = thisChunkIdx;
          let flags = 0;
          if (blockIdx === 0) flags |= 1;
          const totalBlocksInChunk = Math.ceil(chunkLen / 64) || 1;
          if (blockIdx === totalBlocksInChunk - 1) flags |= 2;
          blockLens[g] = thisBlockLen;
          flagsArr[g] = flags;
        }
        if (blockLens[0] === 0 && blockLens[1] === 0 && blockLens[2] === 0 && blockLens[3] === 0) continue;
        transposeBlocksToSimd(input, offsets, blockLens, view32, groupSize, inputWords);
        setupSimdCvs(tempCvs, view32, groupSize);
        setupSimdParams(view32, counters, blockLens, flagsArr, groupSize);
        runCompress4x();
        readSimdOutputCvs(view32, simdChunkCvs, groupSize);
        for (let g = 0; g < groupSize; g++) {
          if (blockLens[g] === 0) continue;
          const base = g * 8;
          tempCvs[base] = simdChunkCvs[base];
          tempCvs[base + 1] = simdChunkCvs[base + 1];
          tempCvs[base + 2] = simdChunkCvs[base + 2];
          tempCvs[base + 3] = simdChunkCvs[base + 3];
          tempCvs[base + 4] = simdChunkCvs[base + 4];
          tempCvs[base + 5] = simdChunkCvs[base + 5];
          tempCvs[base + 6] = simdChunkCvs[base + 6];
          tempCvs[base + 7] = simdChunkCvs[base + 7];
        }
      }
    }
    for (let g = 0; g < groupSize; g++) {
      const thisChunkIdx = chunkIdx + g;
      let totalChunks = thisChunkIdx + 1;
      let newCvBase = g * 8;
      let newCvSrc = tempCvs;
      const isLastChunk = thisChunkIdx === numChunks - 1;
      while ((totalChunks & 1) === 0 && stackLen > 0) {
        if (stackLen === 1 && isLastChunk) break;
        stackLen--;
        const stackOff = stackLen * 8;
        copyCV8(stack, stackOff, parentBlock, 0);
        copyCV8(newCvSrc, newCvBase, parentBlock, 8);
        if (useWasmParent) runCompressParent();
        else compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
        newCvSrc = parentCv;
        newCvBase = 0;
        totalChunks >>>= 1;
      }
      const pushOff = stackLen * 8;
      copyCV8(newCvSrc, newCvBase, stack, pushOff);
      stackLen++;
    }
    chunkIdx += groupSize;
  }
  while (stackLen > 1) {
    stackLen--;
    const rightOff = stackLen * 8;
    stackLen--;
    const leftOff = stackLen * 8;
    copyCV8(stack, leftOff, parentBlock, 0);
    copyCV8(stack, rightOff, parentBlock, 8);
    if (stackLen === 0) {
      const out = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
      compress(IV, 0, parentBlock, 0, out, 0, outputLen > 32, 0, 64, 12);
      if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
      const result = new Uint8Array(outputLen);
      if (IS_LITTLE_ENDIAN) result.set(new Uint8Array(out.buffer, 0, outputLen));
      else writeLittleEndianBytesPartial(out, 0, result, 0, outputLen);
      return result;
    }
    if (useWasmParent) runCompressParent();
    else compress(IV, 0, parentBlock, 0, parentCv, 0, false, 0, 64, 4);
    copyCV8(parentCv, 0, stack, stackLen * 8);
    stackLen++;
  }
  if (stackLen === 1) {
    const block = getBlockWords();
    block.fill(0);
    copyCV8(stack, 0, block, 0);
    const out = outputLen === 32 ? reusableOut8 : new Uint32Array(outputLen > 32 ? 16 : 8);
    compress(IV, 0, block, 0, out, 0, outputLen > 32, 0, 64, 8);
    if (outputLen === 32 && IS_LITTLE_ENDIAN) return reusableOut8View.slice();
    const result = new Uint8Array(outputLen);
    if (IS_LITTLE_ENDIAN) result.set(new Uint8Array(out.buffer, 0, outputLen));
    else writeLittleEndianBytesPartial(out, 0, result, 0, outputLen);
    return result;
  }
  return hashPureJS(input, outputLen);
}
function hash(input, outputLength = 32) {
  if (input.length >= SIMD_THRESHOLD && ensureSimdSync()) return hashSimd(input, outputLength);
  return hashPureJS(input, outputLength);
}
function warmupSimd() {
  return ensureSimdSync();
}
function createHasher() {
  return new Hasher();
}
if (typeof globalThis !== "undefined" && typeof globalThis.document !== "undefined") queueMicrotask(() => {
  warmupSimd();
});

// npm:@noble/hashes/2.4.0/_u64.js
var U32_MASK64 = (() => BigInt(2 ** 32 - 1))();
var _32n = BigInt(32);
var fromNumH = (n) => n / 2 ** 32 | 0;
var fromNumL = (n) => n >>> 0;
var rotrSH = (h, l, s) => h >>> s | l << 32 - s;
var rotrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32;
var rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
var rotr32H = (_h, l) => l;
var rotr32L = (h, _l) => h;
function add(Ah, Al, Bh, Bl) {
  const l = (Al >>> 0) + (Bl >>> 0);
  return { h: Ah + Bh + (l / 2 ** 32 | 0) | 0, l: l | 0 };
}
var add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0);
var add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0;

// npm:@noble/hashes/2.4.0/utils.js
function isBytes(a) {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
var atitle = (title) => title ? \`"\${title}" \` : "";
function anumber(n, title = "") {
  if (typeof n !== "number") throw new TypeError(atitle(title) + "expected number, got " + typeof n);
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
  return n;
}
function abytes(value, length, title = "") {
  if (isBytes(value) && (length === void 0 || value.length === length)) return value;
  if (length !== void 0) anumber(length, "length");
  const bytes = isBytes(value);
  const ofLen = length !== void 0 ? \` of length \${length}\` : "";
  const got = bytes ? \`length=\${value.length}\` : \`type=\${typeof value}\`;
  const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes) throw new TypeError(message);
  throw new RangeError(message);
}
function copyBytes(bytes) {
  return Uint8Array.from(abytes(bytes));
}
var aobject = (value, label) => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError((label === "object" ? "" : \`"\${label}" \`) + "expected object, got type=" + typeof value);
};
var aopts = (value, label) => {
  aobject(value, label);
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) throw new TypeError(\`"\${label}" expected plain object\`);
  if (Object.hasOwn(value, "__proto__")) throw new TypeError(\`"\${label}.__proto__" is not allowed\`);
};
function aexists(instance, checkFinished = true) {
  if (instance.destroyed) throw new Error("hash was destroyed");
  if (checkFinished && instance.finished) throw new Error("digest() was already called");
}
function aoutput(out, instance) {
  abytes(out, void 0, "output");
  const min = instance.outputLen;
  if (!(out.length >= min)) {
    throw new RangeError('"output" expected length >= ' + min);
  }
}
function u8(arr) {
  return new Uint8Array(arr.buffer, arr.byteOffset, arr.byteLength);
}
function u32(arr) {
  return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
}
function clean(...arrays) {
  for (let i = 0; i < arrays.length; i++) {
    arrays[i].fill(0);
  }
}
function rotr(word, shift) {
  return word << 32 - shift | word >>> shift;
}
var isLE = (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
function byteSwap(word) {
  return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
}
var swap8IfBE = isLE ? (n) => n : (n) => byteSwap(n) >>> 0;
function byteSwap32(arr) {
  for (let i = 0; i < arr.length; i++) {
    arr[i] = byteSwap(arr[i]);
  }
  return arr;
}
var swap32IfBE = isLE ? (u) => u : byteSwap32;
var hasHexBuiltin = (() => typeof Uint8Array.from([]).toHex === "function" && typeof Uint8Array.fromHex === "function")();
var hexes = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
function checkOpts(defaults, opts, title = "opts") {
  aopts(defaults, "defaults");
  if (opts !== void 0) aopts(opts, title);
  const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts);
  return merged;
}
function createHasher2(hashCons, info = {}) {
  if (typeof hashCons !== "function") throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
  info = checkOpts({}, info, "info");
  const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
  const tmp = hashCons(void 0);
  hashC.outputLen = tmp.outputLen;
  hashC.blockLen = tmp.blockLen;
  hashC.canXOF = tmp.canXOF;
  hashC.create = (opts) => hashCons(opts);
  Object.assign(hashC, info);
  return Object.freeze(hashC);
}

// npm:@noble/hashes/2.4.0/_md.js
var SHA256_IV = Uint32Array.from([1779033703, 3144134277, 1013904242, 2773480762, 1359893119, 2600822924, 528734635, 1541459225]);
var SHA224_IV = Uint32Array.from([3238371032, 914150663, 812702999, 4144912697, 4290775857, 1750603025, 1694076839, 3204075428]);
var SHA384_IV = Uint32Array.from([3418070365, 3238371032, 1654270250, 914150663, 2438529370, 812702999, 355462360, 4144912697, 1731405415, 4290775857, 2394180231, 1750603025, 3675008525, 1694076839, 1203062813, 3204075428]);
var SHA512_IV = Uint32Array.from([1779033703, 4089235720, 3144134277, 2227873595, 1013904242, 4271175723, 2773480762, 1595750129, 1359893119, 2917565137, 2600822924, 725511199, 528734635, 4215389547, 1541459225, 327033209]);

// npm:@noble/hashes/2.4.0/_blake.js
var BSIGMA = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9]);
function G1s(a, b, c, d, x) {
  a = a + b + x | 0;
  d = rotr(d ^ a, 16);
  c = c + d | 0;
  b = rotr(b ^ c, 12);
  return { a, b, c, d };
}
function G2s(a, b, c, d, x) {
  a = a + b + x | 0;
  d = rotr(d ^ a, 8);
  c = c + d | 0;
  b = rotr(b ^ c, 7);
  return { a, b, c, d };
}

// npm:@noble/hashes/2.4.0/blake2.js
var B2B_IV = Uint32Array.from([4089235720, 1779033703, 2227873595, 3144134277, 4271175723, 1013904242, 1595750129, 2773480762, 2917565137, 1359893119, 725511199, 2600822924, 4215389547, 528734635, 327033209, 1541459225]);
var BBUF = new Uint32Array(32);
function G1b(a, b, c, d, msg, x) {
  const Xl = msg[x], Xh = msg[x + 1];
  let Al = BBUF[2 * a], Ah = BBUF[2 * a + 1];
  let Bl = BBUF[2 * b], Bh = BBUF[2 * b + 1];
  let Cl = BBUF[2 * c], Ch = BBUF[2 * c + 1];
  let Dl = BBUF[2 * d], Dh = BBUF[2 * d + 1];
  const ll = add3L(Al, Bl, Xl);
  Ah = add3H(ll, Ah, Bh, Xh);
  Al = ll | 0;
  let xh = Dh ^ Ah, xl = Dl ^ Al;
  Dh = rotr32H(xh, xl);
  Dl = rotr32L(xh, xl);
  ({ h: Ch, l: Cl } = add(Ch, Cl, Dh, Dl));
  xh = Bh ^ Ch;
  xl = Bl ^ Cl;
  Bh = rotrSH(xh, xl, 24);
  Bl = rotrSL(xh, xl, 24);
  BBUF[2 * a] = Al;
  BBUF[2 * a + 1] = Ah;
  BBUF[2 * b] = Bl;
  BBUF[2 * b + 1] = Bh;
  BBUF[2 * c] = Cl;
  BBUF[2 * c + 1] = Ch;
  BBUF[2 * d] = Dl;
  BBUF[2 * d + 1] = Dh;
}
function G2b(a, b, c, d, msg, x) {
  const Xl = msg[x], Xh = msg[x + 1];
  let Al = BBUF[2 * a], Ah = BBUF[2 * a + 1];
  let Bl = BBUF[2 * b], Bh = BBUF[2 * b + 1];
  let Cl = BBUF[2 * c], Ch = BBUF[2 * c + 1];
  let Dl = BBUF[2 * d], Dh = BBUF[2 * d + 1];
  const ll = add3L(Al, Bl, Xl);
  Ah = add3H(ll, Ah, Bh, Xh);
  Al = ll | 0;
  let xh = Dh ^ Ah, xl = Dl ^ Al;
  Dh = rotrSH(xh, xl, 16);
  Dl = rotrSL(xh, xl, 16);
  ({ h: Ch, l: Cl } = add(Ch, Cl, Dh, Dl));
  xh = Bh ^ Ch;
  xl = Bl ^ Cl;
  Bh = rotrBH(xh, xl, 63);
  Bl = rotrBL(xh, xl, 63);
  BBUF[2 * a] = Al;
  BBUF[2 * a + 1] = Ah;
  BBUF[2 * b] = Bl;
  BBUF[2 * b + 1] = Bh;
  BBUF[2 * c] = Cl;
  BBUF[2 * c + 1] = Ch;
  BBUF[2 * d] = Dl;
  BBUF[2 * d + 1] = Dh;
}
function checkBlake2Opts(outputLen, opts = {}, keyLen, saltLen, persLen) {
  anumber(keyLen);
  if (outputLen <= 0 || outputLen > keyLen) throw new Error('"dkLen" must be 1..' + keyLen + ", got " + outputLen);
  const { key, salt, personalization } = opts;
  if (key !== void 0 && (key.length < 1 || key.length > keyLen)) throw new Error('"key" expected to be undefined or of length=1..' + keyLen);
  if (salt !== void 0) abytes(salt, saltLen, "salt");
  if (personalization !== void 0) abytes(personalization, persLen, "personalization");
}
var _BLAKE2 = class {
  buffer;
  buffer32;
  finished = false;
  destroyed = false;
  length = 0;
  pos = 0;
  blockLen;
  outputLen;
  canXOF = false;
  constructor(blockLen, outputLen) {
    anumber(blockLen);
    anumber(outputLen);
    this.blockLen = blockLen;
    this.outputLen = outputLen;
    this.buffer = new Uint8Array(blockLen);
    this.buffer32 = u32(this.buffer);
  }
  update(data) {
    aexists(this);
    abytes(data);
    const { blockLen, buffer, buffer32 } = this;
    const len = data.length;
    const offset = data.byteOffset;
    const buf = data.buffer;
    for (let pos = 0; pos < len; ) {
      if (this.pos === blockLen) {
        swap32IfBE(buffer32);
        this.compress(buffer32, 0, false);
        swap32IfBE(buffer32);
        this.pos = 0;
      }
      const take2 = Math.min(blockLen - this.pos, len - pos);
      const dataOffset = offset + pos;
      if (take2 === blockLen && !(dataOffset % 4) && pos + take2 < len) {
        const data32 = new Uint32Array(buf, dataOffset, Math.floor((len - pos) / 4));
        swap32IfBE(data32);
        for (let pos32 = 0; pos + blockLen < len; pos32 += buffer32.length, pos += blockLen) {
          this.length += blockLen;
          this.compress(data32, pos32, false);
        }
        swap32IfBE(data32);
        continue;
      }
      buffer.set(pos === 0 && take2 === len ? data : data.subarray(pos, pos + take2), this.pos);
      this.pos += take2;
      this.length += take2;
      pos += take2;
    }
    return this;
  }
  digestInto(out) {
    aexists(this);
    aoutput(out, this);
    if (out.byteOffset & 3) throw new RangeError('"output" expected 4-byte aligned byteOffset, got ' + out.byteOffset);
    const { pos, buffer32 } = this;
    this.finished = true;
    this.buffer.fill(0, pos);
    swap32IfBE(buffer32);
    this.compress(buffer32, 0, true);
    swap32IfBE(buffer32);
    const state = this.get();
    const out32 = out === this.buffer ? buffer32 : u32(out);
    const full = Math.floor(this.outputLen / 4);
    for (let i = 0; i < full; i++) out32[i] = swap8IfBE(state[i]);
    const tail = this.outputLen % 4;
    if (!tail) return;
    const off = full * 4;
    const word = state[full];
    for (let i = 0; i < tail; i++) out[off + i] = word >>> 8 * i;
  }
  digest() {
    const { buffer, outputLen } = this;
    this.digestInto(buffer);
    const res = buffer.slice(0, outputLen);
    this.destroy();
    return res;
  }
  _cloneInto(to) {
    const { buffer, length, finished, destroyed, outputLen, pos } = this;
    to ||= new this.constructor({ dkLen: outputLen });
    to.set(...this.get());
    to.buffer.set(buffer);
    to.destroyed = destroyed;
    to.finished = finished;
    to.length = length;
    to.pos = pos;
    to.outputLen = outputLen;
    return to;
  }
  clone() {
    return this._cloneInto();
  }
};
var _BLAKE2b = class extends _BLAKE2 {
  v0l = B2B_IV[0] | 0;
  v0h = B2B_IV[1] | 0;
  v1l = B2B_IV[2] | 0;
  v1h = B2B_IV[3] | 0;
  v2l = B2B_IV[4] | 0;
  v2h = B2B_IV[5] | 0;
  v3l = B2B_IV[6] | 0;
  v3h = B2B_IV[7] | 0;
  v4l = B2B_IV[8] | 0;
  v4h = B2B_IV[9] | 0;
  v5l = B2B_IV[10] | 0;
  v5h = B2B_IV[11] | 0;
  v6l = B2B_IV[12] | 0;
  v6h = B2B_IV[13] | 0;
  v7l = B2B_IV[14] | 0;
  v7h = B2B_IV[15] | 0;
  constructor(opts = {}) {
    opts = checkOpts({}, opts);
    const olen = opts.dkLen === void 0 ? 64 : opts.dkLen;
    super(128, olen);
    checkBlake2Opts(olen, opts, 64, 16, 16);
    let { key, personalization, salt } = opts;
    let keyLength = 0;
    if (key !== void 0) {
      abytes(key, void 0, "key");
      keyLength = key.length;
    }
    this.v0l ^= this.outputLen | keyLength << 8 | 1 << 16 | 1 << 24;
    if (salt !== void 0) {
      abytes(salt, void 0, "salt");
      const slt = u32(copyBytes(salt));
      this.v4l ^= swap8IfBE(slt[0]);
      this.v4h ^= swap8IfBE(slt[1]);
      this.v5l ^= swap8IfBE(slt[2]);
      this.v5h ^= swap8IfBE(slt[3]);
    }
    if (personalization !== void 0) {
      abytes(personalization, void 0, "personalization");
      const pers = u32(copyBytes(personalization));
      this.v6l ^= swap8IfBE(pers[0]);
      this.v6h ^= swap8IfBE(pers[1]);
      this.v7l ^= swap8IfBE(pers[2]);
      this.v7h ^= swap8IfBE(pers[3]);
    }
    if (key !== void 0) {
      const tmp = new Uint8Array(this.blockLen);
      tmp.set(key);
      this.update(tmp);
      clean(tmp);
    }
  }
  get() {
    let { v0l, v0h, v1l, v1h, v2l, v2h, v3l, v3h, v4l, v4h, v5l, v5h, v6l, v6h, v7l, v7h } = this;
    return [v0l, v0h, v1l, v1h, v2l, v2h, v3l, v3h, v4l, v4h, v5l, v5h, v6l, v6h, v7l, v7h];
  }
  set(v0l, v0h, v1l, v1h, v2l, v2h, v3l, v3h, v4l, v4h, v5l, v5h, v6l, v6h, v7l, v7h) {
    this.v0l = v0l | 0;
    this.v0h = v0h | 0;
    this.v1l = v1l | 0;
    this.v1h = v1h | 0;
    this.v2l = v2l | 0;
    this.v2h = v2h | 0;
    this.v3l = v3l | 0;
    this.v3h = v3h | 0;
    this.v4l = v4l | 0;
    this.v4h = v4h | 0;
    this.v5l = v5l | 0;
    this.v5h = v5h | 0;
    this.v6l = v6l | 0;
    this.v6h = v6h | 0;
    this.v7l = v7l | 0;
    this.v7h = v7h | 0;
  }
  compress(msg, offset, isLast) {
    const { v0l, v0h, v1l, v1h, v2l, v2h, v3l, v3h, v4l, v4h, v5l, v5h, v6l, v6h, v7l, v7h } = this;
    {
      BBUF[0] = v0l;
      BBUF[1] = v0h;
      BBUF[2] = v1l;
      BBUF[3] = v1h;
      BBUF[4] = v2l;
      BBUF[5] = v2h;
      BBUF[6] = v3l;
      BBUF[7] = v3h;
      BBUF[8] = v4l;
      BBUF[9] = v4h;
      BBUF[10] = v5l;
      BBUF[11] = v5h;
      BBUF[12] = v6l;
      BBUF[13] = v6h;
      BBUF[14] = v7l;
      BBUF[15] = v7h;
    }
    BBUF.set(B2B_IV, 16);
    const l = fromNumL(this.length);
    const h = fromNumH(this.length);
    BBUF[24] = B2B_IV[8] ^ l;
    BBUF[25] = B2B_IV[9] ^ h;
    if (isLast) {
      BBUF[28] = ~BBUF[28];
      BBUF[29] = ~BBUF[29];
    }
    let j = 0;
    const s = BSIGMA;
    for (let i = 0; i < 12; i++) {
      G1b(0, 4, 8, 12, msg, offset + 2 * s[j++]);
      G2b(0, 4, 8, 12, msg, offset + 2 * s[j++]);
      G1b(1, 5, 9, 13, msg, offset + 2 * s[j++]);
      G2b(1, 5, 9, 13, msg, offset + 2 * s[j++]);
      G1b(2, 6, 10, 14, msg, offset + 2 * s[j++]);
      G2b(2, 6, 10, 14, msg, offset + 2 * s[j++]);
      G1b(3, 7, 11, 15, msg, offset + 2 * s[j++]);
      G2b(3, 7, 11, 15, msg, offset + 2 * s[j++]);
      G1b(0, 5, 10, 15, msg, offset + 2 * s[j++]);
      G2b(0, 5, 10, 15, msg, offset + 2 * s[j++]);
      G1b(1, 6, 11, 12, msg, offset + 2 * s[j++]);
      G2b(1, 6, 11, 12, msg, offset + 2 * s[j++]);
      G1b(2, 7, 8, 13, msg, offset + 2 * s[j++]);
      G2b(2, 7, 8, 13, msg, offset + 2 * s[j++]);
      G1b(3, 4, 9, 14, msg, offset + 2 * s[j++]);
      G2b(3, 4, 9, 14, msg, offset + 2 * s[j++]);
    }
    this.v0l ^= BBUF[0] ^ BBUF[16];
    this.v0h ^= BBUF[1] ^ BBUF[17];
    this.v1l ^= BBUF[2] ^ BBUF[18];
    this.v1h ^= BBUF[3] ^ BBUF[19];
    this.v2l ^= BBUF[4] ^ BBUF[20];
    this.v2h ^= BBUF[5] ^ BBUF[21];
    this.v3l ^= BBUF[6] ^ BBUF[22];
    this.v3h ^= BBUF[7] ^ BBUF[23];
    this.v4l ^= BBUF[8] ^ BBUF[24];
    this.v4h ^= BBUF[9] ^ BBUF[25];
    this.v5l ^= BBUF[10] ^ BBUF[26];
    this.v5h ^= BBUF[11] ^ BBUF[27];
    this.v6l ^= BBUF[12] ^ BBUF[28];
    this.v6h ^= BBUF[13] ^ BBUF[29];
    this.v7l ^= BBUF[14] ^ BBUF[30];
    this.v7h ^= BBUF[15] ^ BBUF[31];
    clean(BBUF);
  }
  destroy() {
    this.destroyed = true;
    clean(this.buffer32);
    this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
};
var blake2b = createHasher2((opts) => new _BLAKE2b(opts));
function _compress(s, offset, msg, rounds, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15) {
  let j = 0;
  for (let i = 0; i < rounds; i++) {
    ({ a: v0, b: v4, c: v8, d: v12 } = G1s(v0, v4, v8, v12, msg[offset + s[j++]]));
    ({ a: v0, b: v4, c: v8, d: v12 } = G2s(v0, v4, v8, v12, msg[offset + s[j++]]));
    ({ a: v1, b: v5, c: v9, d: v13 } = G1s(v1, v5, v9, v13, msg[offset + s[j++]]));
    ({ a: v1, b: v5, c: v9, d: v13 } = G2s(v1, v5, v9, v13, msg[offset + s[j++]]));
    ({ a: v2, b: v6, c: v10, d: v14 } = G1s(v2, v6, v10, v14, msg[offset + s[j++]]));
    ({ a: v2, b: v6, c: v10, d: v14 } = G2s(v2, v6, v10, v14, msg[offset + s[j++]]));
    ({ a: v3, b: v7, c: v11, d: v15 } = G1s(v3, v7, v11, v15, msg[offset + s[j++]]));
    ({ a: v3, b: v7, c: v11, d: v15 } = G2s(v3, v7, v11, v15, msg[offset + s[j++]]));
    ({ a: v0, b: v5, c: v10, d: v15 } = G1s(v0, v5, v10, v15, msg[offset + s[j++]]));
    ({ a: v0, b: v5, c: v10, d: v15 } = G2s(v0, v5, v10, v15, msg[offset + s[j++]]));
    ({ a: v1, b: v6, c: v11, d: v12 } = G1s(v1, v6, v11, v12, msg[offset + s[j++]]));
    ({ a: v1, b: v6, c: v11, d: v12 } = G2s(v1, v6, v11, v12, msg[offset + s[j++]]));
    ({ a: v2, b: v7, c: v8, d: v13 } = G1s(v2, v7, v8, v13, msg[offset + s[j++]]));
    ({ a: v2, b: v7, c: v8, d: v13 } = G2s(v2, v7, v8, v13, msg[offset + s[j++]]));
    ({ a: v3, b: v4, c: v9, d: v14 } = G1s(v3, v4, v9, v14, msg[offset + s[j++]]));
    ({ a: v3, b: v4, c: v9, d: v14 } = G2s(v3, v4, v9, v14, msg[offset + s[j++]]));
  }
  return { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 };
}
var B2S_IV = SHA256_IV.slice();
var _BLAKE2s = class extends _BLAKE2 {
  v0 = B2S_IV[0] | 0;
  v1 = B2S_IV[1] | 0;
  v2 = B2S_IV[2] | 0;
  v3 = B2S_IV[3] | 0;
  v4 = B2S_IV[4] | 0;
  v5 = B2S_IV[5] | 0;
  v6 = B2S_IV[6] | 0;
  v7 = B2S_IV[7] | 0;
  constructor(opts = {}) {
    opts = checkOpts({}, opts);
    const olen = opts.dkLen === void 0 ? 32 : opts.dkLen;
    super(64, olen);
    checkBlake2Opts(olen, opts, 32, 8, 8);
    let { key, personalization, salt } = opts;
    let keyLength = 0;
    if (key !== void 0) {
      abytes(key, void 0, "key");
      keyLength = key.length;
    }
    this.v0 ^= this.outputLen | keyLength << 8 | 1 << 16 | 1 << 24;
    if (salt !== void 0) {
      abytes(salt, void 0, "salt");
      const slt = u32(copyBytes(salt));
      this.v4 ^= swap8IfBE(slt[0]);
      this.v5 ^= swap8IfBE(slt[1]);
    }
    if (personalization !== void 0) {
      abytes(personalization, void 0, "personalization");
      const pers = u32(copyBytes(personalization));
      this.v6 ^= swap8IfBE(pers[0]);
      this.v7 ^= swap8IfBE(pers[1]);
    }
    if (key !== void 0) {
      const tmp = new Uint8Array(this.blockLen);
      tmp.set(key);
      this.update(tmp);
      clean(tmp);
    }
  }
  get() {
    const { v0, v1, v2, v3, v4, v5, v6, v7 } = this;
    return [v0, v1, v2, v3, v4, v5, v6, v7];
  }
  set(v0, v1, v2, v3, v4, v5, v6, v7) {
    this.v0 = v0 | 0;
    this.v1 = v1 | 0;
    this.v2 = v2 | 0;
    this.v3 = v3 | 0;
    this.v4 = v4 | 0;
    this.v5 = v5 | 0;
    this.v6 = v6 | 0;
    this.v7 = v7 | 0;
  }
  compress(msg, offset, isLast) {
    const l = fromNumL(this.length);
    const h = fromNumH(this.length);
    const { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 } = _compress(BSIGMA, offset, msg, 10, this.v0, this.v1, this.v2, this.v3, this.v4, this.v5, this.v6, this.v7, B2S_IV[0], B2S_IV[1], B2S_IV[2], B2S_IV[3], l ^ B2S_IV[4], h ^ B2S_IV[5], isLast ? ~B2S_IV[6] : B2S_IV[6], B2S_IV[7]);
    this.v0 ^= v0 ^ v8;
    this.v1 ^= v1 ^ v9;
    this.v2 ^= v2 ^ v10;
    this.v3 ^= v3 ^ v11;
    this.v4 ^= v4 ^ v12;
    this.v5 ^= v5 ^ v13;
    this.v6 ^= v6 ^ v14;
    this.v7 ^= v7 ^ v15;
  }
  destroy() {
    this.destroyed = true;
    clean(this.buffer32);
    this.set(0, 0, 0, 0, 0, 0, 0, 0);
  }
};
var blake2s = createHasher2((opts) => new _BLAKE2s(opts));

// npm:@noble/hashes/2.4.0/blake3.js
var B3_Flags = { CHUNK_START: 1, CHUNK_END: 2, PARENT: 4, ROOT: 8, KEYED_HASH: 16, DERIVE_KEY_CONTEXT: 32, DERIVE_KEY_MATERIAL: 64 };
var B3_IV = SHA256_IV.slice();
var B3_SIGMA = (() => {
  const Id = Array.from({ length: 16 }, (_, i) => i);
  const permute = (arr) => [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8].map((i) => arr[i]);
  const res = [];
  for (let i = 0, v = Id; i < 7; i++, v = permute(v)) res.push(...v);
  return Uint8Array.from(res);
})();
var _BLAKE3 = class __BLAKE3 extends _BLAKE2 {
  canXOF = true;
  chunkPos = 0;
  chunksDone = 0;
  flags = 0 | 0;
  IV;
  state;
  stack = [];
  posOut = 0;
  bufferOut32 = new Uint32Array(16);
  bufferOut;
  chunkOut = 0;
  enableXOF = true;
  constructor(opts = {}, flags = 0) {
    opts = checkOpts({}, opts);
    super(64, opts.dkLen === void 0 ? 32 : opts.dkLen);
    const { key, context } = opts;
    const hasContext = context !== void 0;
    if (key !== void 0) {
      if (hasContext) throw new Error('cannot use both "key" and "context"');
      abytes(key, 32, "key");
      const k = copyBytes(key);
      this.IV = u32(k);
      swap32IfBE(this.IV);
      this.flags = flags | B3_Flags.KEYED_HASH;
    } else if (hasContext) {
      abytes(context, void 0, "context");
      const ctx = context;
      const contextKey = new __BLAKE3({ dkLen: 32 }, B3_Flags.DERIVE_KEY_CONTEXT).update(ctx).digest();
      this.IV = u32(contextKey);
      swap32IfBE(this.IV);
      this.flags = flags | B3_Flags.DERIVE_KEY_MATERIAL;
    } else {
      this.IV = B3_IV;
      this.flags = flags;
    }
    this.state = this.IV.slice();
    this.bufferOut = u8(this.bufferOut32);
  }
  get() {
    return [];
  }
  set() {
  }
  b2Compress(counter, flags, buf, bufPos = 0) {
    const { state: s, pos } = this;
    const t0 = fromNumL(counter);
    const t1 = fromNumH(counter);
    const { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 } = _compress(B3_SIGMA, bufPos, buf, 7, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], B3_IV[0], B3_IV[1], B3_IV[2], B3_IV[3], t0, t1, pos, flags);
    s[0] = v0 ^ v8;
    s[1] = v1 ^ v9;
    s[2] = v2 ^ v10;
    s[3] = v3 ^ v11;
    s[4] = v4 ^ v12;
    s[5] = v5 ^ v13;
    s[6] = v6 ^ v14;
    s[7] = v7 ^ v15;
  }
  compress(buf, bufPos = 0, isLast = false) {
    let flags = this.flags;
    if (!this.chunkPos) flags |= B3_Flags.CHUNK_START;
    if (this.chunkPos === 15 || isLast) flags |= B3_Flags.CHUNK_END;
    if (!isLast) this.pos = this.blockLen;
    this.b2Compress(this.chunksDone, flags, buf, bufPos);
    this.chunkPos += 1;
    if (this.chunkPos === 16 || isLast) {
      let chunk = this.state;
      this.state = this.IV.slice();
      for (let last, chunks = this.chunksDone + 1; isLast || !(chunks & 1); chunks = Math.floor(chunks / 2)) {
        if (!(last = this.stack.pop())) break;
        this.buffer32.set(last, 0);
        this.buffer32.set(chunk, 8);
        this.pos = this.blockLen;
        this.b2Compress(0, this.flags | B3_Flags.PARENT, this.buffer32, 0);
        chunk = this.state;
        this.state = this.IV.slice();
      }
      this.chunksDone++;
      this.chunkPos = 0;
      this.stack.push(chunk);
    }
    this.pos = 0;
  }
  _cloneInto(to) {
    const staleOutput = !!to && to.finished && !to.destroyed;
    to = super._cloneInto(to);
    const { IV: IV2, flags, state, chunkPos, posOut, chunkOut, stack, chunksDone } = this;
    to.state.set(state);
    to.stack = stack.map((i) => Uint32Array.from(i));
    if (IV2 === B3_IV) {
      if (to.IV !== B3_IV) clean(to.IV);
      to.IV = B3_IV;
    } else if (to.IV === B3_IV) {
      to.IV = IV2.slice();
    } else {
      to.IV.set(IV2);
    }
    to.flags = flags;
    to.chunkPos = chunkPos;
    to.chunksDone = chunksDone;
    to.posOut = posOut;
    to.chunkOut = chunkOut;
    to.enableXOF = this.enableXOF;
    if (this.finished) {
      to.bufferOut32.set(this.bufferOut32);
    } else if (staleOutput) {
      clean(to.bufferOut32);
    }
    return to;
  }
  destroy() {
    this.destroyed = true;
    clean(this.state, this.buffer32, this.bufferOut32);
    if (this.IV !== B3_IV) clean(this.IV);
    clean(...this.stack);
  }
  b2CompressOut() {
    const { state: s, pos, flags, buffer32, bufferOut32: out32 } = this;
    const outCounter = this.chunkOut++;
    const t0 = fromNumL(outCounter);
    const t1 = fromNumH(outCounter);
    swap32IfBE(buffer32);
    const { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 } = _compress(B3_SIGMA, 0, buffer32, 7, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], B3_IV[0], B3_IV[1], B3_IV[2], B3_IV[3], t0, t1, pos, flags);
    out32[0] = v0 ^ v8;
    out32[1] = v1 ^ v9;
    out32[2] = v2 ^ v10;
    out32[3] = v3 ^ v11;
    out32[4] = v4 ^ v12;
    out32[5] = v5 ^ v13;
    out32[6] = v6 ^ v14;
    out32[7] = v7 ^ v15;
    out32[8] = s[0] ^ v8;
    out32[9] = s[1] ^ v9;
    out32[10] = s[2] ^ v10;
    out32[11] = s[3] ^ v11;
    out32[12] = s[4] ^ v12;
    out32[13] = s[5] ^ v13;
    out32[14] = s[6] ^ v14;
    out32[15] = s[7] ^ v15;
    swap32IfBE(buffer32);
    swap32IfBE(out32);
    this.posOut = 0;
  }
  finish() {
    if (this.finished) return;
    this.finished = true;
    this.buffer.fill(0, this.pos);
    let flags = this.flags | B3_Flags.ROOT;
    if (this.stack.length) {
      flags |= B3_Flags.PARENT;
      swap32IfBE(this.buffer32);
      this.compress(this.buffer32, 0, true);
      swap32IfBE(this.buffer32);
      this.chunksDone = 0;
      this.pos = this.blockLen;
    } else {
      flags |= (!this.chunkPos ? B3_Flags.CHUNK_START : 0) | B3_Flags.CHUNK_END;
    }
    this.flags = flags;
    this.b2CompressOut();
  }
  writeInto(out) {
    aexists(this, false);
    abytes(out);
    this.finish();
    const { blockLen, bufferOut } = this;
    for (let pos = 0, len = out.length; pos < len; ) {
      if (this.posOut >= blockLen) this.b2CompressOut();
      const take2 = Math.min(blockLen - this.posOut, len - pos);
      out.set(bufferOut.subarray(this.posOut, this.posOut + take2), pos);
      this.posOut += take2;
      pos += take2;
    }
    return out;
  }
  xofInto(out) {
    if (!this.enableXOF) throw new Error("no XOF after digest()");
    return this.writeInto(out);
  }
  xof(bytes) {
    anumber(bytes);
    return this.xofInto(new Uint8Array(bytes));
  }
  digestInto(out) {
    aoutput(out, this);
    if (this.finished) throw new Error("digest() was already called");
    this.enableXOF = false;
    this.writeInto(out.length === this.outputLen ? out : out.subarray(0, this.outputLen));
    this.destroy();
  }
  digest() {
    const out = new Uint8Array(this.outputLen);
    this.digestInto(out);
    return out;
  }
};
var blake3 = createHasher2((opts = {}) => new _BLAKE3(opts));

// lib/text/escape.ts
var UNSAFE = /(?! )[\\p{C}\\p{Z}\\p{Default_Ignorable_Code_Point}]/u;
function emojiOrUnsafe() {
  return /\\p{RGI_Emoji}|(?<unsafe>(?! )[\\p{C}\\p{Z}\\p{Default_Ignorable_Code_Point}])/gv;
}
var NAMED = { "\\0": "\\\\0", "	": "\\\\t", "\\n": "\\\\n", "\\r": "\\\\r" };
var SHOWN = 256;
function replaceUnsafe(text, escape) {
  if (!UNSAFE.test(text)) return text;
  return text.replace(emojiOrUnsafe(), (emoji, unsafe) => unsafe === void 0 ? emoji : escape(unsafe));
}
function braced(character) {
  return NAMED[character] ?? \`\\\\u{\${character.codePointAt(0).toString(16)}}\`;
}
function escapeText(text) {
  return replaceUnsafe(text, braced);
}
function quoteText(text) {
  const points = [...text.slice(0, 2 * SHOWN + 1)];
  const cut = points.length > SHOWN;
  if (cut) points.length = SHOWN;
  const shown = points.join("").replace(/["\\\\]/g, "\\\\$&");
  return \`"\${escapeText(shown)}\${cut ? "\\u2026" : ""}"\`;
}

// lib/text/hex.ts
var DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}
function fromHex(text) {
  const place = text.search(/[^0-9A-Fa-f]/);
  if (place >= 0) {
    const shown = quoteText(String.fromCodePoint(text.codePointAt(place)));
    throw new RangeError(\`\${shown} at position \${place} is not a hex digit\`);
  }
  if (text.length % 2 === 1) {
    throw new RangeError(\`\${text.length} hex digits are not a whole number of bytes\`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = valueOf(text.charCodeAt(2 * i)) << 4 | valueOf(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}
function valueOf(digit) {
  return (digit & 15) + (digit & 64 ? 9 : 0);
}

// lib/content/blake3_backends.ts
var SELF_TEST = [[0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"], [63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"], [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"], [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"], [4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"], [5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"], [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"]];
var PIECES = 5;
function passesSelfTest(backend2) {
  try {
    return SELF_TEST.every(([length, hex]) => equals(backend2.hash(vectorInput(length, 0)), fromHex(hex))) && isRightInPieces(backend2, ...SELF_TEST[PIECES]);
  } catch {
    return false;
  }
}
function isRightInPieces(backend2, length, hex) {
  const input = vectorInput(length, 1);
  const hasher = backend2.create();
  hasher.update(input.subarray(0, 1e3));
  hasher.update(input.subarray(1e3));
  const expected = fromHex(hex);
  return equals(backend2.hash(input), expected) && equals(hasher.digest(), expected);
}
function vectorInput(length, offset) {
  const input = new Uint8Array(length + offset).subarray(offset);
  for (let i = 0; i < length; i++) input[i] = i % 251;
  return input;
}
function selectBackend(candidates) {
  const found = candidates.find(passesSelfTest);
  if (found !== void 0) return found;
  const names = candidates.map((candidate) => candidate.name).join(", ");
  throw new TransferError("internal", \`cannot hash: no BLAKE3 implementation passes its self-test here (tried \${names})\`);
}
var jitBackend = { name: "blake3-jit", hash: (bytes) => hash(bytes), create() {
  const hasher = createHasher();
  return once((bytes) => void hasher.update(bytes), () => hasher.finalize());
} };
var portableBackend = { name: "@noble/hashes", hash: (bytes) => blake3(bytes), create() {
  const hasher = blake3.create();
  return once((bytes) => void hasher.update(bytes), () => hasher.digest());
} };
function once(update, digest) {
  let ended = false;
  return { update(bytes) {
    if (ended) throw new TypeError("Cannot update: the digest was taken");
    update(bytes);
  }, digest() {
    if (ended) throw new TypeError("Cannot digest: the digest was taken");
    ended = true;
    return digest();
  } };
}

// lib/content/hash.ts
var HASH_LENGTH = 32;
var oneShot;
function blake32(bytes) {
  return backend().hash(bytes);
}
function backend() {
  return oneShot ??= selectBackend([jitBackend, portableBackend]);
}

// lib/content/verify_hash.ts
function hasHash(bytes, hash2) {
  return equals(blake32(bytes), hash2);
}
function verifyHash(bytes, hash2, fields = {}) {
  const actual = blake32(bytes);
  if (equals(actual, hash2)) return;
  throw new HashMismatchError(toHex(hash2), toHex(actual), { fields });
}

// lib/limits.ts
var CHUNK_SIZE = 4194304;
var CHUNK_MAX = 16777216;
var BLOB_SIZE_MAX = 17179869184n;
var MANIFEST_CHUNKS_MAX = 8192;
var MANIFEST_BODY_MAX = 417824;
var TREE_BODY_MAX = 1024;
var TREE_SIZE_MAX = 144115188075855872n;
var REF_ENCODED_MAX = 524288;
var TREE_DEPTH_MAX = 4;
var TREE_FANOUT = 128;
var DIR_MANIFEST_MAX = 512 * 1024 * 1024;
var DIR_ENTRIES_MAX = 4e6;
var DIR_IMPLIED_MAX = 1e5;
var DIR_PATH_MAX = 4096;
var DIR_NAME_MAX = 255;
var OBJECT_PROGRESS_BYTES = 16 * 1024;
var HTTP_HEAD_MAX = 32 * 1024;
var OBJECT_ERROR_MAX = 64 * 1024;
var OBJECT_LISTING_PAGE_MAX = 4 * 1024 * 1024;
var OBJECT_UPLOAD_BYTES = 64 * 1024 * 1024;
var OBJECT_UPLOAD_BYTES_PER_SECOND = 64 * 1024;
var OBJECT_KEPT_BYTES = 32 * 1024 * 1024;
var AWS_FILE_MAX = 1024 * 1024;
var AWS_PROCESS_OUTPUT_MAX = 64 * 1024;
var HASH_CACHE_MAX = 64 * 1024 * 1024;
var REKEY_EARLIEST = 1 / 16;
var STREAM_WINDOW = 8 * 1024 * 1024;
var CONNECTION_WINDOW = 24 * 1024 * 1024;
var REQUESTS_WINDOW = 2 * 1024 * 1024;
var STREAM_WINDOW_MAX = 32 * 1024 * 1024;
var CONNECTION_WINDOW_MAX = 64 * 1024 * 1024;
var WINDOW_GROWTH_MAX = 128 * 1024 * 1024;
var SEND_RETAINED_MAX = 64 * 1024 * 1024;
var PIECES_FREE_BYTES = 256 * 1024;
var UNREAD_MAX = 128 * 1024 * 1024;
var AEAD_FAILURES_MAX = 2 ** 36;
var RELAY_RATE = 32 * 1024 * 1024;
var RELAY_BURST = 2 * 1024 * 1024;
var GET_MANY_BYTES_MAX = 8 * 1024 * 1024;
var REQUEST_MAX = 64 * 1024;
var REQUEST_MEMORY = 32 * 1024 * 1024;
var INFLIGHT_BYTES = 8 * 1024 * 1024;
var BLOB_INFLIGHT_BYTES = 32 * 1024 * 1024;
var SOURCES_INFLIGHT_BYTES = 128 * 1024 * 1024;
var SOURCE_WINDOW_MIN = 256 * 1024;
var SERVE_BYTES = 8 * 1024 * 1024;
var SERVE_SMALL_BYTES = 64 * 1024;
var SERVE_RESERVE_BYTES = 256 * 1024;
var SERVE_NODE_BYTES = 64 * 1024 * 1024;
var SERVE_NEWCOMER_BYTES = 16 * 1024 * 1024;
var SERVE_PROOF_BYTES = 64 * 1024;
var SERVE_KEPT_BYTES = 64 * 1024;
var SERVE_KEPT_MAX = 32 * 1024 * 1024;
var SERVE_SENT_BYTES = 128 * 1024 * 1024;
var RPC_ANSWER_MAX = 4 * 1024 * 1024;
var PROBE_BYTES_MAX = 64 * 1024 * 1024;
var PROBE_UPLOAD_MAX = 60 * 1024;
var UPSTREAM_BYTES = 32 * 1024 * 1024;
var CACHE_CHUNK_OVERHEAD = 24 * 1024;
var CACHE_MAX_MIN = 256 * 1024 * 1024;
var LOCK_STALE_MS = 6e5;
var LOCK_TOUCH_MS = 3e4;
var UNFINISHED_KEPT_MS = 7 * 24 * 36e5;
var JOURNAL_MAX = 64 * 1024 * 1024;
var LANDING_OPEN_FILES_MAX = 128;
var FORMER_TARGET_FILE_MAX = 32 * 1024;
var KEPT_MANIFEST_MAX = 16 * 1024 * 1024;
var KEPT_MANIFESTS_BYTES = 128 * 1024 * 1024;
var CONFIG_FILE_MAX = 1024 * 1024;
var PATTERN_FILE_MAX = 1024 * 1024;

// lib/content/zero_chunk.ts
var ZERO_HASH = fromHex("04e52cd2da6a0e1f338b0078369130d96585c1de65057da5dd1283b12fb853e1");
var ZEROS = new Uint8Array(64 * 1024);

// lib/content/utf8.ts
var strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var lossy = new TextDecoder("utf-8", { ignoreBOM: true });
var CHARACTER_MAX = 4;
var SHORT = 64;
function decodeUtf8(bytes) {
  if (bytes.length <= SHORT) {
    const text = decodeAscii(bytes);
    if (text !== void 0) return text;
  }
  try {
    return strict.decode(bytes);
  } catch {
    return void 0;
  }
}
function describeUtf8Fault(bytes) {
  let at = 0;
  for (let length2 = 1; at < bytes.length && length2 <= CHARACTER_MAX; ) {
    const whole = decodeUtf8(bytes.subarray(at, at + length2)) !== void 0;
    if (whole) at += length2;
    length2 = whole ? 1 : length2 + 1;
  }
  if (at === bytes.length) return "well-formed utf-8";
  let length = 1;
  while (length < CHARACTER_MAX && mayBegin(bytes, at, length + 1)) length++;
  return at + length === bytes.length && mayBegin(bytes, at, length) ? \`incomplete utf-8 byte sequence from index \${at}\` : \`invalid utf-8 sequence of \${length} bytes from index \${at}\`;
}
function mayBegin(bytes, at, length) {
  if (at + length > bytes.length) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at, at + length), { stream: true });
    return true;
  } catch {
    return false;
  }
}
function decodeAscii(bytes) {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] >= 128) return void 0;
  }
  return Reflect.apply(String.fromCharCode, void 0, bytes);
}

// lib/content/postcard.ts
var PostcardError = class extends Error {
  constructor(message) {
    super(message);
    this.name = "PostcardError";
  }
  get isEnd() {
    return this.message === END;
  }
};
var END = "Hit the end of buffer, expected more data";
var BAD_VARINT = "Found a varint that didn't terminate. Is the usize too big for this platform?";
var BAD_UTF8 = "Tried to parse invalid utf-8";
var CUSTOM = "Serde Deserialization Error";
var U32_BYTES = 5;
var U32_LAST = 15;
var U64_BYTES = 10;
var U64_LAST = 1;
var PostcardReader = class {
  #bytes;
  #offset;
  constructor(bytes, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }
  get offset() {
    return this.#offset;
  }
  get remaining() {
    return this.#bytes.length - this.#offset;
  }
  u8() {
    if (this.#offset >= this.#bytes.length) throw new PostcardError(END);
    return this.#bytes[this.#offset++];
  }
  u32() {
    const bytes = this.#bytes;
    const first = bytes[this.#offset];
    if (first < 128) {
      this.#offset++;
      return first;
    }
    let value = 0;
    for (let i = 0, scale = 1; i < U32_BYTES; i++, scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (i === U32_BYTES - 1 && byte > U32_LAST) break;
        return value;
      }
    }
    throw new PostcardError(BAD_VARINT);
  }
  u64() {
    let low = 0;
    let high = 0n;
    for (let i = 0, scale = 1; i < U64_BYTES; i++, scale *= 128) {
      const byte = this.u8();
      if (i < 7) low += (byte & 127) * scale;
      else high |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) {
        if (i === U64_BYTES - 1 && byte > U64_LAST) break;
        return i < 7 ? BigInt(low) : BigInt(low) | high;
      }
    }
    throw new PostcardError(BAD_VARINT);
  }
  length() {
    const count2 = this.count();
    if (count2 > this.remaining) throw new PostcardError(END);
    return count2;
  }
  count() {
    if (this.#bytes[this.#offset] < 128) return this.u8();
    const value = this.u64();
    return value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(value);
  }
  bytes(n) {
    if (n > this.remaining) throw new PostcardError(END);
    const start = this.#offset;
    this.#offset = start + n;
    return this.#bytes.subarray(start, start + n);
  }
  byteVec() {
    return this.bytes(this.count());
  }
  string() {
    const text = decodeUtf8(this.byteVec());
    if (text === void 0) throw new PostcardError(BAD_UTF8);
    return text;
  }
  variant(variants) {
    const discriminant = this.u32();
    if (discriminant >= variants) throw new PostcardError(CUSTOM);
    return discriminant;
  }
};
var encoder = new TextEncoder();

// lib/content/blob_ref.ts
var REPLICATED = Object.freeze({ kind: "replicated" });
var BLOB_REF_MAGIC = [176, 177, 178, 179];
var BLOB_REF_VERSION = { small: 1, manifest: 2, tree: 3 };
var BODY_VERSION = 1;
function blobRefSize(ref) {
  return ref.kind === "small" ? ref.size : ref.totalSize;
}
var utf8 = new TextEncoder();
var SMALL_HASH = BLOB_REF_MAGIC.length + 1;
var SMALL_SIZE = SMALL_HASH + HASH_LENGTH;
var SMALL_URI = SMALL_SIZE + 8;
function checkManifestChunks(chunks) {
  if (chunks.length === 0) {
    throw refDecodeError("manifest must carry at least one chunk");
  }
  if (chunks.length > MANIFEST_CHUNKS_MAX) {
    throw refDecodeError(\`manifest chunk count \${chunks.length} exceeds cap \${MANIFEST_CHUNKS_MAX}\`);
  }
  const last = chunks.length - 1;
  for (let i = 0; i < last; i++) {
    const { size: size2 } = chunks[i];
    if (size2 !== CHUNK_SIZE) {
      throw refDecodeError(\`manifest non-last chunk \${i} has size \${size2} (expected \${CHUNK_SIZE})\`);
    }
  }
  const { size } = chunks[last];
  if (size < 1 || size > CHUNK_SIZE) {
    throw refDecodeError(\`manifest last chunk \${last} has size \${size} (expected 1..=\${CHUNK_SIZE})\`);
  }
  return BigInt(last * CHUNK_SIZE + size);
}
function checkManifestSize(totalSize) {
  if (totalSize > BLOB_SIZE_MAX) {
    throw refDecodeError(\`manifest total_size \${totalSize} exceeds cap \${BLOB_SIZE_MAX}\`);
  }
}
function checkTreeShape(totalSize, depth) {
  if (totalSize === 0n) {
    throw refDecodeError("tree total_size must be > 0; empty payloads use BlobRef::Small");
  }
  if (totalSize > TREE_SIZE_MAX) {
    throw refDecodeError(\`tree total_size \${totalSize} exceeds cap \${TREE_SIZE_MAX}\`);
  }
  if (depth < 1 || depth > TREE_DEPTH_MAX) {
    throw refDecodeError(\`tree depth \${depth} out of range 1..=\${TREE_DEPTH_MAX}\`);
  }
}
function refDecodeError(reason) {
  return new RefError(\`blob ref decode failed: \${reason}\`);
}

// lib/content/decode_blob_ref.ts
var HEADER_LENGTH = BLOB_REF_MAGIC.length + 1;
var SMALL_FIXED_LENGTH = HASH_LENGTH + 8;
function decodeBlobRef(bytes) {
  if (bytes.length < BLOB_REF_MAGIC.length) return void 0;
  for (let i = 0; i < BLOB_REF_MAGIC.length; i++) {
    if (bytes[i] !== BLOB_REF_MAGIC[i]) return void 0;
  }
  if (bytes.length < HEADER_LENGTH) {
    throw refDecodeError("frame too short for version byte: 4 bytes");
  }
  const version = bytes[BLOB_REF_MAGIC.length];
  const body = bytes.subarray(HEADER_LENGTH);
  switch (version) {
    case BLOB_REF_VERSION.small:
      return decodeSmall(body);
    case BLOB_REF_VERSION.manifest:
      return decodeManifest(body);
    case BLOB_REF_VERSION.tree:
      return decodeTree(body);
    default:
      throw unsupportedVersion(version);
  }
}
function readEncoding(reader) {
  if (reader.variant(2) === 0) return { kind: "replicated" };
  return { kind: "reed_solomon", k: reader.u8(), m: reader.u8() };
}
function decodeSmall(body) {
  if (body.length < SMALL_FIXED_LENGTH) {
    throw refDecodeError(\`small frame too short: \${body.length} bytes after version, need at least \${SMALL_FIXED_LENGTH}\`);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const size = view.getBigUint64(HASH_LENGTH, true);
  if (size > BLOB_SIZE_MAX) {
    throw refDecodeError(\`blob size \${size} exceeds cap \${BLOB_SIZE_MAX}\`);
  }
  const length = HEADER_LENGTH + body.length;
  if (length > REF_ENCODED_MAX) {
    throw refDecodeError(\`small reference of \${length} bytes exceeds cap \${REF_ENCODED_MAX}\`);
  }
  const text = body.subarray(SMALL_FIXED_LENGTH);
  const uri = decodeUtf8(text);
  if (uri === void 0) {
    throw refDecodeError(\`URI not UTF-8: \${describeUtf8Fault(text)}\`);
  }
  return { kind: "small", uri, hash: body.slice(0, HASH_LENGTH), size };
}
function decodeManifest(body) {
  if (body.length > MANIFEST_BODY_MAX) {
    throw refDecodeError(\`manifest body \${body.length} bytes exceeds legitimate upper bound \${MANIFEST_BODY_MAX}\`);
  }
  const ref = parseBody("manifest", body, (reader, head) => {
    const chunks = [];
    for (let left = reader.count(); left > 0; left--) {
      chunks.push({ hash: reader.bytes(HASH_LENGTH), size: reader.u32() });
    }
    return { kind: "manifest", ...head, chunks, totalSize: reader.u64() };
  });
  const sum = checkManifestChunks(ref.chunks);
  if (sum !== ref.totalSize) {
    throw refDecodeError(\`manifest total_size mismatch: declared \${ref.totalSize}, iterated \${sum}\`);
  }
  checkManifestSize(ref.totalSize);
  return ref;
}
function decodeTree(body) {
  if (body.length > TREE_BODY_MAX) {
    throw refDecodeError(\`tree body \${body.length} bytes exceeds cap \${TREE_BODY_MAX}\`);
  }
  const ref = parseBody("tree", body, (reader, head) => ({ kind: "tree", ...head, rootHash: reader.bytes(HASH_LENGTH), totalSize: reader.u64(), depth: reader.u8() }));
  checkTreeShape(ref.totalSize, ref.depth);
  const least = BigInt(TREE_FANOUT) ** BigInt(ref.depth - 1);
  if (ref.depth >= 2 && ref.totalSize < least) {
    throw refDecodeError(\`tree depth \${ref.depth} requires total_size >= \${least} (TREE_FANOUT^(depth-1)); got \${ref.totalSize}\`);
  }
  return ref;
}
function parseBody(kind, body, parse) {
  try {
    const reader = new PostcardReader(body.slice());
    const version = reader.u8();
    const head = { uri: reader.string(), encoding: readEncoding(reader) };
    const ref = parse(reader, head);
    if (version !== BODY_VERSION) throw unsupportedVersion(version);
    return ref;
  } catch (error) {
    if (!(error instanceof PostcardError)) throw error;
    throw refDecodeError(\`\${kind} body decode failed: \${error.message}\`);
  }
}
function unsupportedVersion(version) {
  return new RefError(\`blob ref version \${version} not supported\`);
}

// lib/content/dir_manifest.ts
var DIR_MANIFEST_VERSION = 1;
var SPARE_MAX = 128 * 1024;
function* readDirEntries(bytes) {
  checkLength(bytes);
  try {
    const reader = new PostcardReader(bytes);
    const version = reader.u8();
    const count2 = countEntries(reader);
    for (let i = 0; i < count2; i++) yield readEntry(reader);
    checkVersion(version);
  } catch (error) {
    throw manifestErrorOf(error);
  }
}
function indexDirEntries(bytes) {
  checkLength(bytes);
  return reading(() => {
    const reader = new PostcardReader(bytes);
    const version = reader.u8();
    const count2 = countEntries(reader);
    const starts = new Uint32Array(Math.min(count2, Math.floor(reader.remaining / ENTRY_BYTES_MIN)));
    for (let i = 0; i < count2; i++) {
      starts[i] = reader.offset;
      readEntry(reader);
    }
    checkVersion(version);
    return starts;
  });
}
function readDirEntry(bytes, start) {
  return reading(() => readEntry(new PostcardReader(bytes, start)));
}
function checkLength(bytes) {
  if (bytes.length <= DIR_MANIFEST_MAX) return;
  throw badManifest(\`\${bytes.length} bytes exceed the limit of \${DIR_MANIFEST_MAX}\`);
}
function checkVersion(version) {
  if (version === DIR_MANIFEST_VERSION) return;
  throw notAManifest(\`unsupported manifest version \${version}\`);
}
var ENTRY_BYTES_MIN = 3;
function reading(read2) {
  try {
    return read2();
  } catch (error) {
    throw manifestErrorOf(error);
  }
}
function manifestErrorOf(error) {
  return error instanceof PostcardError ? notAManifest(\`decode: \${error.message}\`) : error;
}
function countEntries(reader) {
  const count2 = reader.count();
  checkCount(count2);
  return count2;
}
function checkCount(count2, version = DIR_MANIFEST_VERSION) {
  if (count2 <= DIR_ENTRIES_MAX) return;
  const reason = \`\${count2} entries exceed the limit of \${DIR_ENTRIES_MAX}\`;
  throw version === DIR_MANIFEST_VERSION ? badManifest(reason) : notAManifest(reason);
}
function readEntry(reader) {
  return { path: reader.string(), kind: readKind(reader) };
}
function readKind(reader) {
  switch (reader.variant(3)) {
    case 0:
      return { type: "file", mode: reader.u32(), blob: reader.byteVec() };
    case 1:
      return { type: "dir", mode: reader.u32() };
    default:
      return { type: "symlink", target: reader.string() };
  }
}
function badManifest(reason, hint) {
  return new ManifestError(\`dir transfer: bad manifest: \${reason}\`, { hint });
}
function notAManifest(reason) {
  return badManifest(reason, "the reference is probably one of a file: fetch it with recv-blob");
}

// lib/content/name_rules.ts
var POSIX = { owner: "the system", foldsCase: false, foldsUnicode: false, foldsFully: false, ignoresInvisible: false, windowsNames: false, dropsDots: false, asciiNames: false, reservesDevices: false };
var FOLDING = { ...POSIX, foldsCase: true, foldsUnicode: true, foldsFully: true };
var PLATFORM_RULES = { posix: POSIX, darwin: { ...FOLDING, ignoresInvisible: true }, windows: { ...FOLDING, owner: "Windows", windowsNames: true, dropsDots: true, reservesDevices: true } };
function rulesOf(where) {
  if (typeof where === "string") return PLATFORM_RULES[where];
  return { ...POSIX, ...where, owner: "the file system", foldsFully: where.foldsUnicode, ignoresInvisible: where.foldsUnicode };
}
var HFS_IGNORED = /[\\u200c-\\u200f\\u202a-\\u202e\\u206a-\\u206f\\ufeff]/g;
function pathFolding(where) {
  const rules = rulesOf(where);
  if (!rules.foldsCase && !rules.foldsUnicode) return void 0;
  return (path) => foldPath(path, rules);
}
function foldPath(path, rules) {
  const { foldsCase, foldsUnicode, foldsFully, ignoresInvisible } = rules;
  if (!foldsCase && !foldsUnicode) return path;
  if (/^\\p{ASCII}*$/u.test(path)) return foldsCase ? path.toLowerCase() : path;
  const visible = ignoresInvisible ? path.replace(HFS_IGNORED, "") : path;
  const decomposed = foldsUnicode ? visible.normalize("NFD") : visible;
  const folded = !foldsCase ? decomposed : foldsFully ? decomposed.toUpperCase().toLowerCase() : Array.from(decomposed, simpleFold).join("");
  return foldsUnicode ? folded.normalize("NFC") : folded;
}
function simpleFold(character) {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper.toLowerCase() : character;
}
var WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\\$|conout\\$|(?:com|lpt)[0-9\\u00b9\\u00b2\\u00b3]) *(?:\\.|$)/i;
function isDeviceName(name) {
  return WINDOWS_DEVICE.test(name);
}
function limitsNames({ windowsNames, dropsDots, asciiNames }) {
  return windowsNames || dropsDots || asciiNames;
}
function nameObjection(name, rules) {
  const { owner, windowsNames, dropsDots, asciiNames, reservesDevices } = rules;
  const foreign = asciiNames ? name.match(/\\P{ASCII}/u) : null;
  const bad = foreign ?? (windowsNames ? name.match(/[\\p{Cc}<>:"|?*\\\\]/u) : null);
  if (bad !== null) return \`\${owner} has no \${quoteText(bad[0])} in names\`;
  if (dropsDots && /[. ]$/.test(name)) {
    return \`\${owner} drops the dot or space at the end of a name\`;
  }
  return reservesDevices && isDeviceName(name) ? \`\${owner} reserves the name \${quoteText(name)}\` : void 0;
}

// lib/content/path_table.ts
var SLASH = 47;
var PathTable = class {
  #ids = /* @__PURE__ */ new Map();
  #size = 1;
  #last = "";
  #lastIds = [];
  #lastEnds = [];
  #depth = 0;
  steps = 0;
  locate(path, visit) {
    this.#keepShared(path, visit !== void 0);
    const depth = this.#depth;
    let id = depth === 0 ? 0 : this.#lastIds[depth - 1];
    let next = depth === 0 ? 0 : this.#lastEnds[depth - 1] + 1;
    while (next <= path.length) {
      const end = nameEnd(path, next);
      const found = this.#find(id, path.slice(next, end));
      if (found === void 0) break;
      visit?.(found, next, end);
      this.#push(found, end);
      id = found;
      next = end + 1;
    }
    return { id, next };
  }
  extend(path, { id, next }, made) {
    let at = id;
    for (let start = next; start <= path.length; ) {
      const end = nameEnd(path, start);
      const added = this.#size++;
      this.#ids.set(\`\${at}/\${path.slice(start, end)}\`, added);
      made(added, end);
      this.#push(added, end);
      at = added;
      start = end + 1;
    }
    return at;
  }
  #find(parent, name) {
    this.steps++;
    return this.#ids.get(\`\${parent}/\${name}\`);
  }
  #keepShared(path, none) {
    const last = this.#last;
    this.#last = path;
    let depth = 0;
    let compared = 0;
    while (!none && depth < this.#depth) {
      const end = this.#lastEnds[depth];
      while (compared < end && path.charCodeAt(compared) === last.charCodeAt(compared)) compared++;
      const isName2 = end === path.length || path.charCodeAt(end) === SLASH;
      if (compared < end || !isName2) break;
      depth++;
    }
    this.#depth = depth;
  }
  #push(id, end) {
    this.#lastIds[this.#depth] = id;
    this.#lastEnds[this.#depth++] = end;
  }
};
function nameEnd(path, start) {
  const slash = path.indexOf("/", start);
  return slash < 0 ? path.length : slash;
}

// lib/content/manifest_path.ts
function checkManifestPath(path, platform = "posix") {
  return normalizePath(path, rulesOf(platform)).split("/");
}
function checkManifest(entries, where = "posix", work = { steps: 0 }) {
  const rules = rulesOf(where);
  const places = new Places();
  for (const entry of entries) addPlace(places, entry, rules);
  work.steps += places.steps;
}
function addPlace(places, { path, kind }, rules) {
  const place = normalizePath(path, rules);
  const key = foldPath(place, rules);
  places.add(path, place, key, kind.type);
  if (places.implied > DIR_IMPLIED_MAX) {
    throw new ManifestError(\`dir transfer: bad manifest: more than \${DIR_IMPLIED_MAX} directories that it does not list\`);
  }
}
var Places = class {
  #table = new PathTable();
  #occupants = ["dir"];
  #spellings = /* @__PURE__ */ new Map();
  implied = 0;
  get steps() {
    return this.#table.steps;
  }
  add(path, place, key, type) {
    const found = this.#find(place, key);
    const isWhole = found.next > key.length;
    this.#check(path, place, key, type, found);
    if (isWhole) {
      this.implied--;
      this.#occupants[found.id] = "dir";
      return;
    }
    const names = place === key ? void 0 : place.split("/");
    let depth = names === void 0 ? 0 : count(key, found.next);
    this.#table.extend(key, found, (id, end) => {
      const isLast = end === key.length;
      this.#occupants[id] = isLast ? type : "implied";
      if (!isLast) this.implied++;
      const name = names?.[depth++];
      if (name !== void 0) this.#spellings.set(id, name);
    });
  }
  #find(place, key) {
    if (place === key && this.#spellings.size === 0) {
      const { id: id2, next: next2 } = this.#table.locate(key);
      return { id: id2, next: next2, occupant: this.#occupants[id2], spelled: void 0 };
    }
    const names = [];
    const { id, next } = this.#table.locate(key, (id2, start, end) => {
      names.push(this.#spellings.get(id2) ?? key.slice(start, end));
    });
    const spelled = names.join("/");
    const isSame = isBegun(place, spelled);
    const occupant = this.#occupants[id];
    return { id, next, occupant, spelled: isSame ? void 0 : spelled };
  }
  #check(path, place, key, type, { next, occupant, spelled }) {
    const isWhole = next > key.length;
    const isDirectory = occupant === "dir" || occupant === "implied";
    if (!isWhole && isDirectory && spelled === void 0) return;
    const known = isWhole ? place : firstNames(place, count(key, next));
    if (spelled !== void 0) {
      throw unsafePath(path, \`\${quoteText(known)} and \${quoteText(spelled)} are the same name on this system\`);
    }
    if (isWhole) {
      if (occupant !== "implied") throw unsafePath(path, "it is listed twice");
      if (type !== "dir") {
        throw unsafePath(path, \`it is a \${type} and another entry lies below\`);
      }
    } else if (occupant !== "dir" && occupant !== "implied") {
      throw unsafePath(path, \`it lies below the \${occupant} \${quoteText(known)}\`);
    }
  }
};
function count(path, end) {
  let names = 0;
  for (let at = path.indexOf("/"); at >= 0 && at < end; at = path.indexOf("/", at + 1)) names++;
  return names;
}
function firstNames(path, names) {
  let end = -1;
  for (let i = 0; i < names; i++) end = path.indexOf("/", end + 1);
  return end < 0 ? path : path.slice(0, end);
}
function isBegun(path, start) {
  return start === "" || path === start || path.startsWith(\`\${start}/\`);
}
function normalizePath(path, rules) {
  if (path === "") throw unsafePath(path, "it is empty");
  if (path.startsWith("/")) throw unsafePath(path, "it is absolute");
  let pathBytes2 = 0;
  let nameStart = 0;
  let nameBytes = 0;
  let isFirst = true;
  let isNormal = true;
  for (let i = 0; i <= path.length; i++) {
    const unit = i < path.length ? path.charCodeAt(i) : SLASH2;
    if (unit !== SLASH2) {
      if (unit === 0) throw unsafePath(path, "it has a NUL byte");
      nameBytes += utf8Share(unit);
      continue;
    }
    const length = i - nameStart;
    if (isDots(path, nameStart, length)) {
      if (length === 2 || isFirst) {
        throw unsafePath(path, \`"\${".".repeat(length)}" is not a name\`);
      }
      isNormal = false;
    } else if (length === 0) {
      isNormal = false;
    } else {
      if (nameBytes > DIR_NAME_MAX) {
        throw unsafePath(path, \`a name is longer than \${DIR_NAME_MAX} bytes\`);
      }
      if (limitsNames(rules)) {
        const objection = nameObjection(path.slice(nameStart, i), rules);
        if (objection !== void 0) throw unsafePath(path, objection);
      }
      isFirst = false;
    }
    pathBytes2 += nameBytes + 1;
    nameBytes = 0;
    nameStart = i + 1;
  }
  if (pathBytes2 - 1 > DIR_PATH_MAX) {
    throw unsafePath(path, \`it is longer than \${DIR_PATH_MAX} bytes\`);
  }
  return isNormal ? path : path.split("/").filter((name) => name !== "" && name !== ".").join("/");
}
var SLASH2 = 47;
var DOT = 46;
function isDots(path, start, length) {
  if (length !== 1 && length !== 2) return false;
  return path.charCodeAt(start) === DOT && path.charCodeAt(start + length - 1) === DOT;
}
function utf8Share(unit) {
  if (unit < 128) return 1;
  return unit < 2048 || unit >= 55296 && unit <= 57343 ? 2 : 3;
}
function unsafePath(path, reason) {
  return new UnsafePathError(\`dir transfer: unsafe manifest path \${quoteText(path)}: \${reason}\`);
}

// lib/os/os_error.ts
var HINTS = { EACCES: "check the owner and mode of the file and of the directories above", EBUSY: "it may be a mount point; choose a path below it", EDQUOT: "remove something of yours there, or ask for a larger quota", EFBIG: "choose a path on another file system", EIO: "check the disk", EMFILE: "raise the limit (ulimit -n) and run again", ENOSPC: "free some space and run again", EPERM: "check the owner and attributes of the directory", EROFS: "choose a path that can be written" };
var NOT_THE_SYSTEM = ["BadResource", "Http", "InvalidData", "NotCapable", "NotSupported"];
var UNNAMED = { linux: { 37: "ENOLCK", 38: "ENOSYS", 95: "EOPNOTSUPP", 116: "ESTALE", 122: "EDQUOT" }, android: { 37: "ENOLCK", 38: "ENOSYS", 95: "EOPNOTSUPP", 116: "ESTALE", 122: "EDQUOT" }, darwin: { 69: "EDQUOT", 70: "ESTALE", 77: "ENOLCK", 78: "ENOSYS", 102: "EOPNOTSUPP" } };
function osErrorCode(error) {
  if (!(error instanceof Error)) return void 0;
  const code = "code" in error ? error.code : void 0;
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  const number = / \\(os error (\\d+)\\)/.exec(error.message)?.[1];
  return UNNAMED[Deno.build.os]?.[Number(number)];
}
function osErrorWords(error) {
  if (!(error instanceof Error)) return String(error);
  return /^.*? \\(os error \\d+\\)/.exec(error.message)?.[0] ?? error.message;
}
function isOsError(error) {
  if (!(error instanceof Error)) return false;
  if (osErrorCode(error) !== void 0) return true;
  return error.name === "Error" ? / \\(os error \\d+\\)/.test(error.message) : Object.hasOwn(Deno.errors, error.name) && !NOT_THE_SYSTEM.includes(error.name);
}
function isNotFound(error) {
  return error instanceof Deno.errors.NotFound;
}
function ioErrorOf(error, action, path, fields = {}) {
  if (error instanceof TransferError) return error;
  const what = \`cannot \${action} \${quoteText(path)}\`;
  const facts = { ...fields, path };
  if (error instanceof Deno.errors.NotCapable) {
    return error.message.startsWith("Requires all access") ? new PermissionError(\`\${what}: it is below a system directory\`, { cause: error, hint: "choose another path", fields: facts }) : new PermissionError(\`\${what}: \${error.message}\`, { cause: error, hint: "grant it to the process, or run with --allow-all", fields: facts });
  }
  const message = \`\${what}: \${osErrorWords(error)}\`;
  if (!isOsError(error)) {
    return new TransferError("internal", message, { cause: error, fields: facts });
  }
  const os = osErrorCode(error);
  const hint = HINTS[os ?? ""];
  return new IoError(message, { cause: error, ...hint === void 0 ? {} : { hint }, fields: os === void 0 ? facts : { ...facts, os } });
}
function attempt(action, path, operation, fields) {
  try {
    return operation();
  } catch (error) {
    throw ioErrorOf(error, action, path, fields);
  }
}
function lookAt(path) {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isNotFound(error)) return void 0;
    throw ioErrorOf(error, "look at", path);
  }
}

// lib/os/make_directory.ts
function makeDirectory(path, mode = 493) {
  try {
    Deno.mkdirSync(path, { recursive: true, mode });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw new IoError(\`\${quoteText(path)} is not a directory, or something above it is not\`, { fields: { path }, cause: error });
    }
    throw ioErrorOf(error, "create the directory", path);
  }
}

// lib/landing/worker/full_disk.ts
function isDiskFull(error) {
  return error instanceof IoError && (error.fields.os === "ENOSPC" || error.fields.os === "EDQUOT");
}

// lib/landing/worker/content_check.ts
var ContentCheck = class {
  #buffer = new Uint8Array();
  holds(file, path, { offset, length, hash: hash2 }) {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    const bytes = this.#buffer.subarray(0, length);
    return attempt("read", path, () => fill(file, offset, bytes)) && hasHash(bytes, hash2);
  }
};
function fill(file, offset, bytes) {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length; ) {
    const count2 = file.readSync(bytes.subarray(done));
    if (count2 === null) return false;
    done += count2;
  }
  return true;
}

// lib/landing/worker/coverage.ts
var Coverage = class {
  ranges = /* @__PURE__ */ new Map();
  total = 0;
  get bytes() {
    return this.total;
  }
  has(offset, length) {
    return this.ranges.get(offset) === length;
  }
  add(offset, length) {
    this.total += length - (this.ranges.get(offset) ?? 0);
    this.ranges.set(offset, length);
  }
  isWhole(size) {
    return this.total >= size && this.firstGap(size) === void 0;
  }
  firstGap(size) {
    const offsets = Float64Array.from(this.ranges.keys()).sort();
    let end = 0;
    for (const offset of offsets) {
      if (offset > end) break;
      end = Math.max(end, offset + (this.ranges.get(offset) ?? 0));
    }
    return end < size ? end : void 0;
  }
};

// lib/landing/worker/data_runs.ts
var HOLE_BLOCK = 65536;
function dataRuns(bytes) {
  let runs;
  let since = 0;
  for (let at = 0; at + HOLE_BLOCK <= bytes.length; at += HOLE_BLOCK) {
    if (!isZero(bytes, at, at + HOLE_BLOCK)) continue;
    runs ??= [];
    if (at > since) runs.push({ start: since, end: at });
    since = at + HOLE_BLOCK;
  }
  if (runs !== void 0 && since < bytes.length) {
    runs.push({ start: since, end: bytes.length });
  }
  return runs;
}
function isZero(bytes, start, end) {
  let at = start;
  for (; (bytes.byteOffset + at) % 4 !== 0; at++) {
    if (bytes[at] !== 0) return false;
  }
  if (bytes[at] !== 0) return false;
  const count2 = end - at >> 2;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, count2);
  for (let i = 0; i < count2; i++) {
    if (words[i] !== 0) return false;
  }
  for (at += count2 * 4; at < end; at++) {
    if (bytes[at] !== 0) return false;
  }
  return true;
}

// lib/os/lost_content.ts
function lostContent(path, what) {
  return new IoError(\`the file system did not keep \${quoteText(path)}, and said nothing when it was closed: \${what}\`, { hint: "it may be full, or you over your quota; free some space and run again", fields: { path } });
}
function lostInRename(path, what) {
  return new IoError(\`the file system lost \${quoteText(path)} when it was renamed, or what it is in: \${what}\`, { hint: "choose a target on another file system, or another driver for this one", fields: { path } });
}

// lib/landing/worker/read_back.ts
var WrittenEnds = class {
  first;
  last;
  add(range) {
    if (this.first === void 0 || range.offset < this.first.offset) {
      this.first = range;
    }
    if (this.last === void 0 || range.offset > this.last.offset) {
      this.last = range;
    }
  }
  get ranges() {
    if (this.first === void 0 || this.last === void 0) return [];
    return this.first === this.last ? [this.first] : [this.first, this.last];
  }
};
var READ_BACK_OPERATIONS = { size: (path) => Deno.lstatSync(path).size, read(path, offset, length) {
  using file = Deno.openSync(path, { read: true });
  file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const count2 = file.readSync(bytes.subarray(end));
    if (count2 === null) break;
    end += count2;
  }
  return bytes.subarray(0, end);
} };
function checkReadBack(path, size, ranges, ops = READ_BACK_OPERATIONS) {
  const found = attempt("look at", path, () => ops.size(path));
  const difference = differentSize(found, size) ?? differentBytes(path, ranges, ops);
  if (difference !== void 0) throw lostContent(path, difference);
}
function differentSize(found, written) {
  return found === written ? void 0 : \`it has \${found} bytes of \${written} written\`;
}
function differentBytes(path, ranges, ops) {
  for (const { offset, length, hash: hash2 } of ranges) {
    const bytes = attempt("read", path, () => ops.read(path, offset, length));
    try {
      verifyHash(bytes, hash2);
    } catch (error) {
      if (!(error instanceof HashMismatchError)) throw error;
      return \`its bytes from \${offset} on are not those written\`;
    }
  }
  return void 0;
}

// lib/landing/worker/file_io.ts
function writeAt(file, path, offset, bytes, sparse) {
  const runs = sparse ? dataRuns(bytes) : void 0;
  attempt("write", path, () => {
    if (runs === void 0) writeRun(file, offset, bytes);
    for (const { start, end } of runs ?? []) {
      writeRun(file, offset + start, bytes.subarray(start, end));
    }
  });
}
function writeRun(file, offset, bytes) {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length; ) {
    done += file.writeSync(bytes.subarray(done));
  }
}
function writeNewFile(fs, file) {
  const { path, bytes, fsync } = file;
  const mode = fs.modeOf(file.mode);
  const isPlain = !fsync && !fs.readsBack && !(fs.sparse && dataRuns(bytes) !== void 0);
  if (isPlain) writePlain(fs, path, bytes, mode);
  else writeWithCare(fs, file, mode);
}
function writePlain(fs, path, bytes, mode) {
  const options = mode === void 0 || !fs.traits.keepsModes ? { createNew: true } : { createNew: true, mode };
  attempt("write", path, () => Deno.writeFileSync(path, bytes, options));
  if (mode !== void 0 && (mode > 511 || !fs.traits.keepsModes)) {
    fs.setMode(path, mode);
  }
}
function writeWithCare(fs, { path, bytes, hash: hash2, fsync }, mode) {
  const access = mode === void 0 ? {} : { mode: 384 };
  attempt("write", path, () => {
    const options = { write: true, createNew: true, ...access };
    using file = Deno.openSync(path, options);
    writeAt(file, path, 0, bytes, fs.sparse);
    if (fs.sparse) file.truncateSync(bytes.length);
    if (mode !== void 0 && !fs.readsBack) fs.setMode(path, mode);
    if (fsync || fs.failsLate) fs.sync(file, path, fsync);
  });
  if (!fs.readsBack) return;
  const { length } = bytes;
  checkReadBack(path, length, [{ offset: 0, length, hash: hash2 }]);
  if (mode !== void 0) fs.setMode(path, mode);
}

// lib/os/lacking.ts
var LACKING = /* @__PURE__ */ new Set(["EINVAL", "ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM"]);
function isLacking(error) {
  const code = osErrorCode(error);
  return code === void 0 ? error instanceof Deno.errors.NotSupported : LACKING.has(code);
}
var FAILING = /* @__PURE__ */ new Set(["EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOSPC", "EROFS", "ESTALE"]);
function isFailing(error) {
  const code = osErrorCode(error) ?? osErrorCode(error instanceof Error ? error.cause : void 0);
  return code !== void 0 && FAILING.has(code);
}

// lib/os/random_token.ts
function randomToken() {
  return toHex(crypto.getRandomValues(new Uint8Array(8)));
}

// lib/landing/worker/probe_removal.ts
function removeProbe(probe, parent, remove) {
  try {
    remove();
  } catch (error) {
    if (!isOsError(error)) throw error;
    throw new IoError(\`nothing can be removed from \${quoteText(parent)}, so nothing can be put in place there: \${osErrorWords(error)}\`, { cause: error, hint: \`choose another directory, or make it one that is not append-only (chattr -a); remove \${quoteText(probe)} then, with which it was tried\`, fields: { path: parent, left_behind: probe } });
  }
}

// lib/landing/worker/own_entries.ts
var INSIDE_BASE = "net-transfer";
var OURS = /^\\.net-transfer\\.(?:fetch_(?:lock|owner)|(?:fetch|moved|probe|replaced|removing)_[0-9a-f]{16})$/;
var OF_VOLUMES = /* @__PURE__ */ new Set(["$RECYCLE.BIN", ".Spotlight-V100", ".Trashes", ".fseventsd", ".snapshot", ".zfs", "System Volume Information", "lost+found"]);
function isOwnEntry(name) {
  return OURS.test(name);
}
function isOfVolume(name) {
  return OF_VOLUMES.has(name) || /^\\.Trash-\\d+$/.test(name);
}

// lib/landing/worker/target.ts
var WINDOWS = Deno.build.os === "windows";
function joinPath(dir, name) {
  const closed = dir.endsWith("/") || WINDOWS && dir.endsWith("\\\\");
  return closed ? dir + name : \`\${dir}/\${name}\`;
}
function findAt({ out }, kind, former = []) {
  const seen = lookAt(out);
  if (seen === void 0) return "nothing";
  const why = obstacle(kind, out, seen);
  if (why !== void 0) {
    throw new IoError(\`Cannot install a \${kind === "blob" ? "file" : "tree"} at \${quoteText(out)}: \${why}; choose another name\`, { fields: { path: out } });
  }
  if ([former].flat().some((one) => isSameTarget(identityOf(seen), one))) {
    return "former";
  }
  if (seen.isSymlink) return "link";
  if (seen.isFile) return "file";
  return isEmpty(out) ? "empty" : "tree";
}
function checkTarget(target, kind, { replace, former }) {
  const found = findAt(target, kind, former);
  if (replace || mayReplace(found, kind)) return;
  throw new ExistsError(\`\${quoteText(target.out)} exists and may not be replaced\`, { hint: "choose another path", fields: { path: target.out } });
}
function mayReplace(found, kind) {
  return found === "nothing" || found === "empty" || found === "former" || found === "link" && kind === "tree";
}
function identityOf({ dev, ino, birthtime }) {
  return { dev, ino, born: birthtime?.getTime() ?? null };
}
function isSameTarget(a, b) {
  if (a.ino === null || a.ino !== b.ino) return false;
  return a.born === null || b.born === null ? a.born === b.born && a.dev === b.dev : a.born === b.born;
}
function isEmpty(directory) {
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      if (!isOwnEntry(name)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
function obstacle(kind, out, seen) {
  if (seen.isFile) return void 0;
  if (seen.isDirectory) {
    return kind === "tree" ? void 0 : "there is a directory";
  }
  if (!seen.isSymlink) return "there is a device, pipe or socket";
  return kind === "blob" || leadsSomewhere(out) ? void 0 : "there is a link to nothing";
}
function leadsSomewhere(link) {
  try {
    Deno.statSync(link);
    return true;
  } catch (error) {
    return !isNotFound(error) && !(error instanceof Deno.errors.FilesystemLoop);
  }
}

// lib/landing/worker/temp_names.ts
var BASE_MAX = 99;
var PARTIAL = ".partial";
var NAME_MAX = 255;
var HASH_DIGITS = 16;
function besideName(base, suffix) {
  const bytes = new TextEncoder().encode(base);
  const name = bytes.length <= BASE_MAX ? base : toHex(blake32(bytes)).slice(0, HASH_DIGITS);
  return \`.\${name}\${suffix}\`;
}
function partialPath({ out, parent, base }) {
  const bytes = new TextEncoder().encode(base).length + PARTIAL.length;
  return bytes <= NAME_MAX ? out + PARTIAL : joinPath(parent, besideName(base, PARTIAL));
}

// lib/landing/worker/file_system.ts
var PROBE_OPERATIONS = { mkdir: (path) => Deno.mkdirSync(path, { mode: 448 }), create(path) {
  const options = { write: true, createNew: true, mode: 384 };
  using file = Deno.openSync(path, options);
  return file.statSync();
}, createPlain(path) {
  using file = Deno.openSync(path, { write: true, createNew: true });
  return file.statSync().mode;
}, chmod(path, mode) {
  Deno.chmodSync(path, mode);
  return Deno.lstatSync(path).mode;
}, link: (from, to) => Deno.linkSync(from, to), rename: (from, to) => Deno.renameSync(from, to), list: (path) => Array.from(Deno.readDirSync(path), ({ name }) => name), exists: (path) => lookAt(path) !== void 0, extend(path, size) {
  Deno.truncateSync(path, size);
  return Deno.lstatSync(path).blocks;
}, remove: (path) => Deno.removeSync(path, { recursive: true }) };
var WINDOWS2 = Deno.build.os === "windows";
var ODD_MODE = 456;
var HOLE_BYTES = 65536;
var TRIES = 3;
function probeBeside(target, volume) {
  const { parent, base } = target;
  for (let tries = 1; ; tries++) {
    const name = besideName(base, \`.probe_\${randomToken()}\`);
    const dir = joinPath(parent, name);
    try {
      return probeIn(dir, parent, volume, PROBE_OPERATIONS);
    } catch (error) {
      const isGone2 = osErrorCode(causeOf(error)) === "ENOENT";
      if (!isGone2 || tries === TRIES) throw error;
    }
  }
}
function causeOf(error) {
  return error instanceof Error ? error.cause : void 0;
}
function probeIn(dir, parent, volume, ops) {
  attempt("create a directory in", parent, () => ops.mkdir(dir));
  try {
    const name = joinPath(dir, "Case");
    const { uid } = attempt("create a file in", parent, () => ops.create(name));
    const composed = joinPath(dir, "\\xE9");
    const can = (does) => {
      try {
        return does();
      } catch (error) {
        if (isOsError(error) || error instanceof TransferError) return false;
        throw error;
      }
    };
    const newFileMode = attempt("create a file in", parent, () => ops.createPlain(joinPath(dir, "plain")));
    return { volume, uid, newFileMode: (newFileMode ?? 384) & 511, keepsModes: !WINDOWS2 && attempt("set the mode of", name, () => keepsModes(name, ops)), hardLinks: can(() => (ops.link(name, joinPath(dir, "link")), true)), foldsCase: can(() => ops.exists(joinPath(dir, "cASE"))), asciiNames: !can(() => (ops.create(composed), true)), foldsUnicode: can(() => ops.exists(joinPath(dir, "e\\u0301"))), windowsNames: !can(() => (ops.create(joinPath(dir, "a:b")), true)), dropsDots: can(() => {
      ops.create(joinPath(dir, "dot."));
      return ops.exists(joinPath(dir, "dot"));
    }), holes: can(() => ops.extend(name, HOLE_BYTES) === 0), stableInodes: volume !== "user_space", keepsRenamed: volume === "local" || keepsRenamed(dir, ops) };
  } finally {
    removeProbe(dir, parent, () => ops.remove(dir));
  }
}
function keepsModes(path, { chmod }) {
  try {
    return ((chmod(path, ODD_MODE) ?? 0) & 511) === ODD_MODE;
  } catch (error) {
    if (isOsError(error) && !isFailing(error)) return false;
    throw error;
  }
}
function keepsRenamed(dir, ops) {
  const [from, to] = ["from", "to"].map((name) => joinPath(dir, name));
  try {
    ops.mkdir(from);
    ops.create(joinPath(from, "file"));
    ops.rename(from, to);
  } catch (error) {
    if (isOsError(error)) return true;
    throw error;
  }
  return attempt("list", dir, () => ops.list(to)).includes("file");
}

// lib/landing/worker/ownership.ts
var TRIES2 = 8;
function sameInode(a, b) {
  return a.dev === b.dev && a.ino === b.ino;
}
function openOwnFile(path, uid) {
  for (let tries = 0; tries < TRIES2; tries++) {
    try {
      return Deno.openSync(path, { read: true, write: true, createNew: true, mode: 384 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw ioErrorOf(error, "create", path);
      }
    }
    const seen = lookAt(path);
    if (seen === void 0) continue;
    assertOwnFile(path, seen, uid);
    let file;
    try {
      file = Deno.openSync(path, { read: true, write: true });
    } catch (error) {
      if (isNotFound(error)) continue;
      throw ioErrorOf(error, "open", path);
    }
    let isSeen = false;
    try {
      isSeen = sameInode(attempt("look at", path, () => file.statSync()), seen);
    } finally {
      if (!isSeen) file.close();
    }
    if (isSeen) return file;
  }
  throw new IoError(\`\${quoteText(path)} keeps changing while it is opened: another program is writing there\`, { fields: { path } });
}
function assertOwnFile(path, seen, uid) {
  const why = seen.isSymlink ? "it is a symbolic link" : !seen.isFile ? "it is not a regular file" : seen.uid !== uid ? "it belongs to another user" : (seen.nlink ?? 1) > 1 ? "it has further names (hard links)" : void 0;
  if (why !== void 0) {
    throw new IoError(\`Cannot use \${quoteText(path)}: \${why}, so it was not made by an earlier run; remove it and run again\`, { fields: { path } });
  }
}
var PrivateDir = class _PrivateDir {
  constructor(path, inode, fs, specialBits) {
    this.path = path;
    this.inode = inode;
    this.fs = fs;
    this.specialBits = specialBits;
  }
  static create(path, fs) {
    try {
      Deno.mkdirSync(path, { mode: 448 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw ioErrorOf(error, "create the directory", path);
      }
      throw new IoError(\`Cannot use \${quoteText(path)}: it was not made by an earlier run of yours; remove it and run again\`, { fields: { path } });
    }
    const seen = lookAt(path);
    if (seen === void 0 || !isPrivate(seen, fs.traits)) {
      throw replaced(path);
    }
    return new _PrivateDir(path, seen, fs, (seen.mode ?? 0) & 3584);
  }
  verify() {
    const seen = lookAt(this.path);
    if (seen === void 0) throw goneMeanwhile(this.path);
    if (!seen.isDirectory || this.fs.traits.stableInodes && !sameInode(seen, this.inode)) throw replaced(this.path);
  }
  openUp(old) {
    if (old?.isDirectory) keepAccess(this.fs, this.path, old, 4095);
    else this.setMode(this.defaultMode() | this.specialBits);
  }
  defaultMode() {
    const probe = joinPath(this.path, \`.probe_\${randomToken()}\`);
    attempt("create a directory in", this.path, () => Deno.mkdirSync(probe));
    const mode = lookAt(probe)?.mode ?? 493;
    attempt("remove", probe, () => Deno.removeSync(probe));
    return mode & 511;
  }
  setMode(mode) {
    const seen = lookAt(this.path)?.mode ?? mode;
    if ((seen & 4095) !== mode) this.fs.setMode(this.path, mode);
  }
};
function keepAccess(fs, path, old, bits) {
  const seen = lookAt(path);
  if (seen === void 0 || old.mode === null) return;
  const sameGroup = old.gid === null || seen.gid === old.gid || fs.setGroup(path, old.gid);
  const mode = modeToKeep(old.mode & bits, sameGroup);
  if (!sameGroup || ((seen.mode ?? 0) & 4095) !== mode || mode > 511) {
    fs.setMode(path, mode);
  }
}
function modeToKeep(mode, sameGroup) {
  if (sameGroup) return mode;
  const others = mode & 7;
  return mode & 967 | mode & others << 3;
}
function isPrivate(seen, { uid, keepsModes: keepsModes2 }) {
  return seen.isDirectory && seen.uid === uid && (!keepsModes2 || ((seen.mode ?? 0) & 63) === 0);
}
function goneMeanwhile(path) {
  return new IoError(\`\${quoteText(path)} is no longer there: it, or a directory above it, was renamed or removed meanwhile\`, { hint: "run again, with the path that the target has now", fields: { path } });
}
function replaced(path) {
  return new IoError(\`\${quoteText(path)} is not the directory that was made there: another program interferes; choose a target in a directory only you can write\`, { fields: { path } });
}

// lib/landing/worker/leftovers.ts
var TOKEN = /^[0-9a-f]{16}$/;
function leftoverPath({ parent, base }, kind, token) {
  return joinPath(parent, besideName(base, \`.\${kind}_\${token}\`));
}
function findLeftovers(ops, { parent, base }) {
  const found = { fetch: [], moved: [], probe: [], replaced: [], removing: [] };
  const prefix = besideName(base, ".");
  for (const name of ops.list(parent)) {
    if (!name.startsWith(prefix)) continue;
    const [kind, token, ...more] = name.slice(prefix.length).split("_");
    if (!isKind(kind) || more.length > 0 || !TOKEN.test(token)) continue;
    const path = joinPath(parent, name);
    if (ops.isOurs(path)) found[kind].push(path);
  }
  return found;
}
function isKind(word) {
  return ["fetch", "moved", "probe", "replaced", "removing"].includes(word);
}
function insideTarget(directory) {
  return { out: directory, parent: directory, base: INSIDE_BASE };
}

// lib/landing/worker/swap.ts
function swapOperations(uid, sync) {
  return { exists: (path) => lookAt(path) !== void 0, isOurs: (path) => lookAt(path)?.uid === uid, list: (dir) => attempt("list", dir, () => Array.from(Deno.readDirSync(dir), ({ name }) => name)), rename: (from, to) => Deno.renameSync(from, to), sync, token: randomToken };
}
var NAME_TRIES = 8;
function swapIn(ops, target, temp, look) {
  const { out, parent } = target;
  const place = () => {
    ops.rename(temp, out);
    if (look !== void 0) lookOrTakeBack(ops, temp, out, look);
  };
  if (!ops.exists(out)) {
    try {
      place();
    } catch (error) {
      throw withState(ioErrorOf(error, "install", out), "untouched");
    }
    syncReplaced(() => ops.sync(parent), parent);
    return { old: [], warnings: [] };
  }
  const before = look === void 0 ? 0 : entriesOf(ops, out);
  const backup = attempt("move aside", out, () => move(ops, target, out, "replaced"), { target_state: "untouched" });
  try {
    requireEntries(ops, backup, before);
    place();
  } catch (error) {
    throw moveBack(ops, backup, out, error, before);
  }
  syncReplaced(() => ops.sync(parent), parent, { kept: backup });
  try {
    return { old: [markForRemoval(ops, target, backup)], warnings: [] };
  } catch (error) {
    return { old: [], warnings: [staysBehind(backup, error)] };
  }
}
function lookOrTakeBack(ops, temp, out, look) {
  try {
    look(out);
  } catch (error) {
    ops.rename(out, temp);
    throw error;
  }
}
function entriesOf(ops, path) {
  try {
    return ops.list(path).length;
  } catch (error) {
    const cause = error instanceof IoError ? error.cause : error;
    if (isOsError(cause)) return 0;
    throw error;
  }
}
function requireEntries(ops, path, count2) {
  const found = count2 === 0 ? 0 : entriesOf(ops, path);
  if (found >= count2) return;
  throw lostInRename(path, \`\${found} of \${count2} entries are there\`);
}
function markForRemoval(ops, target, path) {
  const marked = attempt("rename", path, () => move(ops, target, path, "removing"));
  try {
    ops.sync(target.parent);
  } catch (error) {
    throw withFields(ioErrorOf(error, "sync", target.parent), { kept: marked });
  }
  return marked;
}
function staysBehind(path, error) {
  const { message, fields: { kept } } = ioErrorOf(error, "remove", path);
  const where = typeof kept === "string" ? kept : path;
  return \`the old tree stays behind as \${quoteText(where)}: \${message}\`;
}
function syncReplaced(sync, dir, fields = {}) {
  try {
    sync();
  } catch (error) {
    const failure = ioErrorOf(error, "sync", dir);
    throw withFields(failure, { ...fields, target_state: "replaced" });
  }
}
function repairSwap(ops, target, backups) {
  const { out } = target;
  if (backups.length === 0 || ops.exists(out)) return [];
  if (backups.length > 1) {
    const start = leftoverPath(target, "replaced", "\\u2026");
    return [\`\${quoteText(out)} is absent and \${backups.length} old trees stand beside it as \${quoteText(start)}: look which one you need\`];
  }
  attempt("restore", out, () => ops.rename(backups[0], out), { kept: backups[0] });
  return [\`an earlier run was stopped while it replaced \${quoteText(out)}: the old tree was put back first\`];
}
function move(ops, target, from, kind) {
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    const to = leftoverPath(target, kind, ops.token());
    if (ops.exists(to)) continue;
    ops.rename(from, to);
    return to;
  }
  throw new IoError(\`no free name to move \${quoteText(from)} to after \${NAME_TRIES} tries\`, { fields: { path: from, target_state: "untouched" } });
}
function moveBack(ops, backup, out, cause, count2) {
  const first = ioErrorOf(cause, "install", out);
  try {
    ops.rename(backup, out);
  } catch (error) {
    const second = ioErrorOf(error, "restore", out);
    return new IoError(\`\${first.message}; then \${second.message}; the old tree is kept as \${quoteText(backup)}, and the next run puts it back\`, { cause: new AggregateError([cause, error]), fields: { path: out, target_state: "absent", kept: backup } });
  }
  try {
    requireEntries(ops, out, count2);
  } catch (error) {
    return withState(ioErrorOf(error, "restore", out), "lost");
  }
  return withState(first, "restored");
}
function withState(error, target_state) {
  return withFields(error, { target_state });
}
function withFields(error, more) {
  const { kind, message, hint, cause } = error;
  const fields = { ...error.fields, ...more };
  const options = { cause, hint, fields };
  return error instanceof IoError ? new IoError(message, options) : new TransferError(kind, message, options);
}

// lib/os/volume_kind.ts
function failsLate(kind) {
  return kind === "network" || kind === "user_space";
}

// lib/landing/worker/target_file_system.ts
var TargetFileSystem = class {
  constructor(traits, parent, { perms = true, sparse = true } = {}) {
    this.traits = traits;
    this.parent = parent;
    this.failsLate = failsLate(traits.volume);
    this.readsBack = traits.volume !== "local";
    this.sparse = sparse && traits.holes;
    this.perms = perms;
  }
  lacked = /* @__PURE__ */ new Map();
  hidden = "";
  shown = "";
  failsLate;
  readsBack;
  sparse;
  perms;
  modeOf(mode) {
    return this.perms ? mode : void 0;
  }
  setMode(path, mode) {
    if (Deno.build.os === "windows") return;
    if (!this.traits.keepsModes) {
      this.note("modes", path);
      return;
    }
    this.orNote("modes", path, () => attempt("change the mode of", path, () => Deno.chmodSync(path, mode)));
  }
  setGroup(path, gid) {
    return this.orNote("groups", path, () => attempt("change the group of", path, () => {
      Deno.chownSync(path, null, gid);
    }));
  }
  sync(file, path, wanted) {
    const flush = () => attempt("sync", path, () => file.syncSync());
    if (wanted) this.orNote("sync", path, flush);
    else this.orIgnore(flush);
  }
  syncDirectory(path) {
    if (Deno.build.os === "windows") return;
    this.orNote("sync", path, () => attempt("sync", path, () => {
      using dir = Deno.openSync(path, { read: true });
      dir.syncSync();
    }));
  }
  requireRenames() {
    if (this.traits.keepsRenamed) return;
    throw new IoError(\`the file system of \${quoteText(this.parent)} loses what is in a directory when it is renamed, so no tree can be put in place there; nothing was changed\`, { hint: "choose a target on another file system, or mount this one by another driver", fields: { path: this.parent } });
  }
  showAs(hidden, shown) {
    this.hidden = hidden;
    this.shown = shown;
  }
  note(lack, path) {
    const known = this.lacked.get(lack);
    if (known !== void 0) {
      known.count++;
      return;
    }
    const first = this.hidden !== "" && path.startsWith(this.hidden) ? this.shown + path.slice(this.hidden.length) : path;
    this.lacked.set(lack, { count: 1, first });
  }
  warnings() {
    const where = \`the file system of \${quoteText(this.parent)}\`;
    return [...this.lacked].map(([lack, { count: count2, first }]) => {
      const which = count2 === 1 ? quoteText(first) : \`\${count2} \${NOUNS[lack] ?? "files and directories"}, the first is \${quoteText(first)}\`;
      return SENTENCES[lack](where, which);
    });
  }
  orNote(lack, path, run) {
    const done = this.orIgnore(run);
    if (!done) this.note(lack, path);
    return done;
  }
  orIgnore(run) {
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof Error && isLacking(error.cause)) return false;
      throw error;
    }
  }
};
var NOUNS = { links: "symbolic links" };
var SENTENCES = { modes: (where, which) => \`\${where} does not keep the modes it is given: those of the manifest are missing on \${which}\`, groups: (_, which) => \`the group of what was replaced could not be given, as you are not in it or there are no groups: \${which}\`, sync: (where, which) => \`\${where} cannot flush \${which}: a crash may lose what was written\`, links: (where, which) => \`\${where} has no symbolic links, which are left out: \${which}\`, locks: (where, which) => \`\${where} has no locks: a file, \${which}, keeps others of this program out, but not where the file is removed\` };

// lib/landing/worker/remove_tree.ts
var NOT_UTF8 = "\\uFFFD";
var NAMES_PER_LOOK = 64;
var TreeRemoval = class {
  constructor(root, options = {}) {
    this.options = options;
    this.#root = root;
    this.#work = this.#remove();
  }
  removed = { files: 0, bytes: 0 };
  #token = randomToken();
  #work;
  #failure;
  #moved = 0;
  #root;
  get root() {
    return this.#root;
  }
  step(until = Infinity) {
    while (this.#work.next().done !== true) {
      if (until !== Infinity && performance.now() >= until) return false;
    }
    if (this.#failure !== void 0) throw this.#failure;
    return true;
  }
  *#remove() {
    const { root } = this;
    const seen = lookAt(root);
    if (seen === void 0) return;
    if (!seen.isDirectory) {
      this.#removeFile(root);
      return;
    }
    const { uid = seen.uid } = this.options;
    let place = seen;
    if (seen.uid !== uid || mayOthersWrite(seen)) {
      try {
        place = this.#enclose(seen);
      } catch (error) {
        const isMount = osErrorCode(error) === "EBUSY";
        this.#fail(isMount ? boundary(root, error) : error, root);
        return;
      }
    }
    const pending = [{ path: this.root, place, emptied: false }];
    for (let next = pending.pop(); next !== void 0; next = pending.pop()) {
      if (next.emptied) this.#removeDirectory(next);
      else yield* this.#empty(next, pending);
    }
  }
  #enclose(seen) {
    const { root } = this;
    const top = \`\${root.replace(/_[0-9a-f]{16}$/, "")}_\${randomToken()}\`;
    unlock(root, seen);
    Deno.mkdirSync(top, { mode: 448 });
    try {
      Deno.renameSync(root, \`\${top}/.\${this.#token}\`);
    } catch (error) {
      Deno.removeSync(top);
      throw error;
    }
    this.#root = top;
    return Deno.lstatSync(top);
  }
  *#empty({ path, place }, pending) {
    const self = { path, place, emptied: true };
    if (path === this.root) pending.push(self);
    const staying = [];
    try {
      unlock(path, place);
      const list = Deno.readDirSync(path);
      assertSame(path, place);
      let names = 0;
      for (const { name, isDirectory } of list) {
        if (++names % NAMES_PER_LOOK === 0) assertSame(path, place);
        const inside = \`\${path}/\${name}\`;
        if (isDirectory) {
          const inner = this.#moveToTop(inside, place);
          if (inner?.path === inside) staying.push(inner);
          else if (inner !== void 0) pending.push(inner);
          else if (isUnnamed(inside)) self.unnamed = "directories";
        } else if (!this.#removeFile(inside) && name.includes(NOT_UTF8)) {
          self.unnamed ??= "files";
        }
        yield;
      }
    } catch (error) {
      this.#fail(error, path);
      return;
    }
    if (path !== this.root) pending.push(self);
    for (const inner of staying) pending.push(inner);
  }
  #moveToTop(path, above) {
    const top = \`\${this.root}/.\${this.#token}_\${this.#moved++}\`;
    try {
      const place = lookAt(path);
      if (place === void 0) return void 0;
      if (place.dev !== above.dev) throw boundary(path);
      const isOpen = mayOthersWrite(above) || above.uid !== place.uid;
      const at = this.#rename(path, top, isOpen);
      if (at === path) return { path, place, emptied: false };
      const moved = lookAt(at);
      if (moved?.isDirectory) return { path: at, place: moved, emptied: false };
      this.#removeFile(at);
      return void 0;
    } catch (error) {
      const isMount = osErrorCode(error) === "EBUSY";
      this.#fail(isMount ? boundary(path, error) : error, path);
      return void 0;
    }
  }
  #rename(path, top, isOpen) {
    try {
      Deno.renameSync(path, top);
      return top;
    } catch (error) {
      if (isOpen) throw error;
      if (osErrorCode(error) === "EXDEV") return path;
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
    const above = path.slice(0, path.lastIndexOf("/"));
    const renamed = \`\${above}/.\${this.#token}\`;
    Deno.renameSync(path, renamed);
    Deno.chmodSync(renamed, 448);
    Deno.renameSync(renamed, top);
    return top;
  }
  #removeFile(path) {
    try {
      const size = this.options.countBytes ? lookAt(path)?.size ?? 0 : 0;
      Deno.removeSync(path);
      this.removed.files++;
      this.removed.bytes += size;
    } catch (error) {
      if (isNotFound(error)) return false;
      this.#fail(error, path);
    }
    return true;
  }
  #removeDirectory({ path, unnamed }) {
    const { mountless = false } = this.options;
    const known = unnamed === "files" || unnamed !== void 0 && mountless;
    const recursive = known && this.#failure === void 0;
    try {
      Deno.removeSync(path, { recursive });
    } catch (error) {
      if (isNotFound(error)) return;
      if (osErrorCode(error) !== "ENOTEMPTY") return this.#fail(error, path);
      if (this.#failure !== void 0) return;
      if (!mountless || recursive || !isListedEmpty(path)) {
        return this.#fail(error, path);
      }
      this.#removeDirectory({ path, unnamed: "directories" });
    }
  }
  #fail(error, path) {
    this.#failure ??= ioErrorOf(error, "remove", path);
  }
};
function removeTree(path) {
  new TreeRemoval(path).step();
}
function isListedEmpty(path) {
  for (const _ of Deno.readDirSync(path)) return false;
  return true;
}
function isUnnamed(path) {
  return path.includes(NOT_UTF8, path.lastIndexOf("/")) && lookAt(path) === void 0;
}
function mayOthersWrite({ mode }) {
  return mode !== null && (mode & 18) !== 0;
}
function unlock(path, place) {
  if (place.mode === null || (place.mode & 448) === 448) return;
  assertSame(path, place);
  Deno.chmodSync(path, 448);
}
function assertSame(path, { dev, ino }) {
  const seen = lookAt(path);
  if (seen?.dev !== dev) throw boundary(path);
  if (seen.ino === ino) return;
  const other = \`\${path}_\${randomToken()}\`;
  try {
    Deno.renameSync(path, other);
    Deno.renameSync(other, path);
  } catch (error) {
    throw osErrorCode(error) === "EBUSY" ? boundary(path, error) : error;
  }
}
function boundary(path, cause) {
  return new IoError(\`another file system is mounted at \${quoteText(path)}, which stays\`, { fields: { path }, cause });
}

// lib/landing/worker/remove_probes.ts
function removeProbes(target, uid) {
  const ops = { list: (dir) => attempt("list", dir, () => Array.from(Deno.readDirSync(dir), ({ name }) => name)), isOurs: (path) => lookAt(path)?.uid === uid };
  for (const path of findLeftovers(ops, target).probe) removeTree(path);
}

// lib/landing/worker/owner_file.ts
var TRIES3 = 8;
var TEXT_MAX = 1024;
var OwnerFile = class _OwnerFile {
  constructor(path, text, uid) {
    this.path = path;
    this.text = text;
    this.uid = uid;
    this.timer = setInterval(() => this.touch(), LOCK_TOUCH_MS);
    Deno.unrefTimer(this.timer);
  }
  timer;
  static take(path, owner, uid, gone) {
    const text = encode(owner);
    let held = { pid: 0, machine: "" };
    for (let tries = 0; tries < TRIES3; tries++) {
      if (makeNew(path, text)) return new _OwnerFile(path, text, uid);
      const found = read(path, uid);
      if (found === void 0) continue;
      held = parseOwner(found.text);
      const { touched } = found;
      if (!isGone(held, touched, gone)) {
        return isOld(path, uid, touched) ? { ...held, touched } : held;
      }
      discard(path, uid, found.text);
    }
    return held;
  }
  release() {
    clearInterval(this.timer);
    if (read(this.path, this.uid)?.text === this.text) removeIfThere(this.path);
  }
  touch() {
    try {
      if (read(this.path, this.uid)?.text !== this.text) return;
      Deno.writeTextFileSync(this.path, this.text, { create: false });
    } catch {
    }
  }
};
function encode({ pid, machine }) {
  return \`\${pid} \${machine}
\`;
}
function parseOwner(text) {
  const [, pid = "0", machine = ""] = /^([1-9][0-9]{0,9}) (.*)\\n$/.exec(text) ?? [];
  return { pid: Number(pid), machine };
}
function isGone(held, touched, gone) {
  return gone !== void 0 && gone.pid === held.pid && gone.machine === held.machine && (gone.touched ?? touched) === touched;
}
function makeNew(path, text) {
  try {
    const options = { write: true, createNew: true, mode: 384 };
    using file = Deno.openSync(path, options);
    writeText(file, path, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw ioErrorOf(error, "create", path);
  }
}
function writeText(file, path, text) {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < bytes.length; ) {
      done += file.writeSync(bytes.subarray(done));
    }
  } catch (error) {
    removeIfThere(path);
    throw error;
  }
}
function read(path, uid) {
  const seen = lookAt(path);
  if (seen === void 0) return void 0;
  assertOwnFile(path, seen, uid);
  try {
    using file = Deno.openSync(path, { read: true });
    const bytes = new Uint8Array(TEXT_MAX);
    const length = file.readSync(bytes) ?? 0;
    const touched = file.statSync().mtime?.getTime() ?? 0;
    const text = new TextDecoder().decode(bytes.subarray(0, length));
    return { text, touched };
  } catch (error) {
    if (isNotFound(error)) return void 0;
    throw ioErrorOf(error, "read", path);
  }
}
function isOld(path, uid, touched) {
  const probe = \`\${path}_\${randomToken()}\`;
  makeNew(probe, "");
  const now = read(probe, uid)?.touched ?? touched;
  removeIfThere(probe);
  return Math.abs(now - touched) > LOCK_STALE_MS;
}
function discard(path, uid, text) {
  const moved = \`\${path}_\${randomToken()}\`;
  try {
    Deno.renameSync(path, moved);
  } catch (error) {
    if (isNotFound(error)) return;
    throw ioErrorOf(error, "move aside", path);
  }
  const taken = read(moved, uid)?.text ?? text;
  removeIfThere(moved);
  if (taken !== text) makeNew(path, taken);
}
function removeIfThere(path) {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isNotFound(error)) throw ioErrorOf(error, "remove", path);
  }
}

// lib/landing/worker/target_lock.ts
var LOCK_WAIT_MS = 500;
var TRIES4 = 8;
var TargetLock = class _TargetLock {
  constructor(path, file, owned) {
    this.path = path;
    this.file = file;
    this.owned = owned;
  }
  locked = true;
  static async acquire(target, fs, us) {
    const { out, parent, base } = target;
    const { uid } = fs.traits;
    const path = lockPath(target);
    const ownerPath = joinPath(parent, besideName(base, ".fetch_owner"));
    let owned;
    for (let tries = 0; tries < TRIES4; tries++) {
      const file = openOwnFile(path, uid);
      let taken = false;
      try {
        const locked = await tryLock(file);
        if (locked === false) throw lockedBy(out, readOwner(file));
        if (locked === void 0) {
          owned = takeOwnerFile(ownerPath, out, uid, us);
          fs.note("locks", ownerPath);
        }
        const seen = lookAt(path);
        taken = seen !== void 0 && sameInode(seen, file.statSync());
        if (taken) writeOwner(file);
      } catch (error) {
        if (taken) new _TargetLock(path, file, owned).release();
        else {
          file.close();
          owned?.release();
        }
        throw ioErrorOf(error, "lock", path);
      }
      if (taken) return new _TargetLock(path, file, owned);
      owned?.release();
      file.close();
    }
    throw lockedBy(out);
  }
  static exists(target) {
    return lookAt(lockPath(target)) !== void 0;
  }
  static isOurs(target, uid) {
    const seen = lookAt(lockPath(target));
    return seen?.isFile === true && seen.uid === uid && (seen.nlink ?? 1) === 1;
  }
  release() {
    if (!this.locked) return;
    this.locked = false;
    try {
      const seen = lookAt(this.path);
      if (seen !== void 0 && sameInode(seen, this.file.statSync())) {
        Deno.removeSync(this.path);
      }
    } catch {
    }
    this.releaseOwned();
    try {
      if (this.owned === void 0) unlock2(this.file);
    } catch {
    }
    this.file.close();
  }
  releaseOwned() {
    try {
      this.owned?.release();
    } catch {
    }
  }
};
function lockPath({ parent, base }) {
  return joinPath(parent, besideName(base, ".fetch_lock"));
}
function unlock2(file) {
  try {
    file.unlockSync();
  } catch (error) {
    if (!isLacking(error)) throw error;
  }
}
async function tryLock(file) {
  try {
    return await lockNow(file);
  } catch (error) {
    if (isLacking(error)) return void 0;
    throw error;
  }
}
async function lockNow(file) {
  if (file.tryLock !== void 0) return await file.tryLock(true);
  let timer;
  const waited = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), LOCK_WAIT_MS);
  });
  const locked = file.lock(true).then(() => true);
  try {
    return await Promise.race([locked, waited]);
  } finally {
    clearTimeout(timer);
  }
}
function writeOwner(file) {
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(\`\${Deno.pid}
\`));
}
function readOwner(file) {
  const bytes = new Uint8Array(32);
  const length = file.readSync(bytes) ?? 0;
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return /^[1-9][0-9]{0,9}\\n$/.test(text) ? Number(text) : void 0;
}
function takeOwnerFile(path, target, uid, { machine, gone }) {
  const found = OwnerFile.take(path, { pid: Deno.pid, machine }, uid, gone);
  if (found instanceof OwnerFile) return found;
  const { pid, touched } = found;
  const error = lockedBy(target, pid === 0 ? void 0 : pid);
  throw new IoError(error.message, { hint: \`there are no locks on this file system: if that process is gone, remove \${quoteText(path)}, or wait \${LOCK_STALE_MS / 6e4} minutes\`, fields: { ...error.fields, machine: found.machine, ...touched !== void 0 && { touched } } });
}
function lockedBy(target, pid) {
  const owner = pid === void 0 ? "another process" : \`process \${pid}\`;
  return new IoError(\`\${owner} is already writing \${quoteText(target)}\`, { hint: "wait for it, as --wait does, or choose another target", fields: { path: target, held: true, ...pid === void 0 ? {} : { pid } } });
}

// lib/landing/worker/blob_writer.ts
var PERMISSION_BITS = 511;
var SHARED_WRITE = 18;
var BlobWriter = class _BlobWriter {
  constructor(request, partial, file, fs, lock, found, warnings) {
    this.request = request;
    this.partial = partial;
    this.file = file;
    this.fs = fs;
    this.lock = lock;
    this.found = found;
    this.warnings = warnings;
  }
  coverage = new Coverage();
  ends = new WrittenEnds();
  content = new ContentCheck();
  open = true;
  isUseless = false;
  static async create(request) {
    const { parent } = request.target;
    const partial = partialPath(request.target);
    makeDirectory(parent);
    checkTarget(request.target, "blob", request);
    const warnings = [];
    const traits = probeBeside(request.target, request.volume);
    const fs = new TargetFileSystem(traits, parent, request);
    const lock = await TargetLock.acquire(request.target, fs, request);
    let opened2;
    try {
      removeProbes(request.target, traits.uid);
      const file = opened2 = openPartial(partial, traits);
      if (isShared(file) && traits.keepsModes) fs.setMode(partial, 384);
      if (!request.resume) {
        attempt("empty", partial, () => file.truncateSync(0));
      }
      const found = file.statSync().size;
      return new _BlobWriter(request, partial, file, fs, lock, found, warnings);
    } catch (error) {
      opened2?.close();
      lock.release();
      throw ioErrorOf(error, "open", partial);
    }
  }
  measure() {
    this.assertOpen();
    return this.found = this.file.statSync().size;
  }
  check(ranges) {
    this.assertOpen();
    return ranges.map((range) => {
      const { offset, length } = range;
      const isThere = offset + length <= this.found && this.content.holds(this.file, this.partial, range);
      if (isThere) this.note(range);
      return isThere;
    });
  }
  write(range) {
    this.assertOpen();
    const { offset, hash: hash2, bytes } = range;
    verifyHash(bytes, hash2);
    const sparse = this.fs.sparse && offset >= this.found;
    try {
      writeAt(this.file, this.partial, offset, bytes, sparse);
    } catch (error) {
      this.isUseless ||= isDiskFull(error);
      throw error;
    }
    this.note({ offset, length: bytes.length, hash: hash2 });
  }
  commit(size) {
    this.assertOpen();
    const { partial, file, fs, request } = this;
    const { target: { out, parent }, fsync } = request;
    const gap = this.coverage.firstGap(size);
    if (gap !== void 0) {
      throw new IoError(\`Cannot install \${quoteText(out)}: byte \${gap} of \${size} was never written\`, { fields: { path: out, offset: gap, size } });
    }
    try {
      attempt("write", partial, () => {
        if (file.statSync().size !== size) file.truncateSync(size);
      });
      if (fsync || fs.failsLate) fs.sync(file, partial, fsync);
      const seen = lookAt(partial);
      if (seen === void 0) throw goneMeanwhile(partial);
      if (!sameInode(seen, file.statSync())) {
        throw new IoError(\`\${quoteText(partial)} is not the file that was written: another program interferes\`, { fields: { path: partial } });
      }
      this.closeFile();
      if (fs.readsBack) checkReadBack(partial, size, this.ends.ranges);
      this.openUp(lookAt(out));
      if (request.replace) {
        attempt("install", out, () => Deno.renameSync(partial, out));
      } else installNew(partial, request);
      if (fsync) syncReplaced(() => fs.syncDirectory(parent), parent);
      return { warnings: fs.warnings() };
    } catch (error) {
      throw ioErrorOf(error, "install", out);
    } finally {
      this.abort();
    }
  }
  abort() {
    if (!this.open) {
      this.lock.release();
      return void 0;
    }
    this.closeFile();
    const bytes = Math.max(this.found, this.coverage.bytes);
    try {
      if (this.isUseless || bytes === 0) Deno.removeSync(this.partial);
    } catch {
    }
    this.lock.release();
    return this.isUseless || bytes === 0 ? void 0 : { path: this.partial, bytes };
  }
  note(range) {
    this.coverage.add(range.offset, range.length);
    if (this.fs.readsBack) this.ends.add(range);
  }
  openUp(old) {
    const { fs, partial } = this;
    if (old?.isFile) keepAccess(fs, partial, old, PERMISSION_BITS);
    else if (fs.traits.keepsModes) fs.setMode(partial, fs.traits.newFileMode);
  }
  closeFile() {
    if (!this.open) return;
    this.open = false;
    this.file.close();
  }
  assertOpen() {
    if (this.open) return;
    throw new IoError(\`\${quoteText(this.request.target.out)} is no longer open\`);
  }
};
function openPartial(path, { uid, keepsModes: keepsModes2 }) {
  const file = openOwnFile(path, uid);
  let isKept = false;
  try {
    isKept = !keepsModes2 || !isShared(file, SHARED_WRITE);
  } finally {
    if (!isKept) file.close();
  }
  if (isKept) return file;
  attempt("remove", path, () => Deno.removeSync(path));
  return openOwnFile(path, uid);
}
function installNew(partial, request) {
  const { out } = request.target;
  try {
    Deno.linkSync(partial, out);
  } catch {
    checkTarget(request.target, "blob", request);
    attempt("install", out, () => Deno.renameSync(partial, out));
    return;
  }
  attempt("remove", partial, () => Deno.removeSync(partial));
}
function isShared(file, bits = 63) {
  return ((file.statSync().mode ?? 0) & bits) !== 0;
}

// lib/landing/worker/installed_tree.ts
var OPERATIONS = { read: READ_BACK_OPERATIONS.read, count: (path) => Array.from(Deno.readDirSync(path)).length, look(path) {
  const seen = lookAt(path);
  if (seen === void 0) return void 0;
  const { isDirectory, isSymlink, size } = seen;
  return { type: isDirectory ? "directory" : isSymlink ? "link" : "file", size };
} };
function checkInstalled(root, expected, ops = OPERATIONS) {
  const counts = /* @__PURE__ */ new Map();
  const read2 = /* @__PURE__ */ new Set();
  for (const { path, type, size = 0, start } of expected) {
    const at = joinPath(root, path);
    const above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    counts.set(above, (counts.get(above) ?? 0) + 1);
    ifAllowed(() => {
      const seen = attempt("look at", at, () => ops.look(at));
      const difference = differentKind(seen?.type, type) ?? (type === "file" ? differentSize(seen?.size ?? 0, size) : void 0);
      if (difference !== void 0) throw lostInRename(at, difference);
    });
    if (type !== "file" || size === 0 || start === void 0) continue;
    if (read2.has(above)) continue;
    read2.add(above);
    ifAllowed(() => {
      const difference = differentBytes(at, [start], ops);
      if (difference !== void 0) throw lostInRename(at, difference);
    });
  }
  for (const [dir, count2] of counts) {
    const at = dir === "" ? root : joinPath(root, dir);
    ifAllowed(() => {
      const found = attempt("list", at, () => ops.count(at));
      if (found >= count2) return;
      throw lostInRename(at, \`it must list at least \${count2} entries, and \${found} are there\`);
    });
  }
}
function differentKind(found, type) {
  if (found === void 0) return "it is not there";
  return found === type ? void 0 : \`it is a \${found} and was a \${type}\`;
}
function ifAllowed(look) {
  try {
    look();
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.PermissionDenied) return;
    throw error;
  }
}

// lib/landing/worker/path_lengths.ts
var PATH_MAX = { windows: Infinity, linux: 4095, android: 4095 };
var PATH_MAX_ELSEWHERE = 1023;
var TEMP_SUFFIX = \`.fetch_\${"0".repeat(16)}\`;
var utf82 = new TextEncoder();
function pathBytes(path) {
  return utf82.encode(path).length;
}
function checkPathLengths(target, longest) {
  if (longest === "") return;
  const { out, parent, base } = target;
  const most = PATH_MAX[Deno.build.os] ?? PATH_MAX_ELSEWHERE;
  const temp = joinPath(parent, besideName(base, TEMP_SUFFIX));
  const above = Math.max(pathBytes(out), pathBytes(temp));
  const length = above + 1 + pathBytes(longest);
  if (length <= most) return;
  throw new IoError(\`Cannot make \${quoteText(longest)} below \${quoteText(out)}: with all above it the path has \${length} bytes, and the system takes \${most}\`, { hint: "choose a target with a shorter path", fields: { path: longest } });
}

// lib/os/file_identity.ts
function identityOf2({ dev, ino }) {
  return ino !== null && ino !== 0 && Number.isSafeInteger(ino) ? { dev, ino } : void 0;
}
function isSameEntry(a, b) {
  return a !== void 0 && b !== void 0 && a.dev === b.dev && a.ino === b.ino;
}
function stampOf(info) {
  const { size, mtime, ctime, isFile } = info;
  const identity = identityOf2(info);
  if (!isFile || identity === void 0 || mtime === null || ctime === null) {
    return void 0;
  }
  return { ...identity, size, mtimeMs: mtime.getTime(), ctimeMs: ctime.getTime() };
}
function sameStamp(a, b) {
  return a !== void 0 && b !== void 0 && isSameEntry(a, b) && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
function isSameFile(a, b) {
  return a !== void 0 && b !== void 0 && sameStamp({ ...a, ctimeMs: 0 }, { ...b, ctimeMs: 0 });
}

// lib/landing/worker/worker_protocol.ts
var OLD_FILE_COLUMNS = 6;
function toWireError(error) {
  if (error instanceof TransferError) {
    const { kind, message, hint, fields } = error;
    return { kind, message, hint, fields: { ...fields } };
  }
  return { kind: "internal", message: String(error), fields: {} };
}
function handOver(bytes) {
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

// lib/landing/worker/clone_old.ts
function* oldEntriesIn(rows) {
  for (let at = 0; at < rows.length; at += OLD_FILE_COLUMNS) {
    const row = rows.subarray(at, at + OLD_FILE_COLUMNS);
    const [entry, dev, ino, size, mtimeMs, ctimeMs] = row;
    yield { entry, stamp: { dev, ino, size, mtimeMs, ctimeMs } };
  }
}
function cloneOldFile({ path, stamp }, to, place, fs) {
  const { hardLinks, keepsModes: keepsModes2, uid } = fs.traits;
  if (!hardLinks) return void 0;
  const aside = leftoverPath(place, "probe", randomToken());
  try {
    if (lookAt(path)?.uid !== uid) return void 0;
    Deno.linkSync(path, aside);
    const linked = lookAt(aside);
    if (linked === void 0 || !isSameFile(stampOf(linked), stamp)) {
      return void 0;
    }
    Deno.copyFileSync(aside, to);
    if (keepsModes2) fs.setMode(to, 384);
    return lookAt(to)?.size;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : void 0;
    if (!isOsError(error) && !isOsError(cause)) throw error;
    removeTree(to);
    return void 0;
  } finally {
    removeTree(aside);
  }
}

// lib/landing/worker/discard_tree.ts
function discardTree(root, error) {
  try {
    removeTree(root);
    return error;
  } catch (second) {
    const { kind, message, hint, fields } = ioErrorOf(error, "install", root);
    return new TransferError(kind, \`\${message}; then \${ioErrorOf(second, "remove", root).message}\`, { cause: error, hint, fields: { ...fields, left_behind: root } });
  }
}

// lib/landing/worker/removal_queue.ts
var COUNT_MS = 500;
var RemovalQueue = class {
  constructor(countBytes = false, uid) {
    this.countBytes = countBytes;
    this.uid = uid;
  }
  #waiting = [];
  #running;
  #files = 0;
  #bytes = 0;
  #warnings = [];
  get hasWork() {
    return this.#running !== void 0 || this.#waiting.length > 0;
  }
  add(path) {
    this.#waiting.push(path);
  }
  step(ms, mountless) {
    const until = performance.now() + ms;
    for (; ; ) {
      const removal = this.#running ?? this.#next(mountless);
      if (removal === void 0) break;
      this.#running = removal;
      try {
        if (!removal.step(until)) break;
      } catch (error) {
        this.#warnings.push(staysBehind(removal.root, error));
      }
      this.#files += removal.removed.files;
      this.#bytes += removal.removed.bytes;
      this.#running = void 0;
    }
    const { files = 0, bytes = 0 } = this.#running?.removed ?? {};
    return { files: this.#files + files, bytes: this.#bytes + bytes, done: !this.hasWork, warnings: this.#warnings };
  }
  rest() {
    const path = this.#running?.root ?? this.#waiting[0];
    if (path === void 0) return void 0;
    const until = performance.now() + COUNT_MS;
    const pending = [path];
    let files = 0;
    for (let dir = pending.pop(); dir !== void 0; dir = pending.pop()) {
      try {
        for (const { name, isDirectory } of Deno.readDirSync(dir)) {
          if (isDirectory) pending.push(\`\${dir}/\${name}\`);
          else files++;
        }
      } catch {
        return { path, files, counted: false };
      }
      if (performance.now() >= until) {
        return { path, files, counted: pending.length === 0 };
      }
    }
    return { path, files, counted: true };
  }
  #next(mountless) {
    const path = this.#waiting.shift();
    if (path === void 0) return void 0;
    return new TreeRemoval(path, { mountless, countBytes: this.countBytes, uid: this.uid });
  }
};

// lib/landing/worker/take_over.ts
var SHARED = 63;
var SHARED_WRITE2 = 18;
function* takeOverFiles(from, to, { dirs, files }, fs) {
  const root = lookAt(from);
  if (root === void 0 || !isOwnDirectory(root, root, fs)) return;
  const { keepsModes: keepsModes2 } = fs.traits;
  const wasOpen = keepsModes2 && ((root.mode ?? 0) & SHARED) !== 0;
  close(from, root, fs);
  const closed = /* @__PURE__ */ new Set([""]);
  for (const [dir] of dirs) {
    if (!closed.has(parentOf(dir))) continue;
    const path = joinPath(from, dir);
    const seen = lookAt(path);
    if (seen === void 0 || !isOwnDirectory(seen, root, fs)) continue;
    close(path, seen, fs);
    closed.add(dir);
  }
  for (let entry = 0; entry < files.entries; entry++) {
    const file = files.at(entry);
    if (file === void 0 || !closed.has(parentOf(file.path))) continue;
    const [old, path] = [joinPath(from, file.path), joinPath(to, file.path)];
    const seen = lookAt(old);
    if (seen === void 0 || !isOwnFile(seen, root, fs) || lookAt(path) !== void 0) continue;
    const mode = seen.mode ?? 0;
    const copied = wasOpen && (mode & SHARED_WRITE2) !== 0;
    if (!take(old, path, copied)) continue;
    if (keepsModes2 && (mode & 4095) !== 384) fs.setMode(path, 384);
    yield { entry, size: seen.size };
  }
}
function adoptFile(path, fs) {
  const seen = lookAt(path);
  if (seen === void 0 || !isOwnFile(seen, seen, fs)) {
    removeTree(path);
    return void 0;
  }
  if (fs.traits.keepsModes) fs.setMode(path, 384);
  return seen.size;
}
function take(old, path, copied) {
  try {
    attempt("take over", old, () => {
      if (copied) Deno.copyFileSync(old, path);
      else Deno.renameSync(old, path);
    });
    return true;
  } catch (error) {
    if (error instanceof Error && isOsError(error.cause)) return false;
    throw error;
  }
}
function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
function isOwnDirectory(seen, root, { traits: { uid } }) {
  return seen.isDirectory && seen.uid === uid && seen.dev === root.dev;
}
function isOwnFile(seen, root, { traits: { uid } }) {
  return seen.isFile && seen.uid === uid && seen.dev === root.dev && (seen.nlink ?? 1) === 1;
}
function close(path, { mode }, fs) {
  if (!fs.traits.keepsModes || ((mode ?? 0) & 511) === 448) return;
  fs.setMode(path, 448);
}

// lib/landing/worker/file_chunks.ts
function chunksOf(file, ref) {
  switch (ref.kind) {
    case "small":
      return [{ hash: ref.hash, size: Number(ref.size) }];
    case "manifest":
      return ref.chunks;
    case "tree":
      throw new IoError(\`the manifest does not list the chunks of \${quoteText(file.path)}\`);
  }
}
function listedRange(file, ref, chunk) {
  const { hash: hash2, size: length } = chunksOf(file, ref)[chunk] ?? {};
  return hash2 === void 0 || length === void 0 ? void 0 : { offset: chunk * CHUNK_SIZE, length, hash: hash2 };
}
function wrongSize(file, declared, actual) {
  return new ManifestError(\`dir transfer: bad manifest: entry \${quoteText(file.path)} declares \${declared} bytes, got \${actual}\`, { fields: { path: file.path, declared, actual } });
}

// lib/landing/worker/file_pool.ts
var FilePool = class {
  constructor(limit, stableInodes) {
    this.limit = limit;
    this.stableInodes = stableInodes;
  }
  open = /* @__PURE__ */ new Map();
  made = /* @__PURE__ */ new Map();
  get(entry, path, how) {
    const file = this.open.get(entry) ?? this.openFile(entry, path, how);
    this.open.delete(entry);
    this.open.set(entry, file);
    return file;
  }
  close(entry) {
    this.open.get(entry)?.close();
    this.open.delete(entry);
    this.made.delete(entry);
  }
  closeAll() {
    for (const file of this.open.values()) file.close();
    this.open.clear();
  }
  openFile(entry, path, { isPrivate: isPrivate2, isThere }) {
    if (this.open.size >= this.limit) this.closeOldest();
    const made = this.made.get(entry);
    const createNew = made === void 0 && !isThere;
    const file = attempt(createNew ? "create" : "open", path, () => Deno.openSync(path, { read: isThere, write: true, createNew, ...isPrivate2 ? { mode: 384 } : {} }));
    const inode = statOpen(file, path);
    if (made !== void 0 && this.stableInodes && !sameInode(made, inode)) {
      file.close();
      throw new IoError(\`\${quoteText(path)} is not the file that was made there: another program interferes\`, { fields: { path } });
    }
    this.made.set(entry, { dev: inode.dev, ino: inode.ino });
    return file;
  }
  closeOldest() {
    const [[entry, file]] = this.open;
    file.close();
    this.open.delete(entry);
  }
};
function statOpen(file, path) {
  try {
    return attempt("look at", path, () => file.statSync());
  } catch (error) {
    file.close();
    throw error;
  }
}

// lib/landing/worker/growing_files.ts
var GrowingFiles = class {
  constructor(keepsEnds) {
    this.keepsEnds = keepsEnds;
  }
  files = /* @__PURE__ */ new Map();
  total = 0;
  get bytes() {
    return this.total;
  }
  get(entry) {
    return this.files.get(entry);
  }
  add(entry, ref, { offset, length, hash: hash2 }) {
    const file = this.files.get(entry) ?? { ref, coverage: new Coverage(), ends: new WrittenEnds() };
    this.files.set(entry, file);
    this.total -= file.coverage.bytes;
    file.coverage.add(offset, length);
    this.total += file.coverage.bytes;
    if (this.keepsEnds) file.ends.add({ offset, length, hash: hash2.slice() });
    return file;
  }
  delete(entry) {
    this.total -= this.files.get(entry)?.coverage.bytes ?? 0;
    this.files.delete(entry);
  }
};

// lib/landing/worker/reuse.ts
var SHARED_WRITE3 = 18;
function linkOldFile(old, to, traits) {
  if (!traits.hardLinks) return false;
  try {
    const seen = lookAt(old.path);
    if (seen === void 0 || !mayBecome(seen, old, traits)) return false;
    Deno.linkSync(old.path, to);
  } catch (error) {
    if (isOsError(error) || isOsError(causeOf2(error))) return false;
    throw error;
  }
  const linked = lookAt(to);
  if (linked !== void 0 && isSameFile(stampOf(linked), old.stamp)) {
    return true;
  }
  removeTree(to);
  return false;
}
function mayBecome(seen, { stamp, mode }, { keepsModes: keepsModes2, uid }) {
  if (!sameStamp(stampOf(seen), stamp) || seen.uid !== uid) return false;
  if (!keepsModes2 || seen.mode === null) return true;
  if ((seen.mode & SHARED_WRITE3) !== 0) return false;
  return mode === void 0 || (seen.mode & 4095) === mode;
}
function causeOf2(error) {
  return error instanceof Error ? error.cause : void 0;
}

// lib/landing/worker/written_files.ts
function firstFile(files, is) {
  for (let entry = 0; entry < files.entries; entry++) {
    const file = is(entry) ? files.at(entry) : void 0;
    if (file !== void 0) return file;
  }
  return void 0;
}
function* writtenFiles(files, isWritten) {
  for (let entry = 0; entry < files.entries; entry++) {
    const file = isWritten(entry) ? files.at(entry) : void 0;
    if (file === void 0) continue;
    const ref = decodeBlobRef(file.blob);
    if (ref === void 0) {
      throw new IoError(\`\${quoteText(file.path)} has no reference\`);
    }
    const [first] = ref.kind === "tree" ? [] : chunksOf(file, ref);
    yield { path: file.path, type: "file", size: Number(blobRefSize(ref)), start: first && { offset: 0, length: first.size, hash: first.hash } };
  }
}

// lib/landing/worker/tree_files.ts
var WRITTEN = 1;
var LEFT_OUT = 2;
var TreeFiles = class {
  constructor(plan, root, fs, fsync) {
    this.plan = plan;
    this.root = root;
    this.fs = fs;
    this.fsync = fsync;
    this.pool = new FilePool(LANDING_OPEN_FILES_MAX, fs.traits.stableInodes);
    this.growing = new GrowingFiles(fs.readsBack);
    this.done = new Uint8Array(plan.files.entries);
    this.left = plan.counts.files;
  }
  growing;
  found = /* @__PURE__ */ new Map();
  content = new ContentCheck();
  pool;
  done;
  left;
  bytes = 0;
  get bytesThere() {
    let bytes = this.bytes + this.growing.bytes;
    for (const size of this.found.values()) bytes += size;
    return bytes;
  }
  takeOver(from) {
    const { root, plan, fs } = this;
    for (const { entry, size } of takeOverFiles(from, root, plan, fs)) {
      this.found.set(entry, size);
    }
  }
  begin(entry, put) {
    if (this.done[entry] !== 0 || this.found.has(entry)) return void 0;
    const { path } = this.fileOf(entry);
    const size = put(joinPath(this.root, path), path);
    if (size !== void 0) this.found.set(entry, size);
    return size;
  }
  get takenOver() {
    return Float64Array.from([...this.found].flat());
  }
  check(range) {
    const { entry, chunk } = range;
    if (this.done[entry] !== 0) return this.done[entry] === WRITTEN;
    const size = this.found.get(entry);
    if (size === void 0) return false;
    const file = this.fileOf(entry);
    const ref = this.refOf(entry, file);
    const wanted = ref.kind === "tree" ? range : listedRange(file, ref, chunk);
    if (wanted === void 0 || wanted.offset + wanted.length > size) {
      return false;
    }
    const path = joinPath(this.root, file.path);
    const open2 = this.fileIn(entry, file, path);
    if (!this.content.holds(open2, path, wanted)) return false;
    this.note(entry, file, ref, path, wanted);
    return true;
  }
  writeChunk(place, buffer) {
    const { entry, chunk, start, length } = place;
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return;
    const ref = this.refOf(entry, file);
    const chunks = chunksOf(file, ref);
    if (chunk >= chunks.length || start + length > buffer.length) {
      throw new IoError(\`chunk \${chunk} of \${quoteText(file.path)} is out of range\`);
    }
    const bytes = buffer.subarray(start, start + length);
    verifyHash(bytes, chunks[chunk].hash, { path: file.path, entry, chunk });
    if (length !== chunks[chunk].size) {
      throw wrongSize(file, chunks[chunk].size, length);
    }
    if (chunks.length === 1) {
      this.writeWhole(entry, file, bytes, chunks[chunk].hash);
      this.finish(entry);
    } else {
      const { hash: hash2 } = chunks[chunk];
      this.writePart(entry, file, ref, { offset: chunk * CHUNK_SIZE, hash: hash2, bytes });
    }
  }
  writeLeaf(leaf) {
    const { entry, offset, hash: hash2, bytes, last } = leaf;
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return;
    const ref = this.refOf(entry, file);
    if (ref.kind !== "tree") {
      throw new IoError(\`\${quoteText(file.path)} is not a chunk tree\`);
    }
    verifyHash(bytes, hash2, { path: file.path, entry });
    const size = Number(ref.totalSize);
    const end = offset + bytes.length;
    if (end > size || last && end !== size) throw wrongSize(file, size, end);
    this.writePart(entry, file, ref, leaf);
  }
  linkOld(entry, from, stamp) {
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return true;
    if (BigInt(stamp.size) !== blobRefSize(this.refOf(entry, file))) {
      return false;
    }
    const { fs, fsync } = this;
    const to = joinPath(this.root, file.path);
    this.drop(entry, to);
    const old = { path: joinPath(from, file.path), stamp, mode: fs.modeOf(file.mode) };
    if (!linkOldFile(old, to, fs.traits)) return false;
    if (fsync) {
      using open2 = attempt("open", to, () => Deno.openSync(to));
      fs.sync(open2, to, true);
    }
    this.finish(entry);
    return true;
  }
  leaveOut(entry) {
    if (this.done[entry] !== 0) return;
    const file = this.fileOf(entry);
    const { counts } = this.plan;
    counts.files--;
    counts.bytes -= blobRefSize(this.refOf(entry, file));
    this.done[entry] = LEFT_OUT;
    this.left--;
    this.drop(entry, joinPath(this.root, file.path));
  }
  drop(entry, path) {
    if (this.growing.get(entry) === void 0 && !this.found.has(entry)) return;
    this.growing.delete(entry);
    this.found.delete(entry);
    this.pool.close(entry);
    removeTree(path);
  }
  seal() {
    if (this.left > 0) {
      const missing = firstFile(this.plan.files, (entry) => this.done[entry] === 0);
      throw new IoError(\`Cannot install the tree: \${this.left} files are not complete, the first is \${quoteText(missing?.path ?? "")}\`);
    }
    this.close();
  }
  written() {
    return writtenFiles(this.plan.files, (entry) => this.done[entry] === WRITTEN);
  }
  close() {
    this.pool.closeAll();
  }
  fileOf(entry) {
    const file = this.plan.files.at(entry);
    if (file === void 0) {
      throw new IoError(\`manifest entry \${entry} is not a file\`);
    }
    return file;
  }
  writeWhole(entry, { path: name, mode }, bytes, hash2) {
    const path = joinPath(this.root, name);
    const { fsync } = this;
    this.drop(entry, path);
    try {
      writeNewFile(this.fs, { path, bytes, hash: hash2, mode, fsync });
    } catch (error) {
      removeTree(path);
      throw error;
    }
    this.bytes += bytes.length;
  }
  writePart(entry, file, ref, { offset, hash: hash2, bytes }) {
    const { length } = bytes;
    if (this.growing.get(entry)?.coverage.has(offset, length)) return;
    const path = joinPath(this.root, file.path);
    const open2 = this.fileIn(entry, file, path);
    const sparse = this.fs.sparse && offset >= (this.found.get(entry) ?? 0);
    writeAt(open2, path, offset, bytes, sparse);
    this.note(entry, file, ref, path, { offset, length, hash: hash2 });
  }
  note(entry, file, ref, path, range) {
    const growing = this.growing.add(entry, ref, range);
    const size = Number(blobRefSize(ref));
    if (growing.coverage.isWhole(size)) this.complete(entry, file, path, size);
  }
  fileIn(entry, file, path) {
    const isPrivate2 = this.fs.modeOf(file.mode) !== void 0;
    const isThere = this.found.has(entry);
    return this.pool.get(entry, path, { isPrivate: isPrivate2, isThere });
  }
  complete(entry, file, path, size) {
    const { fs, fsync } = this;
    const wasThere = this.found.has(entry);
    const mode = fs.modeOf(file.mode) ?? (wasThere ? fs.traits.newFileMode : void 0);
    const open2 = this.fileIn(entry, file, path);
    if (fs.sparse || wasThere) {
      attempt("write", path, () => open2.truncateSync(size));
    }
    if (mode !== void 0 && !fs.readsBack) fs.setMode(path, mode);
    if (fsync || fs.failsLate) fs.sync(open2, path, fsync);
    this.pool.close(entry);
    if (fs.readsBack) {
      checkReadBack(path, size, this.growing.get(entry)?.ends.ranges ?? []);
      if (mode !== void 0) fs.setMode(path, mode);
    }
    this.growing.delete(entry);
    this.found.delete(entry);
    this.bytes += size;
    this.finish(entry);
  }
  refOf(entry, file) {
    const ref = this.growing.get(entry)?.ref ?? decodeBlobRef(file.blob);
    if (ref === void 0) {
      throw new IoError(\`\${quoteText(file.path)} has no reference\`);
    }
    return ref;
  }
  finish(entry) {
    this.done[entry] = WRITTEN;
    this.left--;
  }
};

// lib/landing/worker/exchange.ts
function finishExchange(ops, exchange) {
  const { directory, fresh, aside, oldNames, newNames } = exchange;
  const isNew = new Set(newNames);
  const isOld2 = new Set(oldNames);
  for (const name of oldNames) {
    if (isNew.has(name)) continue;
    if (ops.kindOf(joinPath(aside, name)) === "file") continue;
    move2(ops, directory, aside, name);
  }
  for (const name of newNames) {
    if (ops.kindOf(joinPath(fresh, name)) === void 0) continue;
    if (isOld2.has(name)) move2(ops, directory, aside, name);
    move2(ops, fresh, directory, name);
  }
}
function undoExchange(ops, exchange) {
  const { directory, fresh, aside, oldNames, newNames } = exchange;
  const isOld2 = new Set(oldNames);
  for (const name of newNames) {
    const came = ops.kindOf(joinPath(fresh, name)) === void 0;
    if (came) move2(ops, directory, fresh, name);
    if (isOld2.has(name)) move2(ops, aside, directory, name);
  }
  const isNew = new Set(newNames);
  for (const name of oldNames) {
    if (!isNew.has(name)) move2(ops, aside, directory, name);
  }
}
function move2(ops, from, to, name) {
  const source = joinPath(from, name);
  const kind = ops.kindOf(source);
  if (kind === void 0) return;
  const target = freeName(ops, to, name, kind);
  const begun = ops.kindOf(target) !== void 0;
  if (!begun && ops.tryRename(source, target)) return;
  if (!ops.isClosed(source)) throw open(source);
  if (!begun) ops.makeLike(target, source);
  for (const inner of ops.list(source)) move2(ops, source, target, inner);
  ops.removeEmpty(source);
}
function freeName(ops, to, name, kind) {
  for (let tries = 0; ; tries++) {
    const target = joinPath(to, tries === 0 ? name : \`\${name}.\${tries}\`);
    const there = ops.kindOf(target);
    if (there === void 0) return target;
    const isSame = kind === "directory" && there === "directory";
    if (isSame && ops.isClosed(target)) return target;
  }
}
function open(path) {
  return new IoError(\`Cannot move \${quoteText(path)}: it cannot be renamed, and others may change what is in it meanwhile\`, { hint: "chmod go-w it and chown it to you, or remove it by hand", fields: { path } });
}

// lib/landing/worker/in_place.ts
var JOURNAL = "journal";
var ENTRIES = "entries";
var NAME_MAX2 = 255;
var UTF8_MAX = 3;
var utf83 = new TextEncoder();
var InPlace = class {
  constructor(site, ops, isVolume) {
    this.site = site;
    this.ops = ops;
    this.isVolume = isVolume;
    this.#inside = insideTarget(site);
  }
  #inside;
  #prepared;
  #unreadable = /* @__PURE__ */ new Set();
  places() {
    return [this.#inside];
  }
  tempPath(token) {
    return leftoverPath(this.#inside, "fetch", token);
  }
  check(names) {
    for (const name of names) {
      if (!isOwnEntry(name) && !this.#isKept(name)) continue;
      throw new UnsafePathError(\`the tree holds \${quoteText(name)}, which cannot be put in place inside \${quoteText(this.site)}: it has one of its own\`, { hint: "choose a directory below it", fields: { path: this.site } });
    }
    this.#oldNames();
  }
  repair(fate = "stays; look whether you miss what is in it, and remove it") {
    const { replaced: replaced2 } = findLeftovers(this.ops, this.#inside);
    return replaced2.flatMap((aside) => {
      const exchange = this.#read(aside);
      if (exchange === void 0) return [];
      if (exchange === "unreadable") {
        this.#unreadable.add(aside);
        return [\`\${quoteText(aside)} has no readable journal, though an exchange of entries was stopped there: it \${fate}\`];
      }
      const what = this.#finishOrUndo(aside, exchange);
      return [\`an earlier run was stopped while it replaced what is in \${quoteText(this.site)}: \${what} first\`];
    });
  }
  collect() {
    const { probe, replaced: replaced2, removing } = findLeftovers(this.ops, this.#inside);
    const marked = replaced2.filter((path) => !this.#unreadable.has(path)).map((path) => markForRemoval(this.ops, this.#inside, path));
    return [...probe, ...removing, ...marked];
  }
  prepare(temp) {
    const aside = leftoverPath(this.#inside, "replaced", this.ops.token());
    try {
      const exchange = attempt("prepare the exchange in", this.site, () => this.#write(aside, temp), { target_state: "untouched" });
      this.#prepared = { aside, exchange };
    } catch (error) {
      this.#forget(aside);
      throw error;
    }
  }
  #forget(aside) {
    try {
      markForRemoval(this.ops, this.#inside, aside);
    } catch {
    }
  }
  cancel() {
    const prepared = this.#prepared;
    this.#prepared = void 0;
    return prepared === void 0 ? [] : [markForRemoval(this.ops, this.#inside, prepared.aside)];
  }
  install(temp, look) {
    if (this.#prepared === void 0) {
      throw new TransferError("internal", "the exchange was not prepared");
    }
    const { aside, exchange } = this.#prepared;
    this.#prepared = void 0;
    try {
      finishExchange(this.ops, exchange);
      look?.(this.site);
    } catch (error) {
      throw this.#undo(aside, exchange, error);
    }
    syncReplaced(() => this.ops.settle(this.site), this.site, { kept: aside });
    return this.#tidyUp(aside, temp);
  }
  #tidyUp(aside, temp) {
    const old = [];
    const warnings = [];
    try {
      old.push(markForRemoval(this.ops, this.#inside, aside));
    } catch (error) {
      warnings.push(staysBehind(aside, error));
    }
    try {
      this.ops.removeEmpty(temp);
    } catch (error) {
      warnings.push(ioErrorOf(error, "remove", temp).message);
    }
    return { old, warnings };
  }
  superseded() {
    return [];
  }
  #oldNames() {
    const names = this.ops.list(this.site).filter((name) => !isOwnEntry(name) && !this.#isKept(name));
    const lost = names.find((name) => this.ops.kindOf(joinPath(this.site, name)) === void 0);
    if (lost === void 0) return names;
    throw new IoError(\`Cannot replace what is in \${quoteText(this.site)}: an entry, \${quoteText(lost)}, has a name that is not UTF-8\`, { hint: "rename or remove it", fields: { path: this.site } });
  }
  #isKept(name) {
    return this.isVolume && isOfVolume(name);
  }
  #write(aside, temp) {
    const { ops, site } = this;
    const journal = { version: 1, fresh: temp.slice(temp.lastIndexOf("/") + 1), oldNames: this.#oldNames(), newNames: ops.list(temp) };
    ops.makePrivate(aside);
    ops.makePrivate(joinPath(aside, ENTRIES));
    const path = joinPath(aside, JOURNAL);
    const text = JSON.stringify(journal);
    if (text.length > JOURNAL_MAX / UTF8_MAX) throw tooMany(site);
    ops.write(\`\${path}.new\`, text);
    ops.rename(\`\${path}.new\`, path);
    ops.settle(aside);
    ops.settle(site);
    return exchangeOf(site, aside, journal);
  }
  #read(aside) {
    if (!this.ops.isClosed(aside)) return void 0;
    const text = this.ops.read(joinPath(aside, JOURNAL), JOURNAL_MAX);
    if (text === void 0) return void 0;
    const journal = parseJournal(text);
    if (journal === void 0) return "unreadable";
    const exchange = exchangeOf(this.site, aside, journal);
    const { fresh, aside: entries } = exchange;
    const areOurs = this.ops.kindOf(entries) === "directory" && this.ops.kindOf(fresh) !== "file";
    return areOurs ? exchange : void 0;
  }
  #finishOrUndo(aside, exchange) {
    try {
      finishExchange(this.ops, exchange);
    } catch (error) {
      this.#undo(aside, exchange, error);
      return "the old tree was put back";
    }
    this.ops.settle(this.site);
    markForRemoval(this.ops, this.#inside, aside);
    return "that was finished";
  }
  #undo(aside, exchange, cause) {
    const { site, ops } = this;
    try {
      undoExchange(ops, exchange);
      ops.settle(site);
      markForRemoval(ops, this.#inside, aside);
    } catch (error2) {
      const first = ioErrorOf(cause, "exchange entries of", site);
      const second = ioErrorOf(error2, "put them back in", site);
      throw new IoError(\`\${first.message}; then \${second.message}; old entries are in \${quoteText(joinPath(aside, ENTRIES))}, and the next run finishes it\`, { cause: new AggregateError([cause, error2]), fields: { path: site, target_state: "mixed", kept: aside } });
    }
    const error = ioErrorOf(cause, "exchange entries of", site);
    return withState(error, "restored");
  }
};
function exchangeOf(directory, aside, { fresh, oldNames, newNames }) {
  return { directory, fresh: joinPath(directory, fresh), aside: joinPath(aside, ENTRIES), oldNames, newNames };
}
function parseJournal(text) {
  try {
    const journal = JSON.parse(text);
    return isJournal(journal) ? journal : void 0;
  } catch (error) {
    if (error instanceof SyntaxError) return void 0;
    throw error;
  }
}
function isJournal(value) {
  if (typeof value !== "object" || value === null) return false;
  const { version, fresh, oldNames, newNames } = value;
  return version === 1 && typeof fresh === "string" && isOwnEntry(fresh) && [oldNames, newNames].every((names) => Array.isArray(names) && names.every(isName));
}
function isName(name) {
  return typeof name === "string" && name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\\0") && name.isWellFormed() && utf83.encode(name).length <= NAME_MAX2;
}
function tooMany(site) {
  return new IoError(\`there are too many entries in \${quoteText(site)} to exchange them\`, { hint: "choose a target that can be renamed, without --in-place", fields: { path: site } });
}

// lib/os/who_may_redirect.ts
var OTHERS_WRITE = 2;
var GROUP_WRITE = 16;
var STICKY = 512;
function whoMayRedirect({ isDirectory, uid: owner, gid, mode }, uid, isPrivate2) {
  if (!isDirectory) return "is no directory any more";
  if (owner === null || mode === null) return void 0;
  if (uid !== void 0 && owner !== 0 && owner !== uid) {
    return \`belongs to user \${owner}\`;
  }
  if ((mode & STICKY) !== 0) return void 0;
  if ((mode & OTHERS_WRITE) !== 0) {
    return \`belongs to user \${owner}, and everybody may write to it\`;
  }
  if ((mode & GROUP_WRITE) === 0) return void 0;
  return gid !== null && isPrivate2(gid, owner) ? void 0 : \`belongs to user \${owner}, and group \${gid} may write to it\`;
}

// lib/landing/worker/in_place_operations.ts
function inPlaceOperations({ uid, keepsModes: keepsModes2 }, sync, settle) {
  return { ...swapOperations(uid, sync), settle, kindOf(path) {
    const seen = lookAt(path);
    if (seen === void 0) return void 0;
    return seen.isDirectory ? "directory" : "file";
  }, isClosed(path) {
    const seen = lookAt(path);
    if (seen === void 0 || !keepsModes2) return seen?.isDirectory ?? false;
    const us = uid ?? void 0;
    return whoMayRedirect(seen, us, () => false) === void 0;
  }, tryRename, makeLike, removeEmpty: (path) => attempt("remove", path, () => Deno.removeSync(path)), makePrivate: (path) => attempt("create the directory", path, () => Deno.mkdirSync(path, { mode: 448 })), write: (path, text) => attempt("write", path, () => {
    const options = { write: true, createNew: true, mode: 384 };
    using file = Deno.openSync(path, options);
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length; ) {
      done += file.writeSync(bytes.subarray(done));
    }
    file.syncSync();
  }), read(path, max) {
    const seen = lookAt(path);
    if (seen === void 0) return void 0;
    const isOurs = seen.isFile && seen.uid === uid && (seen.nlink ?? 1) === 1 && seen.size <= max;
    if (!isOurs) return "";
    return attempt("read", path, () => Deno.readTextFileSync(path));
  } };
}
function tryRename(from, to) {
  try {
    renameLocked(from, to);
    return true;
  } catch (error) {
    if (osErrorCode(error) !== "EXDEV") throw error;
    return false;
  }
}
function renameLocked(from, to) {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    const seen = lookAt(from);
    if (!(error instanceof Deno.errors.PermissionDenied) || seen?.isDirectory !== true || seen.mode === null) throw error;
    const mode = seen.mode & 4095;
    if ((mode & 128) !== 0) throw error;
    Deno.chmodSync(from, mode | 448);
    Deno.renameSync(from, to);
    Deno.chmodSync(to, mode);
  }
}
function makeLike(path, like) {
  const seen = attempt("look at", like, () => Deno.lstatSync(like));
  attempt("create the directory", path, () => {
    Deno.mkdirSync(path, { mode: 448 });
    const { uid, gid, mode } = seen;
    const made = Deno.lstatSync(path);
    if (uid !== made.uid || gid !== made.gid) Deno.chownSync(path, uid, gid);
    if (mode !== null) Deno.chmodSync(path, mode & 4095);
  });
}

// lib/landing/worker/swap_placement.ts
var SwapPlacement = class {
  constructor(target, ops) {
    this.target = target;
    this.ops = ops;
    this.site = target.parent;
  }
  site;
  #superseded = [];
  #within;
  places() {
    return [this.target, ...this.#inside()?.places() ?? []];
  }
  tempPath(token) {
    return leftoverPath(this.target, "fetch", token);
  }
  repair() {
    const { replaced: replaced2 } = findLeftovers(this.ops, this.target);
    if (this.ops.exists(this.target.out)) this.#superseded = replaced2;
    const said = repairSwap(this.ops, this.target, replaced2);
    const fate = "goes with the tree that it is in";
    return [...said, ...this.#inside()?.repair(fate) ?? []];
  }
  collect() {
    const { probe, removing } = findLeftovers(this.ops, this.target);
    return [...probe, ...removing, ...this.#inside()?.collect() ?? []];
  }
  prepare() {
  }
  cancel() {
    return [];
  }
  install(temp, look) {
    const { old, warnings } = swapIn(this.ops, this.target, temp, look);
    return { old: [...old, ...this.superseded()], warnings };
  }
  superseded() {
    return this.#mark(this.#superseded.splice(0));
  }
  #mark(paths) {
    return paths.map((path) => markForRemoval(this.ops, this.target, path));
  }
  #inside() {
    const { out } = this.target;
    if (lookAt(out)?.isDirectory !== true) return void 0;
    return this.#within ??= new InPlace(out, this.ops, false);
  }
};

// lib/landing/worker/tree_site.ts
async function requireFreeInside(request, fs) {
  const { out } = request.target;
  const inside = insideTarget(out);
  if (lookAt(out)?.isDirectory !== true || !TargetLock.exists(inside)) return;
  if (!TargetLock.isOurs(inside, fs.traits.uid)) return;
  const lock = await TargetLock.acquire(inside, fs, request);
  lock.release();
}
function operationsOf({ fsync }, fs) {
  const settle = (dir) => fs.syncDirectory(dir);
  const sync = (dir) => {
    if (fsync) settle(dir);
  };
  return inPlaceOperations(fs.traits, sync, settle);
}
function placementOf({ target, install, isVolume, manifest }, ops) {
  if (install === "rename") return new SwapPlacement(target, ops);
  const place = new InPlace(target.out, ops, isVolume);
  place.check(topNames(manifest));
  return place;
}
function* topNames(manifest) {
  for (const { path } of readDirEntries(manifest)) {
    yield checkManifestPath(path)[0];
  }
}
function makeDirectories(root, { dirs }, fs) {
  for (const [dir, mode] of dirs) {
    const path = joinPath(root, dir);
    const options = fs.modeOf(mode) === void 0 ? {} : { mode: 448 };
    attempt("create the directory", path, () => Deno.mkdirSync(path, options));
  }
}
function finishDirectories(root, { dirs }, fs, fsync) {
  for (const [dir, listed] of [...dirs].reverse()) {
    const path = joinPath(root, dir);
    const mode = fs.modeOf(listed);
    if (fsync) fs.syncDirectory(path);
    if (mode !== void 0) fs.setMode(path, mode);
  }
}

// lib/landing/worker/unfinished.ts
var TOKEN_DIGITS = 16;
var DIGITS2 = 8;
function treeToken(hash2) {
  return toHex(hash2).slice(0, TOKEN_DIGITS);
}
function isOfTree(path, token) {
  const end = path.slice(-TOKEN_DIGITS);
  return end === token || path.slice(0, -TOKEN_DIGITS).endsWith(".moved_") && end.startsWith(token.slice(0, DIGITS2));
}
function settleUnfinished(ops, places, { token, resume, clean: clean2 }) {
  const found = { sources: [], garbage: [], warnings: [] };
  const start = token.slice(0, DIGITS2);
  for (const place of places) {
    const { fetch, moved } = findLeftovers(ops, place);
    const remove = (path) => found.garbage.push(markForRemoval(ops, place, path));
    for (const path of moved) {
      if (!isOfTree(path, token)) {
        settleOther(path, place, clean2, remove, found.warnings);
      } else if (resume) found.sources.push({ path, place });
      else remove(path);
    }
    for (const path of fetch) {
      if (!isOfTree(path, token)) {
        settleOther(path, place, clean2, remove, found.warnings);
      } else if (resume) {
        const name = start + ops.token().slice(DIGITS2);
        const aside = leftoverPath(place, "moved", name);
        attempt("move aside", path, () => ops.rename(path, aside));
        found.sources.push({ path: aside, place });
      } else remove(path);
    }
  }
  return found;
}
function isEmpty2(path) {
  try {
    return Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
  } catch (error) {
    if (isOsError(error)) return false;
    throw error;
  }
}
function settleOther(path, { out }, clean2, remove, warnings) {
  const begun = lookAt(path)?.mtime?.getTime() ?? 0;
  const isOld2 = Date.now() - begun > UNFINISHED_KEPT_MS;
  if (clean2 || isOld2 || isEmpty2(path)) return remove(path);
  warnings.push(\`a fetch of another tree to \${quoteText(out)} was stopped: what it had is in \${quoteText(path)} for a week, or until --clean removes it\`);
}

// lib/landing/worker/link_policy.ts
var EXPANSIONS_MAX = 40;
function linksThatLeave(links, fold = (name) => name, work = { steps: 0 }) {
  const judge2 = new LinkJudge(links, fold, work);
  return links.filter((_, index) => judge2.leaves(index));
}
var ROOT = 0;
var LinkJudge = class {
  #links;
  #fold;
  #work;
  #directories = /* @__PURE__ */ new Map();
  #parents = [ROOT];
  #byName = /* @__PURE__ */ new Map();
  #homes;
  #verdicts;
  constructor(links, fold, work) {
    this.#links = links;
    this.#fold = fold;
    this.#work = work;
    this.#homes = new Uint32Array(links.length);
    this.#verdicts = new Array(links.length);
    for (let i = 0; i < links.length; i++) this.#enter(i, links[i].path);
  }
  leaves(link) {
    if (this.#verdicts[link] === void 0) this.#follow(link);
    return this.#verdicts[link] === "leaves";
  }
  #enter(link, path) {
    let home = ROOT;
    let start = 0;
    for (let end; (end = path.indexOf("/", start)) >= 0; start = end + 1) {
      const key = this.#key(home, path.slice(start, end));
      let directory = this.#directories.get(key);
      if (directory === void 0) {
        directory = this.#parents.push(home) - 1;
        this.#directories.set(key, directory);
      }
      home = directory;
    }
    this.#homes[link] = home;
    this.#byName.set(this.#key(home, path.slice(start)), link);
  }
  #key(directory, name) {
    this.#work.steps++;
    return \`\${directory}/\${this.#fold(name)}\`;
  }
  #follow(first) {
    const walks = [this.#begin(first)];
    for (let walk; (walk = walks.at(-1)) !== void 0; ) {
      const through = this.#advance(walk);
      if (through === void 0) walks.pop();
      else walks.push(this.#begin(through));
    }
  }
  #begin(link) {
    this.#verdicts[link] = "open";
    const directory = this.#homes[link];
    const { target } = this.#links[link];
    return { link, target, next: 0, directory, below: 0, expansions: 0 };
  }
  #advance(walk) {
    const { link, target } = walk;
    const verdicts = this.#verdicts;
    verdicts[link] = "leaves";
    if (isAbsolute(target)) return void 0;
    while (walk.next < target.length) {
      const end = nameEnd2(target, walk.next);
      const name = target.slice(walk.next, end);
      const through = this.#linkAt(walk, name);
      if (through !== void 0 && verdicts[through] === void 0) {
        verdicts[link] = "open";
        return through;
      }
      const isInside = through === void 0 ? this.#step(walk, name) : pass(walk, verdicts[through]);
      if (!isInside) return void 0;
      walk.next = end + 1;
    }
    const { directory, below, expansions } = walk;
    verdicts[link] = { directory, below, expansions };
    return void 0;
  }
  #linkAt({ directory, below }, name) {
    return below > 0 || !mayBeInTree(name) ? void 0 : this.#byName.get(this.#key(directory, name));
  }
  #step(place, name) {
    this.#work.steps++;
    if (name === "" || name === ".") return true;
    if (name === "..") {
      if (place.below > 0) place.below--;
      else if (place.directory === ROOT) return false;
      else place.directory = this.#parents[place.directory];
      return true;
    }
    const directory = place.below > 0 || !mayBeInTree(name) ? void 0 : this.#directories.get(this.#key(place.directory, name));
    if (directory === void 0) place.below++;
    else place.directory = directory;
    return true;
  }
};
function pass(place, verdict) {
  if (typeof verdict !== "object") return false;
  place.expansions += 1 + verdict.expansions;
  if (place.expansions > EXPANSIONS_MAX) return false;
  place.directory = verdict.directory;
  place.below = verdict.below;
  return true;
}
function mayBeInTree(name) {
  return name.length <= DIR_NAME_MAX && name !== "" && name !== "." && name !== "..";
}
var isWindows = Deno.build.os === "windows";
function nameEnd2(target, start) {
  const slash = target.indexOf("/", start);
  const end = slash < 0 ? target.length : slash;
  if (!isWindows) return end;
  const backslash = target.indexOf("\\\\", start);
  return backslash < 0 ? end : Math.min(end, backslash);
}
function isAbsolute(target) {
  if (target.startsWith("/")) return true;
  return isWindows && /^(?:[A-Za-z]:|\\\\)/.test(target);
}

// lib/landing/worker/planned_files.ts
var PlannedFiles = class {
  #manifest;
  #starts;
  #bits;
  constructor(manifest, bits) {
    this.#manifest = manifest;
    this.#starts = indexDirEntries(manifest);
    this.#bits = bits;
  }
  get entries() {
    return this.#starts.length;
  }
  at(entry) {
    if (entry >= this.entries) return void 0;
    const { path, kind } = readDirEntry(this.#manifest, this.#starts[entry]);
    if (kind.type !== "file") return void 0;
    return { path: checkManifestPath(path).join("/"), mode: permissionBits(kind.mode, this.#bits), blob: kind.blob };
  }
};
function permissionBits(mode, bits) {
  return mode === 0 ? void 0 : mode & bits;
}
var STICKY_BIT = 512;
function directoryMode(mode, preserveSetid) {
  return permissionBits(mode, preserveSetid ? 4095 : 511 | STICKY_BIT);
}

// lib/landing/worker/tree_plan.ts
function planTree(options) {
  const bits = options.preserveSetid ? 4095 : 511;
  const files = new PlannedFiles(options.manifest, bits);
  checkPaths(options.manifest);
  const dirs = [];
  const table = new PathTable();
  const judged = judge(options, (path, kind) => {
    const isDirectory = kind.type === "dir";
    const end = isDirectory ? path.length : path.lastIndexOf("/");
    if (end < 0) return;
    const directory = path.slice(0, end);
    const known = table.locate(directory);
    const id = table.extend(directory, known, (_, nameEnd3) => {
      dirs.push([directory.slice(0, nameEnd3), void 0]);
    });
    if (!isDirectory) return;
    dirs[id - 1][1] = directoryMode(kind.mode, options.preserveSetid);
  });
  return { files, dirs, ...judged };
}
function checkNames({ manifest, links }, plan, rules) {
  const fold = pathFolding(rules);
  if (fold === void 0 && !limitsNames(rules)) return;
  try {
    checkManifest(readDirEntries(manifest), rules);
  } catch (error) {
    if (!(error instanceof UnsafePathError)) throw error;
    throw new UnsafePathError(error.message, { cause: error, hint: "choose a target on another file system, leave it out with --exclude, or fetch the rest with --keep-going", fields: { ...error.fields } });
  }
  if (links === "inside") refuseLeaving(linksThatLeave(plan.links, fold));
}
function checkPaths(manifest) {
  checkManifest(readDirEntries(manifest), pathPlatform());
}
function judge(options, visit) {
  const links = [];
  let longest = "";
  let longestBytes = 0;
  const counts = { files: 0, dirs: 0, symlinks: 0, bytes: 0n };
  for (const { path: listed, kind } of readDirEntries(options.manifest)) {
    const path = checkManifestPath(listed).join("/");
    switch (kind.type) {
      case "file":
        counts.bytes += checkReference(path, kind.blob);
        counts.files++;
        break;
      case "dir":
        counts.dirs++;
        break;
      case "symlink":
        if (options.links !== "skip") {
          links.push({ path, target: checkLinkText(path, kind.target) });
        }
        break;
    }
    visit(path, kind);
    if (3 * path.length > longestBytes) {
      const bytes = pathBytes(path);
      if (bytes > longestBytes) [longest, longestBytes] = [path, bytes];
    }
  }
  counts.symlinks = links.length;
  return { links, counts, longest, warnings: judgeLinks(links, options) };
}
function pathPlatform() {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "posix";
}
function checkReference(path, blob2) {
  let ref;
  try {
    ref = decodeBlobRef(blob2);
  } catch (error) {
    if (!(error instanceof RefError)) throw error;
    throw badEntry(path, error.message);
  }
  if (ref === void 0) throw badEntry(path, "has no blob ref");
  const size = blobRefSize(ref);
  if (ref.kind === "small" && size > BigInt(CHUNK_MAX)) {
    throw badEntry(path, \`is one chunk of \${size} bytes, and none is longer than \${CHUNK_MAX}\`);
  }
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw badEntry(path, \`declares \${size} bytes, more than a file can have\`);
  }
  return size;
}
function checkLinkText(path, target) {
  if (target === "" || target.includes("\\0")) {
    throw badEntry(path, "is a link to no possible name");
  }
  if (new TextEncoder().encode(target).length >= DIR_PATH_MAX) {
    throw badEntry(path, "is a link to a name that is too long");
  }
  return target;
}
function refuseLeaving(leaving) {
  if (leaving.length === 0) return;
  const [{ path, target }] = leaving;
  throw new UnsafePathError(\`dir transfer: the link \${quoteText(path)} -> \${quoteText(target)} leads out of the tree\`, { hint: "--links keep makes it all the same, --links skip leaves all links out", fields: { path, target } });
}
function judgeLinks(links, options) {
  if (links.length === 0) return [];
  const fold = pathFolding(pathPlatform());
  const leaving = linksThatLeave(links, fold);
  if (options.links === "inside") refuseLeaving(leaving);
  if (!options.canLink) {
    throw new PermissionError(\`the tree holds \${links.length} symbolic links, and this process may not make any: run with unscoped --allow-read and --allow-write\`, { hint: "or leave them out with --links skip", fields: { links: links.length } });
  }
  if (leaving.length === 0) return [];
  return [\`\${leaving.length} of \${links.length} symbolic links lead out of the tree, the first is \${quoteText(leaving[0].path)}\`];
}
function badEntry(path, reason) {
  return new ManifestError(\`dir transfer: bad manifest: entry \${quoteText(path)} \${reason}\`, { fields: { path } });
}

// lib/landing/worker/verify_links.ts
function verifyLinks(root, links, lacking) {
  for (const { path, target } of links) {
    if (lacking.has(path)) continue;
    const full = joinPath(root, path);
    const found = attempt("read", full, () => Deno.readLinkSync(full));
    if (found !== target) {
      throw new IoError(\`\${quoteText(path)} is not the link it was\`);
    }
  }
}

// lib/landing/worker/tree_writer.ts
var TreeWriter = class _TreeWriter {
  constructor(request, plan, root, fs, lock, placement, removals, warnings) {
    this.request = request;
    this.plan = plan;
    this.root = root;
    this.fs = fs;
    this.lock = lock;
    this.placement = placement;
    this.removals = removals;
    this.warnings = warnings;
    this.files = new TreeFiles(plan, root.path, fs, request.fsync);
  }
  files;
  open = true;
  isUseless = false;
  lackingLinks = [];
  get counts() {
    return this.plan.counts;
  }
  static async create(request) {
    const plan = planTree(request);
    const { target, install } = request;
    const inside = install === "rename" ? void 0 : insideTarget(target.out);
    const site = (inside ?? target).parent;
    checkPathLengths(target, plan.longest);
    makeDirectory(site);
    const traits = probeBeside(inside ?? target, request.volume);
    checkNames(request, plan, traits);
    const fs = new TargetFileSystem(traits, site, request);
    fs.requireRenames();
    const lock = await TargetLock.acquire(inside ?? target, fs, request);
    let root;
    try {
      if (inside === void 0) await requireFreeInside(request, fs);
      const ops = operationsOf(request, fs);
      const placement = placementOf(request, ops);
      const warnings = [...plan.warnings, ...placement.repair()];
      checkTarget(target, "tree", request);
      const removals = new RemovalQueue(true, traits.uid);
      for (const path of placement.collect()) removals.add(path);
      const { resume, clean: clean2 } = request;
      const token = treeToken(blake32(request.manifest));
      const rules = { token, resume, clean: clean2 };
      const found = settleUnfinished(ops, placement.places(), rules);
      warnings.push(...found.warnings);
      for (const path of found.garbage) removals.add(path);
      root = PrivateDir.create(placement.tempPath(token), fs);
      fs.showAs(root.path, target.out);
      makeDirectories(root.path, plan, fs);
      const writer = new _TreeWriter(request, plan, root, fs, lock, placement, removals, warnings);
      root = void 0;
      for (const { path, place } of found.sources) {
        writer.files.takeOver(path);
        removals.add(markForRemoval(ops, place, path));
      }
      return writer;
    } catch (error) {
      const failure = root === void 0 ? error : discardTree(root.path, error);
      lock.release();
      throw ioErrorOf(failure, "prepare", target.out);
    }
  }
  writeChunks(chunks, buffer) {
    this.write(() => {
      for (const chunk of chunks) this.files.writeChunk(chunk, buffer);
    });
  }
  writeLeaf(leaf) {
    this.write(() => this.files.writeLeaf(leaf));
  }
  get takenOver() {
    return this.files.takenOver;
  }
  check(ranges) {
    this.assertOpen();
    this.root.verify();
    return ranges.map((range) => this.files.check(range));
  }
  linkOld(from, rows) {
    this.assertOpen();
    this.root.verify();
    const refused = [];
    for (const { entry, stamp } of oldEntriesIn(rows)) {
      if (!this.files.linkOld(entry, from, stamp)) refused.push(entry);
    }
    return refused;
  }
  cloneOld(from, rows) {
    this.assertOpen();
    this.root.verify();
    const [place] = this.placement.places();
    const cloned = [];
    for (const { entry, stamp } of oldEntriesIn(rows)) {
      const size = this.files.begin(entry, (to, path) => {
        const old = { path: joinPath(from, path), stamp };
        return cloneOldFile(old, to, place, this.fs);
      });
      if (size !== void 0) cloned.push(entry, size);
    }
    return Float64Array.from(cloned);
  }
  get path() {
    return this.root.path;
  }
  adopt(entry) {
    this.assertOpen();
    this.root.verify();
    return this.files.begin(entry, (to) => adoptFile(to, this.fs));
  }
  leaveOut(entries) {
    this.assertOpen();
    for (const entry of entries) this.files.leaveOut(entry);
    return this.counts;
  }
  seal() {
    this.assertOpen();
    this.files.seal();
    this.root.verify();
    return { root: this.root.path, links: this.plan.links };
  }
  get hasRemovals() {
    return this.removals.hasWork;
  }
  remove(ms, mountless) {
    return this.removals.step(ms, mountless);
  }
  removeSuperseded() {
    for (const path of this.placement.superseded()) this.removals.add(path);
  }
  countRest() {
    return this.removals.rest();
  }
  prepare(lackingLinks = []) {
    this.assertOpen();
    this.root.verify();
    this.lackingLinks = lackingLinks;
    verifyLinks(this.root.path, this.plan.links, new Set(lackingLinks));
    for (const path of lackingLinks) this.fs.note("links", path);
    const { fsync, install } = this.request;
    finishDirectories(this.root.path, this.plan, this.fs, fsync);
    if (fsync && install === "in_place") {
      this.fs.syncDirectory(this.root.path);
    }
    this.placement.prepare(this.root.path);
  }
  install() {
    this.assertOpen();
    this.root.verify();
    const { target, fsync, install } = this.request;
    if (install === "rename") {
      this.root.openUp(lookAt(target.out));
      if (fsync) this.fs.syncDirectory(this.root.path);
      checkTarget(target, "tree", this.request);
    }
    const { old, warnings } = this.placement.install(this.root.path, this.fs.readsBack ? this.lookAgain(this.lackingLinks) : void 0);
    this.open = false;
    for (const path of old) this.removals.add(path);
    return { warnings: [...warnings, ...this.fs.warnings()] };
  }
  end() {
    this.lock.release();
  }
  abort(keep) {
    const { path } = this.root;
    const bytes = this.files.bytesThere;
    const wasOpen = this.open;
    this.open = false;
    this.files.close();
    try {
      if (!wasOpen) return void 0;
      for (const left of this.placement.cancel()) removeTree(left);
      if (lookAt(path) === void 0) return void 0;
      if (keep && bytes > 0 && !this.isUseless) return { path, bytes };
      removeTree(path);
      return void 0;
    } finally {
      this.lock.release();
    }
  }
  write(work) {
    this.assertOpen();
    this.root.verify();
    try {
      work();
    } catch (error) {
      this.isUseless ||= isDiskFull(error);
      throw error;
    }
  }
  lookAgain(lackingLinks) {
    const lacking = new Set(lackingLinks);
    const { plan, files } = this;
    function* made() {
      yield* files.written();
      for (const [path] of plan.dirs) yield { path, type: "directory" };
      for (const { path } of plan.links) {
        if (!lacking.has(path)) yield { path, type: "link" };
      }
    }
    return (root) => checkInstalled(root, made());
  }
  assertOpen() {
    if (!this.open) throw new IoError("the tree is no longer open");
  }
};

// lib/landing/worker/worker.ts
var blob;
var tree;
function opened(writer) {
  if (writer !== void 0) return writer;
  throw new TransferError("internal", "the landing is not open");
}
async function carryOut(request) {
  switch (request.op) {
    case "open_blob":
      blob = await BlobWriter.create(request);
      return { warnings: blob.warnings, found: blob.found };
    case "measure_blob":
      return opened(blob).measure();
    case "check_blob":
      return opened(blob).check(request.ranges);
    case "write_blob":
      opened(blob).write(request.range);
      return handOver(request.range.bytes)[0];
    case "commit_blob":
      return opened(blob).commit(request.size);
    case "open_tree":
      tree = await TreeWriter.create(request);
      return { counts: tree.counts, warnings: tree.warnings, hasRemovals: tree.hasRemovals, takenOver: tree.takenOver, root: tree.path };
    case "check_tree":
      return opened(tree).check(request.ranges);
    case "write_chunks":
      opened(tree).writeChunks(request.chunks, request.buffer);
      return handOver(request.buffer)[0];
    case "write_leaf":
      opened(tree).writeLeaf(request.leaf);
      return handOver(request.leaf.bytes)[0];
    case "link_old":
      return opened(tree).linkOld(request.from, request.rows);
    case "clone_old":
      return opened(tree).cloneOld(request.from, request.rows);
    case "adopt":
      return opened(tree).adopt(request.entry);
    case "leave_out":
      return opened(tree).leaveOut(request.entries);
    case "seal_tree":
      return opened(tree).seal();
    case "prepare_install":
      return opened(tree).prepare(request.lackingLinks);
    case "install_tree":
      return opened(tree).install();
    case "remove_superseded":
      return opened(tree).removeSuperseded();
    case "remove_some":
      return opened(tree).remove(request.ms, request.mountless);
    case "count_rest":
      return opened(tree).countRest();
    case "end_tree":
      return opened(tree).end();
    case "abort":
      return blob?.abort() ?? tree?.abort(request.keep);
  }
}
var scope = globalThis;
var turn = Promise.resolve();
scope.onmessage = ({ data: request }) => {
  turn = turn.then(async () => {
    const { id } = request;
    try {
      const result = await carryOut(request);
      const buffers = result instanceof ArrayBuffer ? [result] : [];
      scope.postMessage({ id, ok: true, result }, buffers);
    } catch (error) {
      scope.postMessage({ id, ok: false, error: toWireError(error) }, []);
    }
  });
};
`;
