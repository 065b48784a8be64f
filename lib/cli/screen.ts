/**
 * stderr: whole lines, and below them at most one line that is redrawn in
 * place.
 *
 * @module
 */

const CLEAR_LINE = "\r\x1b[K";

/** Where a {@linkcode Screen} writes. */
export interface ScreenTarget {
  /** Writes some or all of the bytes and tells how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Owns stderr, so that log lines and the progress line never mix. */
export class Screen {
  readonly #target: ScreenTarget;
  readonly #encoder = new TextEncoder();
  #status = "";

  /** Makes the screen of a stream, usually `Deno.stderr`. */
  constructor(target: ScreenTarget) {
    this.#target = target;
  }

  /** Writes one line above the status line. */
  line(text: string): void {
    const clear = this.#status === "" ? "" : CLEAR_LINE;
    this.#write(`${clear}${text}\n${this.#status}`);
  }

  /** Draws, redraws or (when empty) removes the status line. */
  status(text: string): void {
    if (text === this.#status) return;
    const clear = this.#status === "" ? "" : CLEAR_LINE;
    this.#status = text;
    this.#write(clear + text);
  }

  #write(text: string): void {
    let bytes = this.#encoder.encode(text);
    try {
      while (bytes.length > 0) {
        bytes = bytes.subarray(this.#target.writeSync(bytes));
      }
    } catch (error) {
      // A closed or full stderr must not end the work it only reports on.
      if (!isWriteFailure(error)) throw error;
    }
  }
}

function isWriteFailure(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.WouldBlock ||
    error instanceof Deno.errors.BadResource ||
    (error instanceof Error && "code" in error);
}
