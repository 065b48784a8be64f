import type { Paint } from "../terminal/paint.ts";

/** A number that is printed with a fraction whatever its value: `12.0`. */
export class Float {
  constructor(
    readonly value: number,
  ) {}
}

/**
 * A number of 64 bits that names something. Programs get its text in
 * hexadecimal, too, since many of them round such numbers.
 */
export class Id {
  constructor(
    readonly value: bigint,
  ) {}

  /** `0x` and 16 digits. */
  get hex(): string {
    return `0x${this.value.toString(16).padStart(16, "0")}`;
  }
}

/** A value of a result; `number` is a safe integer. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Float
  | Id
  | readonly Value[]
  | Fields;

/** Named values in the order they are printed; `undefined` is left out. */
export interface Fields {
  readonly [name: string]: Value | undefined;
}

/** A result that people read as one line, or as a table of its fields. */
export interface LineReport {
  /** The result for programs, and for people as a table. */
  readonly fields: Fields;
  /** The result for people as one line. */
  text(): string;
  /**
   * The result for people where a table of its fields says too little or too
   * much: escaped lines, without a newline at the end.
   */
  page?(paint: Paint): string;
}

/** A result that neither a line nor a table of its fields can say to people. */
export interface PageReport {
  /** The result for programs. */
  readonly fields: Fields;
  /** The result for people: escaped lines, without a newline at the end. */
  page(paint: Paint): string;
}

/** What a verb has to say. */
export type Report = LineReport | PageReport;

export const OUTPUT_FORMATS = [
  "json",
  "ndjson",
  "yaml",
  "table",
  "text",
] as const;

export type OutputFormat = typeof OUTPUT_FORMATS[number];

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isFields(value: Value): value is Fields {
  return typeof value === "object" && value !== null && !isList(value) &&
    !(value instanceof Float) && !(value instanceof Id);
}

/** The named parts that are there, in order. */
export function entriesOf(fields: Fields): [string, Value][] {
  return Object.entries(fields).filter((entry): entry is [string, Value] =>
    entry[1] !== undefined
  );
}

/**
 * The same with the text of each id: `NAME_hex`, behind the other fields of its
 * object.
 */
export function withIdTexts(value: Value): Value {
  if (isList(value)) return value.map(withIdTexts);
  if (!isFields(value)) return value;
  const entries = entriesOf(value);
  const texts = entries.flatMap(([name, part]) =>
    part instanceof Id ? [[`${name}_hex`, part.hex]] : []
  );
  return Object.fromEntries([
    ...entries.map(([name, part]) => [name, withIdTexts(part)]),
    ...texts,
  ]);
}

/** Writes a number as JSON and YAML have it, or throws when it would not be exact. */
export function formatNumber(value: number | bigint | Float | Id): string {
  if (value instanceof Id) return String(value.value);
  if (value instanceof Float) {
    if (!Number.isFinite(value.value)) {
      throw new RangeError(`Cannot print ${value.value}: not a finite number`);
    }
    // YAML 1.1 knows `1.0e-7` for a number, but not `1e-7`.
    return String(value.value).replace(/^(-?\d+)(?=e|$)/, "$1.0");
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot print ${value}: not an exact integer`);
  }
  return String(value);
}
