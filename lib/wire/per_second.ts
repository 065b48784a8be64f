/** So many of something in each second, and no more. Times are milliseconds. */
export class PerSecond {
  #since = -Infinity;
  #taken = 0;

  /** @param max How many. */
  constructor(private readonly max: number) {}

  /** Takes one; false when this second has had all of them. */
  take(now: number): boolean {
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#taken = 0;
    }
    if (this.#taken >= this.max) return false;
    this.#taken++;
    return true;
  }
}
