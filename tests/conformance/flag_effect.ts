/**
 * That a flag does something: two runs that differ in the flag alone and are
 * seen to differ.
 */

import type { Place } from "./place.ts";

/** What was seen without the flag, or with another value, and with it. */
export type Seen = readonly [without: unknown, with_: unknown];

/** How the effect of a flag shows. */
export interface FlagEffect {
  /** What is seen. */
  readonly how: string;
  /** Sees it. */
  readonly look: (place: Place) => Promise<Seen>;
}

/** Effects by verb and flag: `recv-dir --out`. */
export type FlagEffects = Readonly<Record<string, FlagEffect>>;

/** An effect that two runs show. */
export function effect(
  how: string,
  look: (place: Place) => Promise<Seen>,
): FlagEffect {
  return { how, look };
}

/** An effect that one observation shows, made without some flags and with them. */
export function seenWith(
  how: string,
  flags: readonly string[] | ((place: Place) => Promise<readonly string[]>),
  see: (place: Place, more: readonly string[]) => Promise<unknown>,
): FlagEffect {
  return effect(how, async (place) => {
    const given = typeof flags === "function" ? await flags(place) : flags;
    return [await see(place, []), await see(place, given)];
  });
}
