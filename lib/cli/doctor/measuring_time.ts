/** Most milliseconds that anything is measured. */
export const MEASURE_MS_MAX = 10_000;
/** Milliseconds that a disk or a path is measured, and a processor. */
const USUAL_MS = 1000;
const PROCESSOR_MS = 300;
/** A path is measured for so many of its round trips, up to a bound. */
const ROUND_TRIPS = 25;
const PATH_MS_MAX = 6000;

/** How long each measurement takes, in milliseconds. */
export class MeasuringTime {
  readonly disk: number;
  readonly processor: number;
  readonly #given: number | undefined;
  readonly #max: number;

  /**
   * @param given What the user wants.
   * @param timeout What is waited for a request.
   */
  constructor(given: number | undefined, timeout: number) {
    this.#given = given;
    this.#max = Math.min(timeout, MEASURE_MS_MAX);
    this.disk = Math.min(given ?? USUAL_MS, this.#max);
    // Nothing else happens meanwhile, so that a signal has to wait.
    this.processor = Math.min(given ?? PROCESSOR_MS, USUAL_MS, this.#max);
  }

  /** For a rate of a path with this smallest round trip. */
  path(roundTripMs: number): number {
    const usual = Math.max(
      USUAL_MS,
      Math.min(PATH_MS_MAX, ROUND_TRIPS * roundTripMs),
    );
    return Math.min(this.#given ?? usual, this.#max);
  }
}
