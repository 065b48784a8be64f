/**
 * A node in this process that serves damaged bytes, more than anyone may, or
 * nothing at all after the first chunk.
 */

import {
  blake3,
  encodeBlobRef,
  encodeDirManifest,
  makeManifest,
  makeSmall,
  REPLICATED,
  SEND_URI,
} from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { CHUNK_MAX } from "../../lib/limits.ts";
import { ephemeralIdentity, Node } from "../../lib/mesh/mod.ts";
import type { ChunkStore } from "../../lib/store/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { serveNode } from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";

const CHUNK = 4 * 2 ** 20;

/** A store that checks nothing and may never answer. */
class HostileStore implements ChunkStore {
  readonly #answers = new Map<string, Uint8Array | "never">();
  readonly #asked = new Set<string>();

  set(hash: Uint8Array, answer: Uint8Array | "never"): void {
    this.#answers.set(toHex(hash), answer);
  }

  wasAsked(hash: Uint8Array): boolean {
    return this.#asked.has(toHex(hash));
  }

  has(): Promise<boolean> {
    return Promise.resolve(true);
  }

  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    this.#asked.add(toHex(hash));
    const answer = this.#answers.get(toHex(hash));
    return answer === "never" ? new Promise(() => {}) : Promise.resolve(answer);
  }

  /** What never comes is short, so that nothing waits for its memory. */
  sizeOf(hash: Uint8Array): number | undefined {
    return this.#answers.get(toHex(hash)) === "never" ? 100 : undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The node. */
export class HostileNode implements AsyncDisposable {
  readonly #node: Node;
  readonly #psk: Uint8Array;
  readonly #store: HostileStore;
  readonly #stop: AbortController;
  readonly #served: Promise<void>;
  #seed = 1000;

  private constructor(node: Node, psk: Uint8Array) {
    this.#node = node;
    this.#psk = psk;
    this.#store = new HostileStore();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#served = serveNode(node, this.#store, { signal });
  }

  /** Starts it. */
  static async start(): Promise<HostileNode> {
    const psk = crypto.getRandomValues(new Uint8Array(32));
    const address = "127.0.0.1:0";
    const identity = ephemeralIdentity();
    return new HostileNode(await Node.listen({ address, psk, identity }), psk);
  }

  /** The flags that others attach with. */
  attach(): string[] {
    return words`--node-addr 127.0.0.1:${this.#node.address.port}
      --node-pubkey ${toHex(this.#node.publicKey)}
      --psk-hex ${toHex(this.#psk)}`;
  }

  /** A blob of one chunk, of which one bit is wrong. */
  damagedBlob(): string {
    return toHex(this.#damaged());
  }

  /** A tree of two files, one of which is damaged. */
  damagedTree(): string {
    return this.#tree([this.#good(100), this.#damaged()]);
  }

  /** A bare hash of a chunk longer than any may be. */
  oversizedBlob(): string {
    const hash = blake3(Uint8Array.of(this.#seed++ & 255, 7));
    this.#store.set(hash, new Uint8Array(CHUNK_MAX + 1));
    return toHex(hash);
  }

  /** A blob of which no chunk ever comes. */
  silentBlob(): string {
    return toHex(this.#silent());
  }

  /** A blob of two chunks, of which the second never comes. */
  stallingBlob(): string {
    const payload = noise(CHUNK + 100, this.#seed++);
    const cuts = [payload.subarray(0, CHUNK), payload.subarray(CHUNK)];
    const chunks = cuts.map((bytes) => ({
      hash: blake3(bytes),
      size: bytes.length,
    }));
    this.#store.set(chunks[0].hash, cuts[0]);
    this.#store.set(chunks[1].hash, "never");
    return toHex(encodeBlobRef(makeManifest(SEND_URI, REPLICATED, chunks)));
  }

  /** A tree of large files that never come; `asked` counts those asked for. */
  silentTree(files: number): { ref: string; asked: () => number } {
    const hashes: Uint8Array[] = [];
    const blobs = Array.from({ length: files }, () => {
      const hash = blake3(noise(100, this.#seed++));
      hashes.push(hash);
      this.#store.set(hash, "never");
      return encodeBlobRef(makeSmall(SEND_URI, hash, CHUNK));
    });
    const asked = () =>
      hashes.filter((hash) => this.#store.wasAsked(hash)).length;
    return { ref: this.#tree(blobs), asked };
  }

  /** A tree of the files `0`, which comes, and `1`, which never does. */
  stallingTree(): string {
    return this.#tree([this.#good(100), this.#silent()]);
  }

  #good(length: number): Uint8Array {
    const { ref, chunks } = chunkPayload(
      noise(length, this.#seed++),
      SEND_URI,
    );
    for (const { hash, bytes } of chunks) this.#store.set(hash, bytes);
    return encodeBlobRef(ref);
  }

  #damaged(): Uint8Array {
    const bytes = noise(1000, this.#seed++);
    const hash = blake3(bytes);
    const wrong = bytes.slice();
    wrong[500] ^= 1;
    this.#store.set(hash, wrong);
    return encodeBlobRef(makeSmall(SEND_URI, hash, BigInt(bytes.length)));
  }

  #silent(): Uint8Array {
    const hash = blake3(noise(100, this.#seed++));
    this.#store.set(hash, "never");
    return encodeBlobRef(makeSmall(SEND_URI, hash, 100n));
  }

  #tree(blobs: readonly Uint8Array[]): string {
    const entries = blobs.map((blob, at) => ({
      path: String(at),
      kind: { type: "file" as const, mode: 0o644, blob },
    }));
    const manifest = encodeDirManifest({ version: 1, entries });
    const { ref, chunks } = chunkPayload(manifest, SEND_URI);
    for (const { hash, bytes } of chunks) this.#store.set(hash, bytes);
    return toHex(encodeBlobRef(ref));
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#served;
    await this.#node[Symbol.asyncDispose]();
  }
}
