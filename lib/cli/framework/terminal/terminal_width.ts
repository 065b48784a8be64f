/** Columns of a terminal of unknown size. */
const USUAL_WIDTH = 80;

/** Rows of such a one. */
const USUAL_HEIGHT = 24;

/** Columns of the terminal that the process is in. */
export function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns || USUAL_WIDTH;
  } catch {
    return USUAL_WIDTH;
  }
}

/** Columns and rows of the terminal; of one of unknown size the usual ones. */
export function terminalRoom(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || USUAL_WIDTH, rows: rows || USUAL_HEIGHT };
  } catch {
    return { columns: USUAL_WIDTH, rows: USUAL_HEIGHT };
  }
}
