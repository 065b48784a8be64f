import { toHex } from "../../content/mod.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";

/** A chunk that the local store lacks, for everyone who waits for it. */
export class Miss {
  /** BLAKE3 of the chunk. */
  readonly hash: Uint8Array;
  /** Keys of those who asked, in hex; "" is this node itself. */
  readonly owners: Set<string> = new Set();
  /** The bytes, or `undefined` when the upstream has none; rejects with why it failed. */
  readonly result: Promise<Uint8Array | undefined>;
  /** Its row, once it is part of a request. */
  transfer?: RegisteredTransfer;
  /** Told when it has ended. */
  onEnd?: () => void;
  readonly #result = Promise.withResolvers<Uint8Array | undefined>();
  #isOver = false;

  constructor(hash: Uint8Array) {
    this.hash = hash;
    this.result = this.#result.promise;
  }

  /** Whether it has ended, or its request brings it to its end. */
  get isTaken(): boolean {
    return this.#isOver || this.onEnd !== undefined;
  }

  /** Whether the holder of a key alone asked. */
  isOwnedBy(publicKey: Uint8Array): boolean {
    return this.owners.size === 1 && this.owners.has(toHex(publicKey));
  }

  /** Ends it; later ends do nothing. */
  end(bytes: Uint8Array | undefined): void {
    this.#end();
    this.#result.resolve(bytes);
  }

  /** Ends it with a failure. */
  fail(error: unknown): void {
    this.#end();
    this.#result.reject(error);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.transfer?.end();
    this.onEnd?.();
  }
}
