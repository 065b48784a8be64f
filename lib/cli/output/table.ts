/**
 * Results for people: names and values aligned, sizes and times in human units.
 *
 * @module
 */

import { escapeText } from "../escape.ts";
import { formatBytes, formatRate, formatSeconds } from "../human.ts";
import {
  entriesOf,
  type Fields,
  Float,
  formatNumber,
  isFields,
  isList,
  type Value,
} from "./report.ts";

/** How the values of a field are written for people; the others as they are. */
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  bytes: formatBytes,
  bytes_fetched: formatBytes,
  bytes_received: formatBytes,
  bytes_reused: formatBytes,
  manifest_size: formatBytes,
  size: formatBytes,
  total_bytes: formatBytes,
  duration_secs: formatSeconds,
  throughput_mib_s: (mebibytes) => formatRate(mebibytes * 2 ** 20),
};

function cell(name: string, value: Value): string {
  if (value === null) return "-";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isList(value)) {
    return value.length === 0
      ? "none"
      : value.map((item) => cell(name, item)).join(", ");
  }
  if (
    typeof value === "number" || typeof value === "bigint" ||
    value instanceof Float
  ) {
    const number = value instanceof Float ? value.value : Number(value);
    return Object.hasOwn(UNITS, name)
      ? UNITS[name](number)
      : formatNumber(value);
  }
  return entriesOf(value).map(([key, item]) => `${key}=${cell(key, item)}`)
    .join(" ");
}

/** Options of {@linkcode formatTable}. */
export interface TableOptions {
  /**
   * Marks the name of a field.
   *
   * @default {(name) => name}
   */
  emphasize?: (name: string) => string;
}

function rows(items: readonly Fields[], emphasize: (name: string) => string) {
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const cells = items.map((item) =>
    names.map((name) => {
      const value = item[name];
      return value === undefined ? "" : cell(name, value);
    })
  );
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column].length))
  );
  const line = (row: readonly string[], paint = (text: string) => text) =>
    "  " + row.map((value, column) =>
      paint(value) +
      (column === row.length - 1
        ? ""
        : " ".repeat(widths[column] - value.length))
    ).join("  ").trimEnd();
  return [line(names, emphasize), ...cells.map((row) => line(row))];
}

/**
 * Writes a result as an aligned table.
 *
 * @param fields The result.
 * @returns The lines, without a newline at their end.
 */
export function formatTable(
  fields: Fields,
  { emphasize = (name) => name }: TableOptions = {},
): string {
  const entries = entriesOf(fields);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.flatMap(([name, value]) => {
    if (isList(value) && value.length > 0 && value.every(isFields)) {
      return [emphasize(name), ...rows(value, emphasize)];
    }
    const gap = " ".repeat(width - name.length + 2);
    return [`${emphasize(name)}${gap}${cell(name, value)}`];
  }).join("\n");
}
