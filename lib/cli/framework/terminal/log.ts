/**
 * Log lines on stderr, as text or as JSON, one line each whatever is in them.
 */

import { formatJson } from "../output/json.ts";
import { entriesOf, type Fields, type Value } from "../output/report.ts";
import { escapeText } from "../../../text/escape.ts";
import { type Paint, PLAIN } from "./paint.ts";

/** The levels, the most important first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug", "trace"] as const;

export type LogLevel = typeof LOG_LEVELS[number];

export interface LogOptions {
  /** The least important level that is written; nothing when left out. */
  readonly level?: LogLevel;
  /** As text for people, or one JSON object a line. */
  readonly format: "text" | "json";
  readonly paint?: Paint;
  /** Takes out of a line what no log may repeat. */
  readonly redact?: (text: string) => string;
  readonly line: (text: string) => void;
  /** The time, for JSON lines. */
  readonly now?: () => Date;
}

export class Log {
  readonly #options: LogOptions;
  readonly #limit: number;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#limit = options.level === undefined
      ? -1
      : LOG_LEVELS.indexOf(options.level);
  }

  /** Whether lines of a level are written. */
  writes(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= this.#limit;
  }

  /**
   * Writes one line, if its level is enabled; text from outside belongs into
   * `fields`.
   */
  write(level: LogLevel, message: string, fields: Fields = {}): void {
    if (!this.writes(level)) return;
    const { format, now = () => new Date(), redact, line } = this.#options;
    const text = format === "json"
      ? formatJson({ time: now().toISOString(), level, message, ...fields })
      : this.#text(level, message, fields);
    line(redact?.(text) ?? text);
  }

  #text(level: LogLevel, message: string, fields: Fields): string {
    const { paint = PLAIN } = this.#options;
    const facts = entriesOf(fields)
      .map(([name, value]) => ` ${name}=${factText(value)}`);
    const mark = level === "warn" ? paint.notice : paint.faint;
    return mark(level.toUpperCase()) + ` ${escapeText(message)}` +
      paint.faint(facts.join(""));
  }

  /** Something is not as it should be, the work goes on. */
  warn(message: string, fields?: Fields): void {
    this.write("warn", message, fields);
  }

  /** What an operator follows. */
  info(message: string, fields?: Fields): void {
    this.write("info", message, fields);
  }

  debug(message: string, fields?: Fields): void {
    this.write("debug", message, fields);
  }

  trace(message: string, fields?: Fields): void {
    this.write("trace", message, fields);
  }
}

function factText(value: Value): string {
  if (typeof value !== "string") return formatJson(value);
  const text = escapeText(value);
  return /^[^\s"=]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
