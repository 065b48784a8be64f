/**
 * The command line parser: tables of options in, typed values or one precise
 * usage error out. Nothing else is read or written.
 *
 * @module
 */

import { TransferError, UsageError } from "../../../errors.ts";
import {
  type ArgumentTable,
  displayArgument,
  displayOption,
  type OptionSpec,
  type OptionTable,
} from "./option.ts";
import { tokens } from "./tokens.ts";
import type { ValueKind } from "./value_kind.ts";

/** What a command line may hold. */
export interface Grammar {
  /** Options, by the property that gets the value. */
  readonly options: OptionTable;
  /** Positional arguments in order. */
  readonly arguments: ArgumentTable;
}

/** The values of a parsed command line, by property. */
export interface ParsedArguments {
  /** An option that stops parsing at once, such as `help`, if one was met. */
  readonly stoppedAt?: string;
  /** Values by property name, as the tables type them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the options that stand on the command line. */
  readonly onCommandLine: ReadonlySet<string>;
  /** Names of the options that an environment variable has set. */
  readonly fromEnvironment: ReadonlySet<string>;
}

/** Where parsing looks besides the command line. */
export interface ParseOptions {
  /** Reads an environment variable. */
  env?: (name: string) => string | undefined;
  /** Properties of flags that stop parsing when they are met. */
  stopAt?: readonly string[];
}

function invalidValue(
  where: string,
  typed: string,
  kind: ValueKind<unknown>,
  error: unknown,
): TransferError {
  if (error instanceof TransferError) {
    return new TransferError(
      error.kind,
      `invalid value for '${where}': ${error.message}`,
      { ...error, cause: error },
    );
  }
  if (!(error instanceof RangeError)) throw error;
  const shown = kind.secret ? "" : ` '${typed}'`;
  return new UsageError(
    `invalid value${shown} for '${where}': ${error.message}`,
  );
}

function parseValue(
  where: string,
  typed: string,
  kind: ValueKind<unknown>,
): unknown {
  try {
    return kind.parse(typed);
  } catch (error) {
    throw invalidValue(where, typed, kind, error);
  }
}

/**
 * Finds where the first positional word stands, so that the verb can be known
 * before its options are.
 *
 * @param args The command line.
 * @param options The options that may stand before the verb.
 * @param stopAt Properties of flags that end the search when they are met.
 * @returns Its index, or `undefined` when there is none or a flag of `stopAt`
 * stands before it.
 * @throws {UsageError} When an option before it does not exist.
 */
export function findFirstWord(
  args: readonly string[],
  options: OptionTable,
  stopAt: readonly string[] = [],
): number | undefined {
  for (const token of tokens(args, options)) {
    if ("word" in token) return token.at;
    if (stopAt.includes(token.key)) return undefined;
  }
  return undefined;
}

/**
 * Parses a command line.
 *
 * @param args What follows the verb, and the options that stood before it.
 * @param grammar The tables.
 * @returns Values by property: `boolean` for a flag, `number` for a count, the
 * parsed value or `undefined` for a value, an array for a repeatable one.
 * @throws {UsageError} At the first thing that is wrong.
 *
 * @example
 * ```ts
 * import { flag, required } from "./option.ts";
 * import { parseArguments } from "./parse_arguments.ts";
 * import { FILE } from "./value_kind.ts";
 *
 * const { values } = parseArguments(["-q", "--out", "a.bin"], {
 *   options: {
 *     quiet: flag("quiet", { short: "q", help: "Say less" }),
 *     out: required("out", FILE, { help: "Where to write" }),
 *   },
 *   arguments: {},
 * });
 * console.log(values); // { quiet: true, out: "a.bin" }
 * ```
 */
