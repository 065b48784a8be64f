import { abortable } from "@std/async";
import { Semaphore } from "../async/semaphore.ts";
import { OBJECT_UPLOAD_BYTES, OBJECT_UPLOADS_MAX } from "../limits.ts";
import type {
  CopyTarget,
  ReadContext,
  WritableChunkStore,
} from "../store/mod.ts";
import { toHex } from "../text/hex.ts";

/** A store whose chunks take time to put. */
export interface UploadTarget extends WritableChunkStore {
  /** Whether a chunk need not be uploaded. */
  isThere(hash: Uint8Array): Promise<boolean>;
}

/** Bounds of {@linkcode ObjectUploads}. */
export interface ObjectUploadsOptions {
  /** Ends what waits for room. */
  readonly signal?: AbortSignal;
  /** Bytes at once. @default {OBJECT_UPLOAD_BYTES} */
  readonly maxBytes?: number;
  /** Chunks at once. @default {OBJECT_UPLOADS_MAX} */
  readonly maxUploads?: number;
}

/**
 * Puts chunks into a slow store, many at once: `put` takes a copy and comes back
 * before it is uploaded, as long as there is room.
 *
 * What a publisher has put is there only after {@linkcode ObjectUploads.finish}.
 * Disposing of it does not wait, and disposes of the store.
 */
export class ObjectUploads implements CopyTarget {
  readonly #target: UploadTarget;
  readonly #signal?: AbortSignal;
  readonly #bytes: Semaphore;
  readonly #slots: Semaphore;
  readonly #running: Map<string, Promise<void>> = new Map();
  #failure?: { readonly error: unknown };

  constructor(target: UploadTarget, options: ObjectUploadsOptions = {}) {
    this.#target = target;
    this.#signal = options.signal;
    this.#bytes = new Semaphore(options.maxBytes ?? OBJECT_UPLOAD_BYTES);
    this.#slots = new Semaphore(options.maxUploads ?? OBJECT_UPLOADS_MAX);
  }

  /** Whether a chunk need not be put. */
  async isThere(hash: Uint8Array): Promise<boolean> {
    if (this.#running.has(toHex(hash))) return true;
    const asked = this.#target.isThere(hash);
    const signal = this.#signal;
    return await (signal === undefined ? asked : abortable(asked, signal));
  }

  /** As {@linkcode ObjectUploads.isThere}. */
  has(hash: Uint8Array): Promise<boolean> {
    return this.isThere(hash);
  }

  /** Reads from the store, which may not have all yet. */
  get(
    hash: Uint8Array,
    context?: ReadContext,
  ): Promise<Uint8Array | undefined> {
    return this.#target.get(hash, context);
  }

  /**
   * Begins to upload a chunk as soon as there is room for it.
   *
   * @throws What an upload before has failed with; there is no use in going on.
   */
  async put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.#throwFailure();
    const hex = toHex(hash);
    if (this.#running.has(hex)) return;
    using permits = new DisposableStack();
    permits.use(await this.#slots.acquire(1, this.#signal));
    permits.use(await this.#bytes.acquire(bytes.length, this.#signal));
    this.#throwFailure();
    const held = permits.move();
    const upload = this.#target.put(hash, bytes.slice())
      .catch((error) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        held.dispose();
        this.#running.delete(hex);
      });
    this.#running.set(hex, upload);
  }

  /**
   * Waits until everything is in the store.
   *
   * @throws What an upload has failed with, or the signal's reason.
   */
  async finish(): Promise<void> {
    const all = Promise.all(this.#running.values());
    await (this.#signal === undefined ? all : abortable(all, this.#signal));
    this.#throwFailure();
  }

  /** Ends what is still being uploaded, and the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target[Symbol.asyncDispose]();
    await Promise.all(this.#running.values());
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
