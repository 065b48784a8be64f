import { setImmediate } from "node:timers";

/** Longest stretch of synchronous work before other tasks get a turn, in milliseconds. */
const STRETCH_MS = 10;

/**
 * Lets long runs of synchronous work give way to the event loop now and then.
 *
 * Synchronous file calls are several times faster than asynchronous ones for
 * small files; this keeps them from starving timers and sockets.
 */
export class Pacer {
  #turnStarted = performance.now();

  /** Whether a rest is due; cheap enough to ask for every small file. */
  get due(): boolean {
    return performance.now() - this.#turnStarted > STRETCH_MS;
  }

  /**
   * Gives everything else a turn.
   *
   * @throws The reason of `signal`, when it is aborted.
   */
  async rest(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(() => resolve()));
    this.#turnStarted = performance.now();
    signal?.throwIfAborted();
  }
}
