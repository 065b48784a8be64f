/**
 * Flags and arguments as data. Parsing, help, and whatever else describes the
 * command line read the same tables.
 */

import type { ValueKind } from "./value_kind.ts";

/** How often an option may stand and what it carries. */
export type OptionForm = "flag" | "count" | "value" | "values";

export interface OptionDetails {
  /** One letter that stands for the option after a single dash. */
  readonly short?: string;
  /** What it does, in one sentence without a full stop. */
  readonly help: string;
  /** A variable that sets it when neither it nor a rival is on the command line. */
  readonly env?: string;
  /** Names of options that cannot stand beside it. */
  readonly conflicts?: readonly string[];
  /**
   * The value that it has when it stands alone; what follows it is its value only
   * where that is one of its words.
   */
  readonly bare?: string;
  /** The default as the help page shows it, when it is not the parsed one. */
  readonly shownDefault?: string;
  /** The heading it stands under in help, when it is not the verb's own. */
  readonly group?: string;
  /** Whether short help shows it, too, though it stands under such a heading. */
  readonly isUsual?: boolean;
}

export interface Option<T = unknown> extends OptionDetails {
  /** The long name, without dashes. */
  readonly name: string;
  readonly form: OptionForm;
  /** What its value may be, for the forms that have one. */
  readonly value?: ValueKind<unknown>;
  /** The value it has when nothing sets it, as it would be typed. */
  readonly default?: string;
  readonly required?: boolean;
  /** Never set: carries the type. */
  readonly type?: T;
}

/**
 * A positional argument whose value is a `T`; only the last of a verb may be
 * repeated.
 */
export interface Argument<T = unknown> {
  readonly value: ValueKind<unknown>;
  /** What it is, in one sentence without a full stop. */
  readonly help: string;
  readonly required: boolean;
  /** Whether it takes all that remain. */
  readonly repeated: boolean;
  /** Never set: carries the type. */
  readonly type?: T;
}

/** A table of options, by the name of the property that gets the value. */
export type OptionTable = Readonly<Record<string, Option>>;

export type ArgumentTable = Readonly<Record<string, Argument>>;

export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Option<infer V> ? V
    : T[K] extends Argument<infer V> ? V
    : never;
};

export function flag(name: string, details: OptionDetails): Option<boolean> {
  return { ...details, name, form: "flag" };
}

export function counted(name: string, details: OptionDetails): Option<number> {
  return { ...details, name, form: "count" };
}

export function optional<T>(
  name: string,
  value: ValueKind<T>,
  details: OptionDetails,
): Option<T | undefined> {
  return { ...details, name, value, form: "value" };
}

export function withDefault<T>(
  name: string,
  value: ValueKind<T>,
  defaultValue: string,
  details: OptionDetails,
): Option<T> {
  return { ...details, name, value, default: defaultValue, form: "value" };
}

export function required<T>(
  name: string,
  value: ValueKind<T>,
  details: OptionDetails,
): Option<T> {
  return { ...details, name, value, required: true, form: "value" };
}

/** An option that may stand any number of times, with one value each. */
export function repeatable<T>(
  name: string,
  value: ValueKind<T>,
  details: OptionDetails,
): Option<readonly T[]> {
  return { ...details, name, value, form: "values" };
}

/** Puts a table of options under a heading of their own in help. */
export function grouped<T extends OptionTable>(heading: string, table: T): T {
  return Object.fromEntries(
    Object.entries(table).map((
      [key, spec],
    ) => [key, { ...spec, group: spec.group ?? heading }]),
    // The same keys and options, with nothing but the heading added.
  ) as T;
}

export function argument<T>(value: ValueKind<T>, help: string): Argument<T> {
  return { value, help, required: true, repeated: false };
}

export function optionalArgument<T>(
  value: ValueKind<T>,
  help: string,
): Argument<T | undefined> {
  return { value, help, required: false, repeated: false };
}

/** An argument that takes all that remain, none included. */
export function restArguments<T>(
  value: ValueKind<T>,
  help: string,
): Argument<readonly T[]> {
  return { value, help, required: false, repeated: true };
}

/** An option as it is typed, the short form first. */
export function spellings({ name, short }: Option): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
}

/** An option as messages and help write it: `--out <FILE>`. */
export function displayOption(spec: Option): string {
  return spec.value === undefined
    ? `--${spec.name}`
    : `--${spec.name} <${spec.value.metavar}>`;
}

/** An argument as messages and help write it: `<PATH>`, `[PATH]...`. */
export function displayArgument(spec: Argument): string {
  const name = spec.required
    ? `<${spec.value.metavar}>`
    : `[${spec.value.metavar}]`;
  return spec.repeated ? `${name}...` : name;
}
