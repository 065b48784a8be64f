/**
 * The hashing worker: gets bytes, gives hashes, and touches nothing. It has no
 * permission, but where the process may load machine code: then to do that.
 *
 * It is bundled into `hash_worker_bundle.ts`, so that starting it needs no read
 * permission for its module.
 */

import { blake3, HASH_LENGTH, hashChunk } from "../content/mod.ts";
import { prepareHashing } from "./native_hashing.ts";

/** What the worker is sent. */
export interface HashRequest {
  /** Transferred here and back. */
  buffer: ArrayBuffer;
  /** Where each part starts and how long it is, in turn. */
  parts: Uint32Array;
}

/**
 * What the worker answers, in the order of the requests; nothing when it has
 * started.
 */
export interface HashReply {
  buffer?: ArrayBuffer;
  /** The hashes of the parts, one behind the other. */
  hashes?: Uint8Array;
}

/**
 * The part of a worker's global scope that is used; it has no types of its own
 * here.
 */
interface WorkerScope {
  onmessage: ((event: MessageEvent<HashRequest>) => void) | null;
  postMessage(message: HashReply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { buffer, parts } }) => {
  const hashes = hashParts(new Uint8Array(buffer), parts);
  scope.postMessage({ buffer, hashes }, [buffer]);
};

function hashParts(bytes: Uint8Array, parts: Uint32Array): Uint8Array {
  const hashes = new Uint8Array(parts.length / 2 * HASH_LENGTH);
  for (let i = 0; i < parts.length; i += 2) {
    const part = bytes.subarray(parts[i], parts[i] + parts[i + 1]);
    hashes.set(hashChunk(part), i / 2 * HASH_LENGTH);
  }
  return hashes;
}

await prepareHashing();
// The first hash takes longer than all others: it loads what computes it.
blake3(new Uint8Array());
scope.postMessage({}, []);
