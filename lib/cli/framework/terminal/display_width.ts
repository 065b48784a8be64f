/** How many columns text takes on a terminal, and cutting it to fit. */

import { eastAsianWidth } from "get-east-asian-width";

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * What takes no column of its own: controls, marks that combine with what stands
 * before, invisible characters, and the later parts of a Hangul syllable. The
 * soft hyphen and the Hangul fillers are invisible by name only.
 */
const ZERO_WIDTH =
  /^(?![\u00ad\u115f\u3164\uffa0])[\p{Cc}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

/** Makes the character before it an emoji, which is wide. */
const EMOJI_SELECTOR = "\ufe0f";

const EMOJI = /^\p{Emoji}$/u;

/** A character and the marks on it; cutting between them would change both. */
interface Cell {
  text: string;
  width: number;
}

function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  for (const character of text) {
    if (!ZERO_WIDTH.test(character)) {
      const width = eastAsianWidth(character.codePointAt(0) ?? 0);
      cells.push({ text: character, width });
      continue;
    }
    const before = cells.at(-1);
    if (before === undefined) {
      cells.push({ text: character, width: 0 });
      continue;
    }
    if (character === EMOJI_SELECTOR && EMOJI.test(before.text)) {
      before.width = 2;
    }
    before.text += character;
  }
  return cells;
}

/**
 * Columns on a terminal: 2 for wide characters (UAX #11) and emoji, 0 for
 * combining ones. Terminals differ about emoji that are joined into one; the
 * count is that of their parts, so that it is never too small.
 */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  return cellsOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** Cuts one end of text that is too wide, "left" to keep the end of a path. */
export function cutToWidth(
  text: string,
  columns: number,
  from: "left" | "right",
): string {
  if (columns < 1) return "";
  if (displayWidth(text) <= columns) return text;
  const cells = cellsOf(text);
  if (from === "left") cells.reverse();
  const kept: string[] = [];
  let room = columns - 1;
  for (const cell of cells) {
    if (cell.width > room) break;
    room -= cell.width;
    kept.push(cell.text);
  }
  return from === "left" ? `…${kept.reverse().join("")}` : `${kept.join("")}…`;
}
