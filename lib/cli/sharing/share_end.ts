/** When a share ends, and what that means. */

import { TimeoutError, TransferError } from "../../errors.ts";
import type { ShareEnd } from "./share_page.ts";

/** What a share is waiting for. */
export interface ShareEndOptions {
  /** Whole fetches after which it ends. */
  readonly count?: number;
  /** Milliseconds after which it ends. */
  readonly forMs?: number;
  /** Ends it, too. */
  readonly signal: AbortSignal;
}

/** Counts whole fetches, and ends the share in time. */
export class ShareEnding implements Disposable {
  readonly #options: ShareEndOptions;
  readonly #done = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #ended: ShareEnd | undefined;
  #whole = 0;

  constructor(options: ShareEndOptions) {
    this.#options = options;
    const { forMs, signal } = options;
    if (forMs !== undefined) {
      this.#timer = setTimeout(() => this.#end("time"), forMs);
    }
    signal.addEventListener("abort", () => this.#end("signal"), {
      signal: this.#done.signal,
    });
    if (signal.aborted) this.#end("signal");
  }

  /** Aborted when it is over: nothing new is served. */
  get signal(): AbortSignal {
    return this.#done.signal;
  }

  /** Whole fetches so far. */
  get whole(): number {
    return this.#whole;
  }

  /** Why it is over. */
  get ended(): ShareEnd {
    return this.#ended ?? "signal";
  }

  /** Somebody has fetched all of it. */
  count(): void {
    this.#whole++;
    const { count } = this.#options;
    if (count !== undefined && this.#whole >= count) this.#end("count");
  }

  /** Fails when it was over before what it was to wait for. */
  requireReached(): void {
    const { count, signal } = this.#options;
    if (count === undefined || this.#whole >= count) return;
    const sofar = `${this.#whole} of ${count} whole ${
      count === 1 ? "fetch" : "fetches"
    }`;
    if (this.#ended === "time") {
      throw new TimeoutError(`the time was over after ${sofar}`, {
        hint: "give it longer with --for, or share it again",
        fields: { fetches: this.#whole },
      });
    }
    const { reason } = signal;
    const why = reason instanceof Error ? reason.message : "interrupted";
    throw new TransferError("interrupted", `${why} after ${sofar}`, {
      fields: { fetches: this.#whole },
    });
  }

  #end(why: ShareEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#done.abort(new TransferError("interrupted", "the share is over"));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#done.abort();
  }
}
