/** Wrapping text to a width. */

export function fill(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** As much of a sentence as fits one line: whole clauses, if there are any. */
export function firstClauses(text: string, width: number): string {
  const [clause] = text.split(/[;:] | \(/, 1);
  if (clause.length <= width) return clause;
  const [line] = fill(clause, width - 1);
  const whole = line.slice(0, line.lastIndexOf(","));
  return line.includes(",") && whole.length > width / 2 ? whole : `${line}…`;
}

/** A word as a shell reads it, an option together with its value. */
const PIECE = /(?:--[^\s=']+ (?=[^\s-]))?(?:'[^']*'|[^\s'])+/g;

/** Breaks a command line as a shell reads it, with a backslash before each break. */
export function wrapCommand(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const [piece] of line.matchAll(PIECE)) {
    const longer = current === "" ? piece : `${current} ${piece}`;
    if (current !== "" && longer.length > width - 2) {
      lines.push(`${current} \\`);
      current = `  ${piece}`;
    } else current = longer;
  }
  return [...lines, current];
}
