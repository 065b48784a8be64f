/** Columns of a terminal of unknown size. */
const USUAL_WIDTH = 80;

/** Columns of the terminal that the process is in. */
export function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns || USUAL_WIDTH;
  } catch {
    return USUAL_WIDTH;
  }
}
