/** The latest packet numbers of some kind. */
export class LatestNumbers {
  /** The latest last. */
  protected readonly numbers: number[] = [];

  /** @param remembered How many are kept. */
  constructor(private readonly remembered: number) {}

  /** Each is larger than those before. */
  add(number: number): void {
    this.numbers.push(number);
    if (this.numbers.length > this.remembered) this.numbers.shift();
  }

  /** How many lie between two other numbers. */
  countBetween(from: number, to: number): number {
    let count = 0;
    for (let i = this.numbers.length - 1; i >= 0; i--) {
      const number = this.numbers[i];
      if (number <= from) break;
      if (number < to) count++;
    }
    return count;
  }
}
