import { toHex } from "../../content/mod.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";

/** Nobody fetches the chunk any more, and it was not looked for to the end. */
export const GIVEN_UP: unique symbol = Symbol("given up");

/** What became of a fetch: the bytes, or `undefined` when the upstream has none. */
export type Fetched = Uint8Array | undefined | typeof GIVEN_UP;

/** One chunk that is being fetched, for everyone who asks meanwhile. */
export class Flight {
  /** BLAKE3 of the chunk. */
  readonly hash: Uint8Array;
  /** Keys of those who asked, in hex; "" is this node itself. */
  readonly owners: Set<string> = new Set();
  /** How it ends; rejects with why it failed. */
  readonly result: Promise<Fetched>;
  /** Its row. */
  transfer?: RegisteredTransfer;
  readonly #result = Promise.withResolvers<Fetched>();
  readonly #onEnd: () => void;
  #over = false;

  constructor(hash: Uint8Array, onEnd: () => void) {
    this.hash = hash;
    this.result = this.#result.promise;
    // Perhaps nobody waits for it any more.
    this.result.catch(() => {});
    this.#onEnd = onEnd;
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether the holder of a key alone asked. */
  isOwnedBy(publicKey: Uint8Array): boolean {
    return this.owners.size === 1 && this.owners.has(toHex(publicKey));
  }

  /** Ends it. */
  end(fetched: Fetched): void {
    this.#end();
    this.#result.resolve(fetched);
  }

  /** Ends it with a failure. */
  fail(error: unknown): void {
    this.#end();
    this.#result.reject(error);
  }

  #end(): void {
    this.#over = true;
    this.transfer?.end();
    this.#onEnd();
  }
}
