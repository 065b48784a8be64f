/**
 * Results for people: names and values aligned, sizes and times in human units.
 */

import { escapeText } from "../../../text/escape.ts";
import { shortHex } from "../../../text/hex.ts";
import { displayWidth } from "../terminal/display_width.ts";
import { formatBytes, formatRate, formatSeconds } from "../../../text/human.ts";
import {
  entriesOf,
  type Fields,
  Float,
  formatNumber,
  Id,
  isFields,
  isList,
  type Value,
} from "./report.ts";

/** Units by the names of fields; other numbers are written as they are. */
const UNITS: readonly [name: RegExp, format: (value: number) => string][] = [
  [/^bytes(?:_|$)|_bytes$|(?:^|_)size$/, formatBytes],
  [/_secs$/, formatSeconds],
  [/_mib_s$/, (mebibytes) => formatRate(mebibytes * 2 ** 20)],
];

/** Rows that are wider than this are written below each other. */
const ROW_WIDTH_MAX = 160;

type Emphasize = (name: string) => string;

/** Long digits fill screens and tell people nothing: other formats have them. */
function shortened(text: string): string {
  if (!/^[0-9a-f]+$/.test(text)) return text;
  const short = shortHex(text);
  return short === text
    ? text
    : `${short} (${text.length} digits; whole with --output json)`;
}

function cell(name: string, value: Value | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "-";
  if (typeof value === "string") return shortened(escapeText(value));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isList(value)) {
    if (value.length === 0) return "none";
    return value.map((item) => cell(name, item)).join(", ");
  }
  if (isFields(value)) {
    return entriesOf(value)
      .map(([key, item]) => `${escapeText(key)}=${cell(key, item)}`).join(" ");
  }
  const unit = UNITS.find(([pattern]) => pattern.test(name));
  if (unit === undefined || value instanceof Id) return formatNumber(value);
  return unit[1](value instanceof Float ? value.value : Number(value));
}

type Row = readonly string[];

function columnWidths(rows: readonly Row[]): number[] {
  return (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column])))
  );
}

/** Pads all columns but the last, and puts two blanks between columns. */
function align(
  rows: readonly Row[],
  mark: (cell: string, row: number, column: number) => string,
  widths = columnWidths(rows),
): string[] {
  return rows.map((row, at) =>
    row.map((text, column) => {
      const room = column === row.length - 1 ? 0 : widths[column];
      const blanks = Math.max(0, room - displayWidth(text));
      return mark(text, at, column) + " ".repeat(blanks);
    }).join("  ")
  );
}

/** One name and value a line. */
function alignNamed(rows: readonly Row[], emphasize: Emphasize): string[] {
  return align(
    rows,
    (text, _row, column) => column === 0 ? emphasize(text) : text,
  );
}

/** A line for each item below one with the names; or blocks, if too wide. */
function rowLines(items: readonly Fields[], emphasize: Emphasize): string[] {
  const names = [
    ...new Set(items.flatMap((item) => entriesOf(item).map(([name]) => name))),
  ];
  const titles = names.map(escapeText);
  const cells = items.map((item) =>
    names.map((name) => cell(name, item[name]))
  );
  const widths = columnWidths([titles, ...cells]);
  const lines =
    widths.reduce((sum, width) => sum + 2 + width, 0) > ROW_WIDTH_MAX
      ? cells.flatMap((row, at) => [
        ...(at === 0 ? [] : [""]),
        ...alignNamed(
          titles.map((title, column) => [title, row[column]]),
          emphasize,
        )
          .filter((_, column) => row[column] !== ""),
      ])
      : align(
        [titles, ...cells],
        (text, row) => row === 0 ? emphasize(text) : text,
        widths,
      ).map((line) => line.trimEnd());
  return lines.map((line) => line === "" ? "" : `  ${line}`);
}

export function formatTable(
  fields: Fields,
  emphasize: Emphasize = (name) => name,
): string {
  const entries = entriesOf(fields);
  const hasRows = (value: Value): value is readonly Fields[] =>
    isList(value) && value.length > 0 && value.every(isFields);
  const lines = alignNamed(
    entries.map(([name, value]) => [
      escapeText(name),
      hasRows(value) ? "" : cell(name, value),
    ]),
    emphasize,
  );
  return entries.flatMap(([, value], at) =>
    hasRows(value)
      ? [lines[at].trimEnd(), ...rowLines(value, emphasize)]
      : [lines[at]]
  ).join("\n");
}
