/**
 * How much is logged: `-q`, `-v`, and `NET_MESH_LOG` in the syntax of
 * `EnvFilter` of the tracing-subscriber crate.
 *
 * @module
 */

import { UsageError } from "../../../errors.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";

/** What the filter may call us: our own name, and those it was written for. */
const TARGETS = ["net_transfer", "net_sdk", "net_mesh"];

/** The levels of a filter, by the digit that also stands for each. */
const FILTER_LEVELS = ["off", ...LOG_LEVELS];

/** `LEVEL`, or `TARGET[SPAN]=LEVEL` of which only the target or span must be. */
const DIRECTIVE = /^([\w:.-]*)(\[[^\]]*\])?(?:=([a-z0-9]*))?$/i;

/** Commas that are not between the fields of a span. */
const SEPARATOR = /,(?![^{]*\})/;

interface Directive {
  /** What it is about; empty for everything. */
  readonly target: string;
  /** Whether it is about a kind of span, which we have none of. */
  readonly hasSpan: boolean;
  /** `off` or a level. */
  readonly level: string;
}

function levelOf(word: string): string | undefined {
  return /^[0-5]$/.test(word)
    ? FILTER_LEVELS[Number(word)]
    : FILTER_LEVELS.find((level) => level === word.toLowerCase());
}

function parseDirective(text: string, filter: string): Directive {
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

function invalid(filter: string, part: string, what: string): UsageError {
  return new UsageError(
    `invalid value '${filter}' for 'NET_MESH_LOG': '${part}' is no ${what}`,
    { hint: `levels: ${FILTER_LEVELS.join(", ")}; or TARGET=LEVEL,…` },
  );
}

/**
 * Decides how much is logged.
 *
 * @param quiet `-q`.
 * @param verbose How many times `-v`; wins over `-q`.
 * @param filter `NET_MESH_LOG`, which replaces both flags: comma-separated
 * `LEVEL`, `TARGET=LEVEL` or `TARGET`. The longest target that ours starts with
 * wins, of equals the later one; targets of other programs mean nothing here.
 * @returns The least important level that is logged; `undefined` is none.
 * @throws {UsageError} When the filter is none, or a single word that is
 * neither a level nor a target of ours: a mistyped level, most likely.
 *
 * @example
 * ```ts
 * import { chooseLogLevel } from "./log_filter.ts";
 *
 * console.log(chooseLogLevel(false, 0, "warn,net_transfer=debug")); // debug
 * ```
 */
export function chooseLogLevel(
  quiet: boolean,
  verbose: number,
  filter: string | undefined,
): LogLevel | undefined {
  const texts = (filter ?? "").split(SEPARATOR).map((text) => text.trim())
    .filter((text) => text !== "");
  if (filter === undefined || texts.length === 0) {
    if (verbose > 0) return LOG_LEVELS[Math.min(verbose + 1, 4)];
    return quiet ? "error" : "warn";
  }
  let best: Directive = { target: "", hasSpan: false, level: "error" };
  for (const text of texts) {
    const directive = parseDirective(text, filter);
    const { target, hasSpan } = directive;
    const isOurs = TARGETS.some((ours) => ours.startsWith(target));
    if (!isOurs && texts.length === 1 && text === target) {
      throw invalid(filter, text, "level");
    }
    if (isOurs && !hasSpan && target.length >= best.target.length) {
      best = directive;
    }
  }
  return LOG_LEVELS.find((level) => level === best.level);
}
