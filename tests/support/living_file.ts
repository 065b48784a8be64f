/** A file that somebody writes to all the time. */

import { delay } from "@std/async";

/** Long enough that reading it takes many times as long as touching it. */
const LENGTH = 64 * 2 ** 20;

/** Sets the times of a large file again and again until it is disposed of. */
export class LivingFile implements AsyncDisposable {
  #isOver = false;
  readonly #touched: Promise<void>;

  private constructor(readonly path: string) {
    this.#touched = this.#touch();
  }

  static async make(path: string): Promise<LivingFile> {
    using file = await Deno.open(path, { write: true, create: true });
    await file.truncate(LENGTH);
    return new LivingFile(path);
  }

  async #touch(): Promise<void> {
    for (let second = 1; !this.#isOver; second++) {
      await Deno.utime(this.path, second, second);
      await delay(1);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#touched;
  }
}
