/**
 * Erases to the end of the screen: after a resize the status line may be
 * several rows. The row itself goes first: terminals that keep what a whole
 * screen held when it is erased would keep it, too.
 */
const CLEAR = "\r\x1b[K\x1b[J";

/**
 * Draws over what was there, with wrapping off: the terminal may have become
 * narrower, or count some character differently. The cursor goes back to the
 * first column of the first row, which stays that however a resize folds it.
 */
function drawing(text: string): string {
  const rows = text.split("\n");
  const up = rows.length > 1 ? `\x1b[${rows.length - 1}A` : "";
  const drawn = rows.join("\x1b[K\n");
  return `\r\x1b[?7l${drawn}\x1b[J\x1b[?7h\r${up}`;
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

  /**
   * Draws, redraws or (when empty) removes the status, of one row or a few; only
   * for a terminal.
   */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.#write(text === "" ? CLEAR : drawing(text));
  }

  /** Draws the status again: something else has written to the terminal. */
  redraw(): void {
    if (this.#status !== "") this.#write(drawing(this.#status));
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
