import type { ScreenTarget } from "../screen.ts";

/** Keeps what is written to it. */
export class Recorder implements ScreenTarget {
  text = "";
  readonly #step: number;

  /** Takes at most so many bytes at a time, as a full pipe would. */
  constructor(step = Infinity) {
    this.#step = step;
  }

  writeSync(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#step);
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }
}