export function parseArguments(
  args: readonly string[],
  grammar: Grammar,
  { env = () => undefined, stopAt = [] }: ParseOptions = {},
): ParsedArguments {
  const values: Record<string, unknown> = {};
  const words: string[] = [];
  /** How the option was given, for messages: its display, or a variable. */
  const given = new Map<string, string>();

  for (const token of tokens(args, grammar.options)) {
    if ("word" in token) {
      words.push(token.word);
      continue;
    }
    const { key, spec } = token;
    if (stopAt.includes(key)) {
      const none = new Set<string>();
      return {
        stoppedAt: key,
        values,
        onCommandLine: none,
        fromEnvironment: none,
      };
    }
    const seen = given.has(spec.name);
    if (seen && (spec.form === "flag" || spec.form === "value")) {
      throw new UsageError(
        `the argument '${displayOption(spec)}' cannot be used multiple times`,
      );
    }
    given.set(spec.name, displayOption(spec));
    store(values, key, spec, displayOption(spec), token.value);
  }
  const onCommandLine = new Set(given.keys());
  const fromEnvironment = readEnvironment(
    values,
    grammar.options,
    given,
    env,
  );
  checkConflicts(grammar.options, given);
  fillDefaults(values, grammar.options);
  placeWords(values, grammar.arguments, words);
  checkRequired(values, grammar);
  return { values, onCommandLine, fromEnvironment };
}

function store(
  values: Record<string, unknown>,
  key: string,
  spec: OptionSpec,
  where: string,
  typed: string | undefined,
): void {
  if (spec.form === "flag") values[key] = true;
  if (spec.form === "count") values[key] = Number(values[key] ?? 0) + 1;
  if (spec.value === undefined || typed === undefined) return;
  const value = parseValue(where, typed, spec.value);
  const earlier = values[key];
  values[key] = spec.form === "values"
    ? [...(Array.isArray(earlier) ? earlier : []), value]
    : value;
}

function readEnvironment(
  values: Record<string, unknown>,
  table: OptionTable,
  given: Map<string, string>,
  env: (name: string) => string | undefined,
): ReadonlySet<string> {
  const onCommandLine = new Set(given.keys());
  const found = new Set<string>();
  for (const [key, spec] of Object.entries(table)) {
    if (spec.env === undefined || onCommandLine.has(spec.name)) continue;
    if (spec.conflicts?.some((name) => onCommandLine.has(name))) continue;
    const typed = env(spec.env);
    if (typed === undefined || typed === "") continue;
    given.set(spec.name, spec.env);
    found.add(spec.name);
    store(values, key, spec, spec.env, typed);
  }
  return found;
}

function checkConflicts(
  table: OptionTable,
  given: ReadonlyMap<string, string>,
): void {
  for (const spec of Object.values(table)) {
    const mine = given.get(spec.name);
    if (mine === undefined) continue;
    for (const name of spec.conflicts ?? []) {
      const other = given.get(name);
      if (other === undefined) continue;
      throw new UsageError(
        `the argument '${mine}' cannot be used with '${other}'`,
      );
    }
  }
}

function fillDefaults(
  values: Record<string, unknown>,
  table: OptionTable,
): void {
  for (const [key, spec] of Object.entries(table)) {
    if (key in values) continue;
    if (spec.form === "flag") values[key] = false;
    else if (spec.form === "count") values[key] = 0;
    else if (spec.form === "values") values[key] = [];
    else if (spec.default !== undefined) {
      store(values, key, spec, displayOption(spec), spec.default);
    } else values[key] = undefined;
  }
}

function placeWords(
  values: Record<string, unknown>,
  table: ArgumentTable,
  words: readonly string[],
): void {
  let at = 0;
  for (const [key, spec] of Object.entries(table)) {
    const where = displayArgument(spec);
    if (spec.repeated) {
      values[key] = words.slice(at).map((word) =>
        parseValue(where, word, spec.value)
      );
      at = words.length;
    } else if (at < words.length) {
      values[key] = parseValue(where, words[at++], spec.value);
    } else values[key] = undefined;
  }
  if (at < words.length) {
    throw new UsageError(`unexpected argument '${words[at]}' found`, {
      fields: { argument: words[at] },
    });
  }
}

function checkRequired(
  values: Readonly<Record<string, unknown>>,
  grammar: Grammar,
): void {
  const missing = [
    ...Object.entries(grammar.options)
      .filter(([key, spec]) => spec.required && values[key] === undefined)
      .map(([, spec]) => displayOption(spec)),
    ...Object.entries(grammar.arguments)
      .filter(([key, spec]) => spec.required && values[key] === undefined)
      .map(([, spec]) => displayArgument(spec)),
  ];
  if (missing.length === 0) return;
  const noun = missing.length === 1 ? "argument was" : "arguments were";
  throw new UsageError(
    `the following required ${noun} not provided: ${missing.join(", ")}`,
  );
}
