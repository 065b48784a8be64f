/**
 * The words of a command line as options with their values and positional
 * words, before anything is looked at more closely.
 *
 * @module
 */

import { UsageError } from "../../../errors.ts";
import { displayOption, type OptionSpec, type OptionTable } from "./option.ts";

/** A word that is not in the table it should be in. */
export class UnknownWordError extends UsageError {
  /** Makes the error; the caller may turn `candidates` into a suggestion. */
  constructor(
    message: string,
    /** The word as typed. */
    readonly word: string,
    /** The words that would have been right. */
    readonly candidates: readonly string[],
  ) {
    super(message, { fields: { argument: word } });
  }
}

/** An option and the property that gets its value. */
export interface Entry {
  /** The property. */
  readonly key: string;
  /** The option. */
  readonly spec: OptionSpec;
}

/** Finds options by what was typed. */
export class OptionIndex {
  readonly #long = new Map<string, Entry>();
  readonly #short = new Map<string, Entry>();

  /** Indexes a table. */
  constructor(table: OptionTable) {
    for (const [key, spec] of Object.entries(table)) {
      this.#long.set(spec.name, { key, spec });
      if (spec.short !== undefined) this.#short.set(spec.short, { key, spec });
    }
  }

  /**
   * Finds an option by its long name.
   *
   * @throws {UnknownWordError} When there is none.
   */
  long(name: string): Entry {
    const entry = this.#long.get(name);
    if (entry !== undefined) return entry;
    throw new UnknownWordError(
      `unexpected argument '--${name}' found`,
      `--${name}`,
      [...this.#long.keys()].map((known) => `--${known}`),
    );
  }

  /**
   * Finds an option by its letter.
   *
   * @throws {UsageError} When there is none.
   */
  short(letter: string): Entry {
    const entry = this.#short.get(letter);
    if (entry !== undefined) return entry;
    // No letter is nearer to one than another.
    throw new UsageError(`unexpected argument '-${letter}' found`, {
      hint: "what starts with a dash and is no option goes after --",
      fields: { argument: `-${letter}` },
    });
  }
}

/** One option as it stands on the command line, or a positional word. */
export type Token =
  | { readonly entry: Entry; readonly value?: string }
  | { readonly word: string; readonly at: number };

/**
 * Goes through a command line.
 *
 * @throws {UsageError} At an option that does not exist, or lacks its value.
 */
export function* tokens(
  args: readonly string[],
  index: OptionIndex,
): Generator<Token, void> {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === "--") {
      for (at++; at < args.length; at++) yield { word: args[at], at };
    } else if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const entry = index.long(name);
      if (entry.spec.value !== undefined) {
        const value = equals < 0 ? args[++at] : word.slice(equals + 1);
        yield { entry, value: needValue(entry, value, equals < 0) };
      } else if (equals >= 0) {
        throw new UsageError(
          `unexpected value '${
            word.slice(equals + 1)
          }' for '--${name}' found; it takes none`,
        );
      } else {
        yield { entry };
      }
    } else if (word.startsWith("-") && word !== "-") {
      yield* shortTokens(word.slice(1), index, () => args[++at]);
    } else {
      yield { word, at };
    }
  }
}

function* shortTokens(
  cluster: string,
  index: OptionIndex,
  next: () => string | undefined,
): Generator<Token, void> {
  for (let at = 0; at < cluster.length; at++) {
    const entry = index.short(cluster[at]);
    if (entry.spec.value === undefined) {
      yield { entry };
      continue;
    }
    const attached = cluster.slice(at + 1).replace(/^=/, "");
    const value = attached === "" ? next() : attached;
    yield { entry, value: needValue(entry, value, attached === "") };
    return;
  }
}

function needValue(
  { spec }: Entry,
  value: string | undefined,
  separate: boolean,
): string {
  if (
    value === undefined ||
    (separate && value.startsWith("-") && value !== "-")
  ) {
    throw new UsageError(
      `a value is required for '${displayOption(spec)}' but none was supplied`,
      value === undefined ? {} : {
        hint: `a value that starts with a dash is written --${spec.name}=VALUE`,
      },
    );
  }
  return value;
}
