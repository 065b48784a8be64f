/**
 * Erases to the end of the screen: after a resize the status line may be
 * several rows.
 */
const CLEAR = "\r\x1b[J";

/**
 * Draws over the line before, with wrapping off: the terminal may have become
 * narrower, or count some character differently. The cursor goes back to the
 * first column, which stays the first of the line however a resize folds it.
 */
function drawing(text: string): string {
  return `\r\x1b[?7l${text}\x1b[J\x1b[?7h\r`;
}

export interface ScreenTarget {
  /** Writes some or all of the bytes and returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Owns stderr, so that log lines and the progress line never mix. */
export class Screen {
  readonly #target: ScreenTarget;
  readonly #encoder = new TextEncoder();
  #status = "";

  constructor(target: ScreenTarget) {
    this.#target = target;
  }

  /** Writes one line above the status line. */
  line(text: string): void {
    if (this.#status === "") this.#write(`${text}\n`);
    else this.#write(`${CLEAR}${text}\n${drawing(this.#status)}`);
  }

  /** Draws, redraws or (when empty) removes the status line; only for a terminal. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.#write(text === "" ? CLEAR : drawing(text));
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
