import { awakeTimeout, type AwakeTimers } from "../async/awake_timeout.ts";
import { OBJECT_PROGRESS_BYTES } from "../limits.ts";

/**
 * Ends a request that makes no progress: less than
 * {@linkcode OBJECT_PROGRESS_BYTES} for too long. A byte now and then is none.
 */
export class SilenceWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #caller?: AbortSignal;
  readonly #onAbort = () => this.#controller.abort(this.#caller?.reason);
  readonly #ms: number;
  readonly #timers?: AwakeTimers;
  #stop = () => {};
  #bytes = 0;
  #hadProgress = false;
  #isSilent = false;

  /**
   * Begins to watch.
   *
   * @param ms Longest time without progress, in milliseconds; it is noticed
   * before twice of it is over.
   * @param caller Ends the request, too.
   */
  constructor(ms: number, caller?: AbortSignal, timers?: AwakeTimers) {
    this.#ms = ms;
    this.#caller = caller;
    this.#timers = timers;
    caller?.addEventListener("abort", this.#onAbort);
    if (caller?.aborted) this.#onAbort();
    this.#start();
  }

  /** Aborts when the request is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it ended the request for its silence. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Notes that so many bytes have come. */
  noteBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes >= OBJECT_PROGRESS_BYTES) this.noteProgress();
  }

  /** Notes that something has happened that is progress. */
  noteProgress(): void {
    this.#bytes = 0;
    this.#hadProgress = true;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#stop();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  #start(): void {
    this.#stop = awakeTimeout(() => this.#look(), this.#ms, this.#timers);
  }

  #look(): void {
    if (this.#hadProgress) {
      this.#hadProgress = false;
      return this.#start();
    }
    this.#isSilent = true;
    this.#controller.abort();
  }
}
