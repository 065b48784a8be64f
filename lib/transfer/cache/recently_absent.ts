import { UPSTREAM_ABSENT_MAX } from "../../limits.ts";

/** What was not there a moment ago, by name; the oldest is forgotten first. */
export class RecentlyAbsent {
  /** When each was found absent, oldest first. */
  readonly #since = new Map<string, number>();

  /**
   * @param ms For how long it is remembered.
   * @param now Milliseconds of a clock that does not go back.
   * @param max How many are remembered.
   */
  constructor(
    private readonly ms: number,
    private readonly now: () => number = () => performance.now(),
    private readonly max: number = UPSTREAM_ABSENT_MAX,
  ) {}

  /** How many are remembered. */
  get size(): number {
    return this.#since.size;
  }

  has(key: string): boolean {
    const since = this.#since.get(key);
    return since !== undefined && this.now() - since < this.ms;
  }

  add(key: string): void {
    const now = this.now();
    this.#since.delete(key);
    this.#since.set(key, now);
    for (const [oldest, since] of this.#since) {
      if (this.#since.size <= this.max && now - since < this.ms) return;
      this.#since.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#since.delete(key);
  }
}
