import { giveWay } from "../async/give_way.ts";

/**
 * Longest stretch of synchronous work before other tasks get a turn, in
 * milliseconds.
 */
const SLICE_MS = 4;

/**
 * Lets long runs of synchronous work give way to the event loop now and then.
 *
 * Synchronous file calls are several times faster than asynchronous ones for
 * small files; this keeps them from starving timers and sockets.
 */
export class TimeSlice {
  #started = performance.now();

  /**
   * Whether others have waited long enough; cheap enough to look at for every
   * small file.
   */
  get isOver(): boolean {
    return performance.now() - this.#started > SLICE_MS;
  }

  /** Gives everything else a turn; throws the reason of an aborted signal. */
  async giveWay(signal?: AbortSignal): Promise<void> {
    await giveWay();
    this.#started = performance.now();
    signal?.throwIfAborted();
  }
}
