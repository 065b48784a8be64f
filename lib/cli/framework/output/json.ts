/**
 * JSON with exact 64-bit integers and floats that keep their fraction.
 *
 * @module
 */

import { escapeJson } from "../../../text/escape.ts";
import { Float, formatNumber, type Value } from "./report.ts";

// Has no types yet.
const { rawJSON } = JSON as JSON & { rawJSON(text: string): unknown };

function exact(_name: string, value: unknown): unknown {
  return typeof value === "number" || typeof value === "bigint" ||
      value instanceof Float
    ? rawJSON(formatNumber(value))
    : value;
}

/**
 * Writes a value as JSON of which a terminal acts on nothing.
 *
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
  return JSON.stringify(value, exact, indent)
    .split("\n").map(escapeJson).join("\n");
}
