/**
 * Codes: a number that is public, and words that are secret, to be spoken and
 * typed. `7-topic-lemon-cargo`.
 */

import { closestString } from "@std/text";
import { UsageError } from "../errors.ts";
import { CODE_NUMBER_MAX, CODE_TEXT_MAX } from "../limits.ts";
import { WORDS } from "./words.ts";

/** Words of a code: with so many there are 2^28 codes and more for each number. */
const CODE_WORDS = 3;
/** Letters by which a word is known, if no other begins so. */
const PREFIX_LETTERS = 3;
/** Numbers of one or two digits, as long as they suffice. */
export const SHORT_NUMBERS = 99;

/** A code. */
export interface Code {
  /** The public part: finds the share. */
  readonly number: number;
  /** The secret part. */
  readonly words: readonly string[];
}

/** A whole number below `below`, by bytes that are all equally likely. */
function uniform(below: number, random: (bytes: Uint8Array) => void): number {
  const draw = new Uint32Array(1);
  // What is left over would make the first ones likelier.
  const usable = Math.floor(2 ** 32 / below) * below;
  do random(new Uint8Array(draw.buffer)); while (draw[0] >= usable);
  const value = draw[0] % below;
  draw[0] = 0;
  return value;
}

/** How codes are made. */
export interface MakeCodeOptions {
  /** Numbers that are not to be used, since another share has them. */
  readonly taken?: ReadonlySet<number>;
  /** Fills an array at random. */
  readonly random: (bytes: Uint8Array) => void;
}

/** Makes a code; its words are chosen again for each. */
export function makeCode({ taken, random }: MakeCodeOptions): Code {
  const free = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
      .filter((number) => !taken?.has(number));
  const short = free(1, SHORT_NUMBERS);
  const numbers = short.length > 0
    ? short
    : free(SHORT_NUMBERS + 1, CODE_NUMBER_MAX);
  if (numbers.length === 0) {
    throw new UsageError("every number of a code is taken here", {
      hint: "give the ticket instead",
    });
  }
  return {
    number: numbers[uniform(numbers.length, random)],
    words: Array.from(
      { length: CODE_WORDS },
      () => WORDS[uniform(WORDS.length, random)],
    ),
  };
}

/** Writes a code as it is shown. */
export function formatCode({ number, words }: Code): string {
  return [number, ...words].join("-");
}

/** What stands between the parts of a code. */
const BETWEEN = /[\s\-_.,;:/+]+/;

/** Whether a text is meant to be a code, and not, for example, a path or a ticket. */
export function looksLikeCode(text: string): boolean {
  return /^\s*\d{1,3}[\s\-_.,;:/+]+[a-z]+([\s\-_.,;:/+]+[a-z]+)*\s*$/i.test(
    text,
  );
}

/**
 * Reads a code as people type it: upper case, spaces or other signs between the
 * words, and words cut where no other begins alike, are accepted.
 *
 * @throws {UsageError} When it is none; says which word is none, and which is
 * meant, but never the others.
 */
export function parseCode(text: string): Code {
  const form = `a code is a number and ${CODE_WORDS} words, ` +
    "such as 7-topic-lemon-cargo";
  if (text.length > CODE_TEXT_MAX) {
    throw new UsageError(`the code is longer than any: ${form}`);
  }
  const parts = text.trim().toLowerCase().split(BETWEEN)
    .filter((part) => part !== "");
  const [first = "", ...rest] = parts;
  const number = Number(first);
  if (!/^\d{1,4}$/.test(first) || number < 1 || number > CODE_NUMBER_MAX) {
    throw new UsageError(
      `the code does not begin with a number from 1 to ${CODE_NUMBER_MAX}: ${form}`,
    );
  }
  if (rest.length !== CODE_WORDS) {
    throw new UsageError(
      `the code has ${rest.length} words, not ${CODE_WORDS}: ${form}`,
    );
  }
  return { number, words: rest.map(readWord) };
}

function readWord(typed: string, index: number): string {
  if (WORDS.includes(typed)) return typed;
  if (typed.length >= PREFIX_LETTERS) {
    const meant = WORDS.filter((word) => word.startsWith(typed));
    if (meant.length === 1) return meant[0];
  }
  const place = ["first", "second", "third"][index];
  const closest: string = closestString(typed, WORDS);
  throw new UsageError(`the ${place} word of the code is no word of codes`, {
    hint: `did you mean "${closest}"?`,
  });
}
