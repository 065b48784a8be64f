/**
 * That a flag does something: two runs that differ in the flag alone and are
 * seen to differ, or a test elsewhere that is about it.
 *
 * @module
 */

import type { Place } from "./row.ts";

/** What was seen without the flag, or with another value, and with it. */
export type Seen = readonly [without: unknown, with_: unknown];

/** Options that many verbs take and one piece of code reads. */
export type Group = "attach" | "global";

/** A flag of a verb, or of a group of flags, and how its effect shows. */
export interface FlagEffect {
  /** The words of the verb, or the group. */
  readonly of: string;
  /** The long name, without dashes. */
  readonly flag: string;
  /** What is seen. */
  readonly how: string;
  /** Sees it. */
  readonly look?: (place: Place) => Promise<Seen>;
  /** The beginning of the name of a test that uses the flag, and its file. */
  readonly test?: { readonly file: string; readonly name: string };
}

/** An effect that two runs show. */
export function effect(
  of: string,
  flag: string,
  how: string,
  look: (place: Place) => Promise<Seen>,
): FlagEffect {
  return { of, flag, how, look };
}

/** Effects that a test below `tests/` shows, by the name of the test. */
export function tested(
  of: string,
  flags: readonly string[],
  file: string,
  name: string,
): FlagEffect[] {
  return flags.map((flag) => ({
    of,
    flag,
    how: name,
    test: { file, name },
  }));
}

/** The exit codes of two command lines. */
export async function codes(
  place: Place,
  without: readonly string[],
  with_: readonly string[],
): Promise<Seen> {
  return [
    (await place.run(...without)).code,
    (await place.run(...with_)).code,
  ];
}
