import { equals } from "@std/bytes/equals";
import { createHasher, hash as jitHash } from "blake3-jit";
import { blake3 as nobleBlake3 } from "@noble/hashes/blake3";
import type { IHasher } from "hash-wasm";
import { TransferError } from "../errors.ts";
import { fromHex } from "../text/hex.ts";

/** One BLAKE3 computation over bytes that come piece by piece. */
export interface Blake3 {
  /**
   * Adds `bytes`, which are not kept.
   *
   * @throws {TypeError} When the digest was already taken.
   */
  update(bytes: Uint8Array): void;
  /**
   * Ends the computation.
   *
   * @returns 32 bytes.
   * @throws {TypeError} When the digest was already taken.
   */
  digest(): Uint8Array;
}

/** One implementation of BLAKE3. */
export interface Blake3Backend {
  /** Name of the library, for messages. */
  readonly name: string;
  /** Hashes in one go. */
  hash(bytes: Uint8Array): Uint8Array;
  /** Starts a computation. */
  create(): Blake3;
}

/**
 * Official vectors (byte _i_ of the input is _i_ mod 251): empty, one block, one
 * chunk, two chunks, the first size the SIMD path takes, that and a ragged end,
 * and a deep tree.
 */
const SELF_TEST: readonly (readonly [length: number, hash: string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"],
  [5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"],
  [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"],
];
/** Index of the vector that is also hashed in pieces. */
const PIECES = 5;

/**
 * Tells whether a backend computes BLAKE3: in one go for every vector, and for
 * one of them also at an unaligned address and in pieces. Cold code runs slowly,
 * so that more would delay the first hash for little.
 *
 * @param backend What to test; a backend that throws has failed.
 */
export function passesSelfTest(backend: Blake3Backend): boolean {
  try {
    return SELF_TEST.every(([length, hex]) =>
      equals(backend.hash(vectorInput(length, 0)), fromHex(hex))
    ) && isRightInPieces(backend, ...SELF_TEST[PIECES]);
  } catch {
    return false;
  }
}

function isRightInPieces(
  backend: Blake3Backend,
  length: number,
  hex: string,
): boolean {
  const input = vectorInput(length, 1);
  const hasher = backend.create();
  hasher.update(input.subarray(0, 1000));
  hasher.update(input.subarray(1000));
  const expected = fromHex(hex);
  return equals(backend.hash(input), expected) &&
    equals(hasher.digest(), expected);
}

/** The input of an official vector, `offset` bytes into its memory. */
function vectorInput(length: number, offset: number): Uint8Array {
  const input = new Uint8Array(length + offset).subarray(offset);
  for (let i = 0; i < length; i++) input[i] = i % 251;
  return input;
}

/**
 * Picks the first backend that computes BLAKE3 right on this machine.
 *
 * @param candidates The fastest first.
 * @throws {TransferError} `internal`, when none does.
 */
export function selectBackend(
  candidates: readonly Blake3Backend[],
): Blake3Backend {
  const found = candidates.find(passesSelfTest);
  if (found !== undefined) return found;
  const names = candidates.map((candidate) => candidate.name).join(", ");
  throw new TransferError(
    "internal",
    `cannot hash: no BLAKE3 implementation passes its self-test here (tried ${names})`,
  );
}

/**
 * Wasm SIMD generated at run time, plain JavaScript below 4 KiB: the fastest in
 * one go.
 */
export const jitBackend: Blake3Backend = {
  name: "blake3-jit",
  hash: (bytes) => jitHash(bytes),
  create() {
    const hasher = createHasher();
    return once(
      (bytes) => void hasher.update(bytes),
      () => hasher.finalize(),
    );
  },
};

/** What {@linkcode nativeBackend} needs of `@napi-rs/blake-hash`. */
export interface NativeBlake3 {
  /** A computation, which may begin anew. */
  Blake3Hasher: new () => NativeHasher;
}

interface NativeHasher {
  reset(): void;
  // Declared for `Buffer` alone, read as any array of bytes.
  update(bytes: string | number | Uint8Array): unknown;
  digest(format: "hex"): string;
}

/** Below so many bytes a native call costs more than it saves. */
const NATIVE_MIN = 6144;

/**
 * The reference implementation as machine code, three to five times as fast as
 * {@linkcode jitBackend}, which hashes what is short.
 *
 * Its digests are read as text: as a `Buffer` each would take a call more, and on
 * Deno 2.4 a warning.
 *
 * @param module The module `@napi-rs/blake-hash`.
 */
export function nativeBackend({ Blake3Hasher }: NativeBlake3): Blake3Backend {
  const shared = new Blake3Hasher();
  const digestOf = (hasher: NativeHasher) => fromHex(hasher.digest("hex"));
  return {
    name: "@napi-rs/blake-hash",
    hash(bytes) {
      if (bytes.length < NATIVE_MIN) return jitHash(bytes);
      shared.reset();
      shared.update(bytes);
      return digestOf(shared);
    },
    create() {
      const hasher = new Blake3Hasher();
      return once(
        (bytes) => void hasher.update(bytes),
        () => digestOf(hasher),
      );
    },
  };
}

/** Plain JavaScript, for machines on which nothing else is right. */
export const portableBackend: Blake3Backend = {
  name: "@noble/hashes",
  hash: (bytes) => nobleBlake3(bytes),
  create() {
    const hasher = nobleBlake3.create();
    return once((bytes) => void hasher.update(bytes), () => hasher.digest());
  },
};

/**
 * Makes a backend of the one wasm instance `wasm`: any number of computations
 * take turns in it, which costs a copy of 2 KB at each turn.
 */
export function sharedWasmBackend(wasm: IHasher): Blake3Backend {
  let owner: { saved?: Uint8Array } | undefined;

  function enter(computation: { saved?: Uint8Array }): void {
    if (owner === computation) return;
    if (owner !== undefined) owner.saved = wasm.save();
    if (computation.saved === undefined) wasm.init();
    else wasm.load(computation.saved);
    computation.saved = undefined;
    owner = computation;
  }

  function create(): Blake3 {
    const computation: { saved?: Uint8Array } = {};
    return once(
      (bytes) => {
        enter(computation);
        wasm.update(bytes);
      },
      () => {
        enter(computation);
        owner = undefined;
        return wasm.digest("binary");
      },
    );
  }

  return {
    name: "hash-wasm",
    hash(bytes) {
      const hasher = create();
      hasher.update(bytes);
      return hasher.digest();
    },
    create,
  };
}

/** Guards a computation against use after its digest: the libraries differ there. */
function once(
  update: (bytes: Uint8Array) => void,
  digest: () => Uint8Array,
): Blake3 {
  let ended = false;
  return {
    update(bytes) {
      if (ended) throw new TypeError("Cannot update: the digest was taken");
      update(bytes);
    },
    digest() {
      if (ended) throw new TypeError("Cannot digest: the digest was taken");
      ended = true;
      return digest();
    },
  };
}
