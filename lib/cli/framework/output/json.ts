/**
 * JSON with exact 64-bit integers, of which ids are there as texts, too, and
 * floats that keep their fraction.
 */

import { escapeJson } from "../../../text/escape.ts";
import { Float, formatNumber, Id, type Value, withIdTexts } from "./report.ts";

// Has no types yet.
const { rawJSON } = JSON as JSON & { rawJSON(text: string): unknown };

function exact(_name: string, value: unknown): unknown {
  return typeof value === "number" || typeof value === "bigint" ||
      value instanceof Float || value instanceof Id
    ? rawJSON(formatNumber(value))
    : value;
}

/**
 * Writes a value as JSON of which a terminal acts on nothing; `indent` 0 is one
 * line.
 */
export function formatJson(value: Value, indent = 0): string {
  return JSON.stringify(withIdTexts(value), exact, indent)
    .split("\n").map(escapeJson).join("\n");
}
