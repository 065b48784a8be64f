/**
 * How much is logged: `-q`, `-v`, and a variable in the syntax of `EnvFilter` of
 * the tracing-subscriber crate.
 */

import { LOG_LEVELS, type LogLevel } from "./log.ts";

/** The levels of a filter, by the digit that also stands for each. */
const FILTER_LEVELS = ["off", ...LOG_LEVELS];

/** `LEVEL`, or `TARGET[SPAN]=LEVEL` of which only the target or span must be. */
const DIRECTIVE = /^([\w:.-]*)(\[[^\]]*\])?(?:=([a-z0-9]*))?$/i;

/** Commas that are not between the fields of a span. */
const SEPARATOR = /,(?![^{]*\})/;

interface Directive {
  /** What it is about; empty for everything. */
  readonly target: string;
  /** Whether it is about a kind of span; the program has no spans. */
  readonly hasSpan: boolean;
  /** `off` or a level. */
  readonly level: string;
}

function levelOf(word: string): string | undefined {
  return /^[0-5]$/.test(word)
    ? FILTER_LEVELS[Number(word)]
    : FILTER_LEVELS.find((level) => level === word.toLowerCase());
}

/** A variable in the syntax of `EnvFilter` of the tracing-subscriber crate. */
export interface LogFilter {
  readonly variable: string;
  readonly value: string | undefined;
  /** What the filter may call the program. */
  readonly targets: readonly string[];
}

/** Thrown by a filter that is none; says which part and why. */
class FilterError extends Error {}

function parseDirective(text: string): Directive {
  const global = levelOf(text);
  if (global !== undefined) {
    return { target: "", hasSpan: false, level: global };
  }
  const [, target, span, word] = DIRECTIVE.exec(text) ?? [];
  // Without a level a directive enables everything.
  const level = word ? levelOf(word) : "trace";
  if (!target && span === undefined) {
    throw new FilterError(`'${text}' is no directive`);
  }
  if (level === undefined) throw new FilterError(`'${word}' is no level`);
  return { target, hasSpan: span !== undefined, level };
}

/** What is logged. */
export interface LogChoice {
  /** The least important level that is; nothing is without one. */
  readonly level: LogLevel | undefined;
  /** What to say of a filter that is none and was passed over. */
  readonly complaint?: string;
}

/** The level that `-q` and `-v` ask for: `-v` beats `-q`. */
function levelOfFlags(quiet: boolean, verbose: number): LogLevel {
  if (verbose > 0) return LOG_LEVELS[Math.min(verbose + 1, 4)];
  return quiet ? "error" : "warn";
}

/**
 * The level of a filter: the longest target that ours starts with wins, of
 * equals the later one. A single unknown word is a mistyped level, most likely.
 */
function levelOfFilter(
  texts: readonly string[],
  { targets }: LogFilter,
): LogLevel | undefined {
  let best: Directive = { target: "", hasSpan: false, level: "error" };
  for (const text of texts) {
    const directive = parseDirective(text);
    const { target, hasSpan } = directive;
    const isOurs = targets.some((ours) => ours.startsWith(target));
    if (!isOurs && texts.length === 1 && text === target) {
      throw new FilterError(`'${text}' is no level`);
    }
    if (isOurs && !hasSpan && target.length >= best.target.length) {
      best = directive;
    }
  }
  return LOG_LEVELS.find((level) => level === best.level);
}

/**
 * What is logged: a filter beats `-v` and `-q`. One that is none is passed over
 * with a complaint, since what was asked for can be done all the same.
 */
export function chooseLogLevel(
  quiet: boolean,
  verbose: number,
  filter: LogFilter,
): LogChoice {
  const texts = (filter.value ?? "").split(SEPARATOR)
    .map((text) => text.trim()).filter((text) => text !== "");
  const flags = levelOfFlags(quiet, verbose);
  if (texts.length === 0) return { level: flags };
  try {
    return { level: levelOfFilter(texts, filter) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const levels = FILTER_LEVELS.join(", ");
    return {
      level: flags,
      complaint: `the value '${filter.value}' of ${filter.variable} is ` +
        `ignored: ${error.message} (levels: ${levels}; or TARGET=LEVEL,…)`,
    };
  }
}
