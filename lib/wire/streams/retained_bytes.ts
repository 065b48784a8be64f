import { SEND_RETAINED_MAX } from "../../limits.ts";

/** Bytes written and not yet acknowledged, on all streams of a connection. */
export class RetainedBytes {
  #bytes = 0;

  /** Whether writers should wait. */
  get isFull(): boolean {
    return this.#bytes > SEND_RETAINED_MAX;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /**
   * So many need not be kept any more.
   *
   * @returns Whether writers that wait may go on.
   */
  release(bytes: number): boolean {
    const wasFull = this.isFull;
    this.#bytes -= bytes;
    return wasFull && !this.isFull;
  }
}
