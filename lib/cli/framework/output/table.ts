/**
 * Results for people: names and values aligned, sizes and times in human units.
 *
 * @module
 */

import { displayWidth } from "../terminal/display_width.ts";
import { escapeText } from "../terminal/escape.ts";
import { formatBytes, formatRate, formatSeconds } from "../terminal/human.ts";
import {
  entriesOf,
  type Fields,
  Float,
  formatNumber,
  isFields,
  isList,
  type Value,
} from "./report.ts";

/** The units that names of fields tell; other numbers are written as they are. */
const UNITS: readonly [name: RegExp, format: (value: number) => string][] = [
  [/^bytes(?:_|$)|_bytes$|(?:^|_)size$/, formatBytes],
  [/_secs$/, formatSeconds],
  [/_mib_s$/, (mebibytes) => formatRate(mebibytes * 2 ** 20)],
];

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
    const unit = UNITS.find(([pattern]) => pattern.test(name));
    return unit === undefined ? formatNumber(value) : unit[1](number);
  }
  return entriesOf(value)
    .map(([key, item]) => `${escapeText(key)}=${cell(key, item)}`)
    .join(" ");
}

/** The blanks that fill text up to a width, in terminal columns. */
function fill(text: string, width: number): string {
  return " ".repeat(width - displayWidth(text));
}

/** The widest of the texts, in terminal columns. */
function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}

/** Marks a name. */
type Emphasize = (name: string) => string;

/** Options of {@linkcode formatTable}. */
export interface TableOptions {
  /**
   * Marks the name of a field.
   *
   * @default {(name) => name}
   */
  emphasize?: Emphasize;
}

/** Rows that are wider than this are written below each other. */
const ROW_WIDTH_MAX = 160;

function rows(items: readonly Fields[], emphasize: Emphasize): string[] {
  const names = [
    ...new Set(items.flatMap((item) => entriesOf(item).map(([name]) => name))),
  ];
  const titles = names.map(escapeText);
  const cells = items.map((item) =>
    names.map((name) => {
      const value = item[name];
      return value === undefined ? "" : cell(name, value);
    })
  );
  const widths = titles.map((title, column) =>
    widest([title, ...cells.map((row) => row[column])])
  );
  const whole = widths.reduce((sum, width) => sum + 2 + width, 0);
  if (whole > ROW_WIDTH_MAX) return blocks(titles, cells, emphasize);
  const line = (row: readonly string[], paint = (text: string) => text) =>
    "  " + row.map((value, column) =>
      paint(value) +
      (column === row.length - 1 ? "" : fill(value, widths[column]))
    ).join("  ").trimEnd();
  return [line(titles, emphasize), ...cells.map((row) => line(row))];
}

/** Each row by itself, a line for each value it has, an empty line between rows. */
function blocks(
  titles: readonly string[],
  cells: readonly (readonly string[])[],
  emphasize: Emphasize,
): string[] {
  const width = widest(titles) + 2;
  return cells.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...titles.flatMap((title, column) =>
      row[column] === ""
        ? []
        : [`  ${emphasize(title)}${fill(title, width)}${row[column]}`]
    ),
  ]);
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
  const width = widest(entries.map(([name]) => escapeText(name)));
  return entries.flatMap(([name, value]) => {
    const title = escapeText(name);
    if (isList(value) && value.length > 0 && value.every(isFields)) {
      return [emphasize(title), ...rows(value, emphasize)];
    }
    return [`${emphasize(title)}${fill(title, width + 2)}${cell(name, value)}`];
  }).join("\n");
}
