/**
 * BLAKE3, the one hash of the content formats: default mode, 32-byte output.
 */

import {
  type Blake3,
  type Blake3Backend,
  jitBackend,
  nativeBackend,
  passesSelfTest,
  portableBackend,
  selectBackend,
  sharedWasmBackend,
} from "./blake3_backends.ts";

export type { Blake3 } from "./blake3_backends.ts";

/** Length of a hash, in bytes. */
export const HASH_LENGTH = 32;

let oneShot: Blake3Backend | undefined;
let native: Promise<Blake3Backend | undefined> | undefined;
let streaming: Promise<Blake3Backend | undefined> | undefined;
let streamingReady: Blake3Backend | undefined;

/**
 * Hashes bytes in one go.
 *
 * The first call checks the fast implementation against known answers and takes
 * the portable one if it is wrong on this machine.
 *
 * @param bytes Any length; faster when `byteOffset` is a multiple of 4.
 * @returns 32 bytes.
 *
 * @example
 * ```ts
 * import { blake3 } from "./hash.ts";
 * import { toHex } from "../text/hex.ts";
 *
 * toHex(blake3(new Uint8Array())); // "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9…"
 * ```
 */
export function blake3(bytes: Uint8Array): Uint8Array {
  return backend().hash(bytes);
}

/**
 * Starts a hash over bytes that come piece by piece.
 *
 * Where all bytes are in memory {@linkcode blake3} is twice as fast. Before
 * hashing a lot this way, await {@linkcode prepareStreamingBlake3}.
 *
 * @example
 * ```ts
 * import { createBlake3 } from "./hash.ts";
 *
 * const hasher = createBlake3();
 * for (const piece of [new Uint8Array(3), new Uint8Array(5)]) hasher.update(piece);
 * const hash = hasher.digest(); // 32 bytes
 * ```
 */
export function createBlake3(): Blake3 {
  return (streamingReady ?? backend()).create();
}

/**
 * Loads the implementation that makes {@linkcode createBlake3} fastest (about
 * 1.7 times); hashers made before that are not affected. Where it cannot be
 * loaded or is wrong on this machine nothing changes.
 */
export async function prepareStreamingBlake3(): Promise<void> {
  streaming ??= loadStreamingBackend();
  const loaded = await streaming;
  streamingReady = await native ?? loaded;
}

/**
 * Loads the implementation in machine code, which makes all hashing from then on
 * three to five times as fast. Where it cannot be loaded or is wrong on this
 * machine nothing changes.
 *
 * The caller makes sure that the process may load native code: where it may not,
 * a runtime would ask its user.
 *
 * @returns Whether it is in use.
 */
export async function prepareNativeBlake3(): Promise<boolean> {
  native ??= loadNativeBackend();
  const loaded = await native;
  if (loaded === undefined) return false;
  oneShot = streamingReady = loaded;
  return true;
}

function backend(): Blake3Backend {
  return oneShot ??= selectBackend([jitBackend, portableBackend]);
}

async function loadStreamingBackend(): Promise<Blake3Backend | undefined> {
  try {
    const { createBLAKE3 } = await import("hash-wasm");
    const loaded = sharedWasmBackend(await createBLAKE3());
    return passesSelfTest(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

async function loadNativeBackend(): Promise<Blake3Backend | undefined> {
  try {
    const loaded = nativeBackend(await import("@napi-rs/blake-hash"));
    return passesSelfTest(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}
