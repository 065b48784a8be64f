/** What each letter multiplies with, in powers. */
const POWERS = ["", "K", "M", "G", "T"];

const SYNTAX = /^([0-9]{1,15}(?:\.[0-9]{1,9})?)([KMGT]?)(I?B)?$/;

/**
 * Parses a number of bytes as people write it: `500K`, `1.5M`, `10MB`. A letter
 * alone, or with `iB`, counts in 1024s, as curl and rsync do, with `B` in 1000s.
 *
 * @returns `undefined` when it is none; it may be 0 and more than is safe.
 */
export function parseByteCount(value: string): number | undefined {
  const found = SYNTAX.exec(value.toUpperCase());
  if (found === null) return undefined;
  const [, number, letter, unit] = found;
  const base = unit === "B" ? 1000 : 1024;
  return Math.round(Number(number) * base ** POWERS.indexOf(letter));
}
