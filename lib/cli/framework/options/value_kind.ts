/**
 * Paths, paths after an `@`, names that the program prints on request, or given
 * words.
 */
export type Completes =
  | "file"
  | "directory"
  | "at_file"
  | "names"
  | readonly string[];

export interface ValueKind<T> {
  /** What stands for the value in help and messages, such as `FILE`. */
  readonly metavar: string;
  readonly completes?: Completes;
  /** Whether a shell completes it with the program's own verbs instead. */
  readonly completesVerbs?: boolean;
  /** The value must never be repeated in a message. */
  readonly secret?: boolean;
  /** Whether lone surrogates are taken, which stand for bytes that are not UTF-8. */
  readonly takesBytes?: boolean;
  /** Turns the text into the value; a RangeError says what is accepted instead. */
  parse(text: string): T;
}

/** Free text, taken as it is. */
export function text(metavar: string): ValueKind<string> {
  return { metavar, parse: (value) => value };
}

/** A path; it is not looked at while parsing. */
export function path(
  metavar: string,
  completes: "file" | "directory",
): ValueKind<string> {
  return {
    metavar,
    completes,
    parse(value) {
      if (value === "") throw new RangeError("a path cannot be empty");
      if (value.includes("\0")) {
        throw new RangeError("a path cannot hold a NUL character");
      }
      return value;
    },
  };
}

export const FILE: ValueKind<string> = path("FILE", "file");

export const DIR: ValueKind<string> = path("DIR", "directory");

/** A path of a file or a directory. */
export const PATH: ValueKind<string> = path("PATH", "file");

/** The same with `takesBytes`: for what is only read. */
export function readable(kind: ValueKind<string>): ValueKind<string> {
  return { ...kind, takesBytes: true };
}

/** One of the given words, in lower case. */
export function choice<const T extends string>(
  metavar: string,
  choices: readonly T[],
): ValueKind<T> {
  return {
    metavar,
    completes: choices,
    parse(value) {
      const found = choices.find((candidate) => candidate === value);
      if (found === undefined) {
        throw new RangeError(`possible values: ${choices.join(", ")}`);
      }
      return found;
    },
  };
}

const U64_MAX = 2n ** 64n - 1n;

function within64Bits(digits: string): bigint {
  const number = BigInt(digits);
  if (number > U64_MAX) throw new RangeError("does not fit 64 bits");
  return number;
}

/** Parses decimal or `0x` hexadecimal; blanks around it and a leading `+` pass. */
export function parseU64(value: string): bigint {
  const trimmed = value.trim();
  if (!/^(?:\+?[0-9]{1,64}|0[xX]\+?[0-9a-fA-F]{1,64})$/.test(trimmed)) {
    throw new RangeError("not a decimal or 0x-hexadecimal number");
  }
  return within64Bits(trimmed.replace("+", "").toLowerCase());
}

function parseDecimal(value: string): bigint {
  if (!/^\+?[0-9]{1,64}$/.test(value)) {
    throw new RangeError("not a whole number");
  }
  return within64Bits(value.replace("+", ""));
}

/** A decimal number of 64 bits. */
export const DECIMAL_U64: ValueKind<bigint> = {
  metavar: "N",
  parse: parseDecimal,
};

/** A decimal number; one above `max` counts as `max`. */
export function countUpTo(max: number): ValueKind<number> {
  return {
    metavar: "N",
    parse(value) {
      const number = parseDecimal(value);
      return number > max ? max : Number(number);
    },
  };
}

export const U64: ValueKind<bigint> = { metavar: "N", parse: parseU64 };

/** A decimal number from `min` to `max`. */
export function count(min: number, max: number): ValueKind<number> {
  return {
    metavar: "N",
    parse(value) {
      const number = /^\+?[0-9]{1,15}$/.test(value) ? Number(value) : NaN;
      if (!(number >= min && number <= max)) {
        throw new RangeError(`not a whole number from ${min} to ${max}`);
      }
      return number;
    },
  };
}
