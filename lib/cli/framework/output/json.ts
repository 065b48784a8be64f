/**
 * JSON with exact 64-bit integers and floats that keep their fraction.
 *
 * @module
 */

import {
  entriesOf,
  Float,
  formatNumber,
  isList,
  type Value,
} from "./report.ts";

/**
 * What `JSON.stringify` leaves as it is but a terminal may act on: DEL, the C1
 * controls, line separators and bidirectional overrides.
 */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Quotes a string for JSON so that no terminal acts on what is in it. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(
    ACTIVE,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Writes a value as JSON.
 *
 * @param value The value.
 * @param indent Blanks per level; 0 writes one compact line.
 * @returns The text, without a newline at its end.
 *
 * @example
 * ```ts
 * import { formatJson } from "./json.ts";
 * import { Float } from "./report.ts";
 *
 * console.log(formatJson({ id: 2n ** 63n, secs: new Float(12) }));
 * // {"id":9223372036854775808,"secs":12.0}
 * ```
 */
export function formatJson(value: Value, indent = 0): string {
  return write(value, indent, "");
}

function write(value: Value, indent: number, margin: string): string {
  if (typeof value === "string") return quoteJson(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (
    typeof value === "number" || typeof value === "bigint" ||
    value instanceof Float
  ) return formatNumber(value);

  const inner = margin + " ".repeat(indent);
  const [open, close] = isList(value) ? "[]" : "{}";
  const parts = isList(value)
    ? value.map((item) => write(item, indent, inner))
    : entriesOf(value).map(([name, item]) =>
      `${quoteJson(name)}:${indent > 0 ? " " : ""}${write(item, indent, inner)}`
    );
  if (parts.length === 0) return open + close;
  if (indent === 0) return open + parts.join(",") + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}
