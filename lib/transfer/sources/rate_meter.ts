/** After how many milliseconds what was measured counts for a third. */
const MEMORY_MS = 1000;
/** Less time tells nothing of a rate. */
const MEASURED_MS = 50;

/** How fast bytes have come lately, while some were asked for. */
export class RateMeter {
  #bytes = 0;
  #ms = 0;

  /** Notes that `bytes` came in `ms` milliseconds more. */
  add(bytes: number, ms: number): void {
    const kept = Math.exp(-ms / MEMORY_MS);
    this.#bytes = this.#bytes * kept + bytes;
    this.#ms = this.#ms * kept + ms;
  }

  /** Bytes in a millisecond; `undefined` until something is known. */
  get rate(): number | undefined {
    if (this.#bytes === 0 || this.#ms < MEASURED_MS) return undefined;
    return this.#bytes / this.#ms;
  }
}
