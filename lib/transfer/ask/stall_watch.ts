import { TimeoutError } from "../../errors.ts";

/** A request under watch. */
export interface WatchedRequest {
  /** `performance.now()` of its last progress. */
  lastProgress: number;
  /** Whether its answer has begun. */
  started: boolean;
  /** Ends it. */
  fail(reason: unknown): void;
}

/**
 * Ends requests that make no progress, with one timer for all requests of a
 * session.
 *
 * A request whose answer has not begun may stand in the holder's queue: it is
 * late only when nothing else of the session moves either. Otherwise a slow
 * line would fail for no other reason than being slow.
 */
export class StallWatch {
  /** Longest time without progress, in milliseconds. */
  readonly timeoutMs: number;
  #requests: Set<WatchedRequest> = new Set();
  #lastProgress = 0;
  #timer?: ReturnType<typeof setInterval>;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Starts to watch. */
  enter(request: WatchedRequest): void {
    this.#requests.add(request);
    this.#timer ??= setInterval(
      () => this.#check(),
      Math.max(1, Math.min(1000, this.timeoutMs / 4)),
    );
  }

  /** Notes that bytes of `request` arrived. */
  progress(request: WatchedRequest): void {
    request.lastProgress = this.#lastProgress = performance.now();
  }

  /** Stops to watch. */
  leave(request: WatchedRequest): void {
    this.#requests.delete(request);
    if (this.#requests.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = performance.now();
    for (const request of this.#requests) {
      const since = request.started
        ? request.lastProgress
        : Math.max(request.lastProgress, this.#lastProgress);
      if (now - since < this.timeoutMs) continue;
      request.fail(
        new TimeoutError(
          `the holder made no progress for ${this.timeoutMs} ms`,
          { hint: "Look whether the holder still runs, or allow more time." },
        ),
      );
    }
  }
}
