/**
 * How much is logged: `-q`, `-v`, and a variable in the syntax of `EnvFilter` of
 * the tracing-subscriber crate.
 */

import { UsageError } from "../../../errors.ts";
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

function parseDirective(text: string, filter: LogFilter): Directive {
  const global = levelOf(text);
  if (global !== undefined) {
    return { target: "", hasSpan: false, level: global };
  }
  const [, target, span, word] = DIRECTIVE.exec(text) ?? [];
  // Without a level a directive enables everything.
  const level = word ? levelOf(word) : "trace";
  if (!target && span === undefined) throw invalid(filter, text, "directive");
  if (level === undefined) throw invalid(filter, word, "level");
  return { target, hasSpan: span !== undefined, level };
}

function invalid(
  { value, variable }: LogFilter,
  part: string,
  what: string,
): UsageError {
  return new UsageError(
    `invalid value '${value}' for '${variable}': '${part}' is no ${what}`,
    { hint: `levels: ${FILTER_LEVELS.join(", ")}; or TARGET=LEVEL,…` },
  );
}

/**
 * The least important level that is logged, if any: `-v` beats `-q`, a filter
 * both. The longest target that ours starts with wins, of equals the later one.
 * A single unknown word is refused: a mistyped level, most likely.
 */
export function chooseLogLevel(
  quiet: boolean,
  verbose: number,
  filter: LogFilter,
): LogLevel | undefined {
  const texts = (filter.value ?? "").split(SEPARATOR)
    .map((text) => text.trim()).filter((text) => text !== "");
  if (texts.length === 0) {
    if (verbose > 0) return LOG_LEVELS[Math.min(verbose + 1, 4)];
    return quiet ? "error" : "warn";
  }
  let best: Directive = { target: "", hasSpan: false, level: "error" };
  for (const text of texts) {
    const directive = parseDirective(text, filter);
    const { target, hasSpan } = directive;
    const isOurs = filter.targets.some((ours) => ours.startsWith(target));
    if (!isOurs && texts.length === 1 && text === target) {
      throw invalid(filter, text, "level");
    }
    if (isOurs && !hasSpan && target.length >= best.target.length) {
      best = directive;
    }
  }
  return LOG_LEVELS.find((level) => level === best.level);
}
