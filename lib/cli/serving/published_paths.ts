/** The paths that `serve` publishes, and with `--refresh` publishes again. */

import { blake3, type BlobRef, encodeBlobRef } from "../../content/mod.ts";
import type { ChunkStore, PublishedRef, SourceStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { ChangingContent, ChunkState } from "../../transfer/mod.ts";
import { messageOf } from "../failure.ts";
import type { Log } from "../framework/terminal/log.ts";

/** Publications that are kept: who has an older ticket still gets its manifest. */
const KEPT_MAX = 3;
/** Shortest time between the end of one publication and the next, in milliseconds. */
const PAUSE_MS = 5000;
/** Longest time that a peer is kept waiting for one, in milliseconds. */
const PATIENCE_MS = 10_000;

export interface PublishedPathsOptions {
  /** Reads the paths; called again for each refresh. */
  publish: () => Promise<SourceStore>;
  /** Whether they are published again when files have changed. */
  refresh: boolean;
  log: Log;
}

/**
 * Chunks of what the paths hold. With `refresh` they are published again when a
 * peer asks what has become of something that has changed: what was published
 * before stays, as far as it can still be read.
 */
export class PublishedPaths implements ChunkStore, ChangingContent {
  readonly #options: PublishedPathsOptions;
  /** The newest first. */
  #publications: SourceStore[];
  #refreshing: Promise<void> | undefined;
  #refreshedAt = -Infinity;
  /** Told after the paths were published again. */
  onRefreshed: () => Promise<void> = () => Promise.resolve();

  private constructor(options: PublishedPathsOptions, first: SourceStore) {
    this.#options = options;
    this.#publications = [first];
  }

  static async open(options: PublishedPathsOptions): Promise<PublishedPaths> {
    return new PublishedPaths(options, await options.publish());
  }

  /** What is served now, in the order of the paths. */
  get refs(): readonly PublishedRef[] {
    return this.#publications[0].refs;
  }

  async has(hash: Uint8Array): Promise<boolean> {
    for (const one of this.#publications) if (await one.has(hash)) return true;
    return false;
  }

  sizeOf(hash: Uint8Array): number {
    for (const one of this.#publications) {
      const size = one.sizeOf(hash);
      if (size > 0) return size;
    }
    return 0;
  }

  async get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    for (const one of this.#publications) {
      const bytes = await one.get(hash);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  stateOf(hash: Uint8Array): ChunkState {
    const states = this.#publications.map((one) => one.stateOf(hash));
    return states.includes("held")
      ? "held"
      : states.find((state) => state !== "unknown") ?? "unknown";
  }

  async refresh(ref: Uint8Array): Promise<BlobRef | undefined> {
    const { refresh } = this.#options;
    if (!refresh || this.#pathOf(ref) === undefined) return undefined;
    if (this.#publications[0].hasChanged) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([this.#refresh(), late]);
      clearTimeout(timer);
    }
    const path = this.#pathOf(ref);
    const now = this.refs.find((published) => published.path === path);
    return now !== undefined && toHex(idOf(now.ref)) !== toHex(ref)
      ? now.ref
      : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing;
    for (const one of this.#publications) await one[Symbol.asyncDispose]();
  }

  /** The path that is, or was, published under a reference. */
  #pathOf(ref: Uint8Array): string | undefined {
    const hex = toHex(ref);
    return this.#publications.flatMap(({ refs }) => refs)
      .find((published) => toHex(idOf(published.ref)) === hex)?.path;
  }

  /** Publishes again, unless that was done a moment ago. */
  #refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < PAUSE_MS) {
      return Promise.resolve();
    }
    return this.#refreshing ??= this.#publishAgain().finally(() => {
      this.#refreshedAt = performance.now();
      this.#refreshing = undefined;
    });
  }

  async #publishAgain(): Promise<void> {
    const { publish, log } = this.#options;
    try {
      const fresh = await publish();
      this.#publications.unshift(fresh);
      for (const old of this.#publications.splice(KEPT_MAX)) {
        await old[Symbol.asyncDispose]();
      }
      for (const { path, ref } of fresh.refs) {
        log.warn("published again, since files have changed", {
          path,
          ref: toHex(encodeBlobRef(ref)),
        });
      }
      await this.onRefreshed();
    } catch (error) {
      log.warn("cannot be published again", { reason: messageOf(error) });
    }
  }
}

/** What a query names a reference by. */
function idOf(ref: BlobRef): Uint8Array {
  return blake3(encodeBlobRef(ref));
}
