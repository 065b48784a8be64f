/**
 * The command line parser: tables of options in, typed values or one precise
 * usage error out. Nothing else is read or written.
 */

import { TransferError, UsageError } from "../../../errors.ts";
import { showArgument } from "../../../os/raw_arguments.ts";
import {
  type ArgumentTable,
  displayArgument,
  displayOption,
  type Option,
  type OptionTable,
} from "./option.ts";
import { ExtraWordError, tokens } from "./tokens.ts";
import type { ValueKind } from "./value_kind.ts";

export interface Grammar {
  readonly options: OptionTable;
  readonly arguments: ArgumentTable;
}

export interface ParsedArguments {
  /** An option that stops parsing at once, such as `help`, if one was met. */
  readonly stoppedAt?: string;
  /** That option as it was spelled: `-h`. */
  readonly stoppedBy?: string;
  /** Values by property name, as the tables type them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the options that stand on the command line. */
  readonly onCommandLine: ReadonlySet<string>;
  /** Names of the options that an environment variable has set. */
  readonly fromEnvironment: ReadonlySet<string>;
}

/** Where parsing looks besides the command line. */
export interface ParseOptions {
  env?: (name: string) => string | undefined;
  /** Properties of flags that stop parsing when they are met. */
  stopAt?: readonly string[];
}

/** What an option is before anything sets it. */
const UNSET = { flag: false, count: 0, value: undefined, values: [] } as const;

function parseValue(
  where: string,
  typed: string,
  kind: ValueKind<unknown>,
): unknown {
  try {
    if (!kind.takesBytes && !typed.isWellFormed()) {
      throw new RangeError("it is not UTF-8");
    }
    return kind.parse(typed);
  } catch (error) {
    if (error instanceof TransferError) {
      const message = `invalid value for '${where}': ${error.message}`;
      throw new TransferError(error.kind, message, { ...error, cause: error });
    }
    if (!(error instanceof RangeError)) throw error;
    const shown = kind.secret ? "" : ` '${showArgument(typed)}'`;
    throw new UsageError(
      `invalid value${shown} for '${where}': ${error.message}`,
    );
  }
}

/** What an option is after it has been given once more. */
function take(
  { form, value: kind }: Option,
  where: string,
  earlier: unknown,
  typed = "",
): unknown {
  if (kind === undefined) return form === "flag" || Number(earlier) + 1;
  const value = parseValue(where, typed, kind);
  return Array.isArray(earlier) ? [...earlier, value] : value;
}

/** Finds where the first word stands, unless a flag of `stopAt` comes before it. */
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

/** Parses what follows the verb, and the options that stood before it. */
export function parseArguments(
  args: readonly string[],
  grammar: Grammar,
  { env = () => undefined, stopAt = [] }: ParseOptions = {},
): ParsedArguments {
  const options = Object.entries(grammar.options);
  const values: Record<string, unknown> = Object.fromEntries(
    options.map(([key, { form }]) => [key, UNSET[form]]),
  );
  const words: string[] = [];
  /** How the option was given, for messages: its display, or a variable. */
  const given = new Map<string, string>();

  for (const token of tokens(args, grammar.options)) {
    if ("word" in token) {
      words.push(token.word);
      continue;
    }
    const { key, spec, typed, value } = token;
    if (stopAt.includes(key)) {
      const none = new Set<string>();
      return {
        stoppedAt: key,
        stoppedBy: typed,
        values,
        onCommandLine: none,
        fromEnvironment: none,
      };
    }
    const shown = displayOption(spec);
    if (
      given.has(spec.name) && (spec.form === "flag" || spec.form === "value")
    ) {
      throw new UsageError(
        `the argument '${shown}' cannot be used multiple times`,
      );
    }
    given.set(spec.name, shown);
    values[key] = take(spec, shown, values[key], value);
  }
  const onCommandLine = new Set(given.keys());
  readEnvironment(values, options, given, env);
  const fromEnvironment = new Set(given.keys()).difference(onCommandLine);
  checkConflicts(grammar.options, given);
  for (const [key, spec] of options) {
    if (values[key] === undefined && spec.default !== undefined) {
      values[key] = take(spec, displayOption(spec), undefined, spec.default);
    }
  }
  placeWords(values, grammar, words);
  checkRequired(values, grammar);
  return { values, onCommandLine, fromEnvironment };
}

function readEnvironment(
  values: Record<string, unknown>,
  options: readonly [string, Option][],
  given: Map<string, string>,
  env: (name: string) => string | undefined,
): void {
  // Chosen before any is read: variables of rivals are refused like options.
  const unset = options.filter(([, { name, conflicts = [] }]) =>
    ![name, ...conflicts].some((rival) => given.has(rival))
  );
  for (const [key, spec] of unset) {
    const typed = spec.env === undefined ? undefined : env(spec.env);
    if (spec.env === undefined || !typed) continue;
    given.set(spec.name, spec.env);
    values[key] = take(spec, spec.env, values[key], typed);
  }
}

function checkConflicts(
  table: OptionTable,
  given: ReadonlyMap<string, string>,
): void {
  for (const { name, conflicts = [] } of Object.values(table)) {
    const other = conflicts.find((rival) => given.has(rival));
    if (!given.has(name) || other === undefined) continue;
    throw new UsageError(
      `the argument '${given.get(name)}' cannot be used with '${
        given.get(other)
      }'`,
    );
  }
}

function placeWords(
  values: Record<string, unknown>,
  { arguments: table, options }: Grammar,
  words: readonly string[],
): void {
  const rest = [...words];
  for (const [key, spec] of Object.entries(table)) {
    const parsed = rest.splice(0, spec.repeated ? Infinity : 1)
      .map((word) => parseValue(displayArgument(spec), word, spec.value));
    values[key] = spec.repeated ? parsed : parsed[0];
  }
  const [extra] = rest;
  if (extra === undefined) return;
  const names = Object.values(options).map(({ name }) => name);
  throw new ExtraWordError(extra, names);
}

function checkRequired(
  values: Readonly<Record<string, unknown>>,
  { options, arguments: words }: Grammar,
): void {
  const missing = <S extends { readonly required?: boolean }>(
    table: Readonly<Record<string, S>>,
    display: (spec: S) => string,
  ) =>
    Object.entries(table)
      .filter(([key, { required }]) => required && values[key] === undefined)
      .map(([, spec]) => display(spec));
  const shown = [
    ...missing(options, displayOption),
    ...missing(words, displayArgument),
  ];
  if (shown.length === 0) return;
  const noun = shown.length === 1 ? "argument was" : "arguments were";
  throw new UsageError(
    `the following required ${noun} not provided: ${shown.join(", ")}`,
  );
}
