/**
 * One behaviour of the reference implementation, and what this program does.
 */

import type { Place } from "./place.ts";

/** What can be observed of a run. */
export type Outcome = Readonly<Record<string, unknown>>;

/** A behaviour. */
export interface Row {
  /** What is looked at. */
  readonly description: string;
  /** Where the reference pins or shows it. */
  readonly source: string;
  /** What the reference does. */
  readonly reference: Outcome;
  /** What this program does where that is not the same. */
  readonly ours?: Outcome;
  /** Why it is not the same. */
  readonly reason?: string;
  /** Makes it happen. */
  run(place: Place): Promise<Outcome>;
}

/** Rows by their ids. */
export type Rows = Readonly<Record<string, Row>>;

/** Gives rows the source that they do not name themselves. */
export function from(
  source: string,
  rows: Readonly<Record<string, Omit<Row, "source"> & { source?: string }>>,
): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([id, row]) => [id, { source, ...row }]),
  );
}

/** Thrown by a row that cannot be observed on this machine, with the reason. */
export class Skipped extends Error {}
