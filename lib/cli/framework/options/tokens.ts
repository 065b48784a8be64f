/**
 * The words of a command line as options with their values and positional
 * words, before anything is looked at more closely.
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "../../../errors.ts";
import {
  displayOption,
  type Option,
  type OptionTable,
  spellings,
} from "./option.ts";

/** A word that is not in the table it should be in. */
export class UnknownWordError extends UsageError {
  constructor(
    message: string,
    readonly word: string,
    readonly candidates: readonly string[],
  ) {
    super(message, { fields: { argument: word } });
  }
}

/** A word behind all that a verb takes. */
export class ExtraWordError extends UsageError {
  constructor(
    readonly word: string,
    /** The names of the options that there are. */
    readonly options: readonly string[],
  ) {
    super(`unexpected argument '${word}' found`, {
      fields: { argument: word },
    });
  }
}

/** One option as it stands on the command line, or a positional word. */
export type Token =
  | {
    /** The property that gets the value. */
    readonly key: string;
    readonly spec: Option;
    /** As it was spelled, dashes included. */
    readonly typed: string;
    readonly value?: string;
  }
  | {
    readonly word: string;
    /** Its index on the command line. */
    readonly at: number;
  };

/** The options, with their values, and the words of a command line. */
export function* tokens(
  args: readonly string[],
  table: OptionTable,
): Generator<Token, void> {
  const entries = Object.entries(table);
  const known = new Map(
    entries.flatMap(([key, spec]) =>
      spellings(spec).map((typed) => [typed, { key, spec }])
    ),
  );
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    entries.map(([, { name, short, value }]) => [
      name,
      {
        type: value === undefined ? "boolean" : "string",
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const parsed = parseArgs({
    args: withBareValues(args, table),
    options,
    // Strict parsing would stop at the first fault, and not say where it is.
    strict: false,
    tokens: true,
  });
  for (const token of parsed.tokens) {
    if (token.kind === "positional") {
      yield { word: token.value, at: token.index };
    } else if (token.kind === "option") {
      const { rawName, inlineValue } = token;
      const entry = known.get(rawName);
      if (entry === undefined) throw unknownOption(rawName, [...known.keys()]);
      // `-o=a` is what `-oa` and `-o a` are.
      const value = rawName.startsWith("--")
        ? token.value
        : token.value?.replace(/^=/, "");
      checkValue(entry.spec, value, inlineValue === true);
      yield { ...entry, typed: rawName, value };
    }
  }
}

/** Gives options their values that may stand without one, and do. */
function withBareValues(
  args: readonly string[],
  table: OptionTable,
): string[] {
  const specs = new Map(
    Object.values(table).filter(({ bare }) => bare !== undefined)
      .map((spec) => [`--${spec.name}`, spec]),
  );
  const end = args.indexOf("--");
  return args.map((word, at) => {
    const spec = end < 0 || at < end ? specs.get(word) : undefined;
    if (spec === undefined) return word;
    const words = spec.value?.completes;
    const next = args[at + 1];
    const isValue = Array.isArray(words) && words.includes(next);
    return isValue ? word : `${word}=${spec.bare}`;
  });
}

function unknownOption(typed: string, known: readonly string[]): UsageError {
  const message = `unexpected argument '${typed}' found`;
  if (!typed.startsWith("--")) {
    // No letter is nearer to one than another.
    return new UsageError(message, {
      hint: "what starts with a dash and is no option goes after --",
      fields: { argument: typed },
    });
  }
  return new UnknownWordError(
    message,
    typed,
    known.filter((name) => name.startsWith("--")),
  );
}

function checkValue(
  spec: Option,
  value: string | undefined,
  inline: boolean,
): void {
  if (spec.value === undefined) {
    if (value === undefined) return;
    throw new UsageError(
      `unexpected value '${value}' for '--${spec.name}' found; it takes none`,
    );
  }
  if (value !== undefined && (inline || !/^-./.test(value))) return;
  throw new UsageError(
    `a value is required for '${displayOption(spec)}' but none was supplied`,
    value === undefined ? {} : {
      hint: `a value that starts with a dash is written --${spec.name}=VALUE`,
    },
  );
}
