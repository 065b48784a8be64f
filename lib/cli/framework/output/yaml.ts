/**
 * Block YAML of results: no document marker, list items not indented under
 * their key, and a string that another parser could take for anything but a
 * string is quoted.
 *
 * @module
 */

import { needsEscape } from "../terminal/escape.ts";
import { quoteJson } from "./json.ts";
import {
  entriesOf,
  type Fields,
  Float,
  formatNumber,
  isFields,
  isList,
  type Value,
} from "./report.ts";

/** Words that YAML 1.1 or 1.2 read as null or boolean. */
const WORDS = /^(?:null|~|true|false|yes|no|on|off|y|n)$/i;

/** Numbers of YAML 1.1 and 1.2, sexagesimal ones included. */
const NUMBER =
  /^[-+]?(?:[0-9][0-9_,]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9_]+(?:e[-+]?[0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|\.inf|\.nan)$/i;

/** A date with a time (YAML 1.1 timestamp). */
const TIMESTAMP = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ]|$)/;

/** What can stand without quotes whatever its place. */
const PLAIN = /^[A-Za-z0-9_./@+(][A-Za-z0-9_./@+()%~=,; \-:]*$/;

function quote(text: string): string {
  const plain = PLAIN.test(text) && !WORDS.test(text) && !NUMBER.test(text) &&
    !TIMESTAMP.test(text) && !/: |:$| $|^@/.test(text);
  if (plain) return text;
  return needsEscape(text)
    ? quoteJson(text)
    : `'${text.replaceAll("'", "''")}'`;
}

function scalar(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (
    typeof value === "number" || typeof value === "bigint" ||
    value instanceof Float
  ) return formatNumber(value);
  if (isList(value)) return "[]";
  return value === null || typeof value === "boolean" ? String(value) : "{}";
}

function isEmpty(value: Value): boolean {
  return isList(value)
    ? value.length === 0
    : isFields(value) && entriesOf(value).length === 0;
}

function* lines(value: Value): Generator<string> {
  if (isList(value) && !isEmpty(value)) {
    for (const item of value) {
      let mark = "- ";
      for (const line of lines(item)) {
        yield mark + line;
        mark = "  ";
      }
    }
  } else if (isFields(value) && !isEmpty(value)) {
    for (const [name, item] of entriesOf(value)) {
      if (isEmpty(item) || (!isList(item) && !isFields(item))) {
        yield `${quote(name)}: ${scalar(item)}`;
      } else {
        yield `${quote(name)}:`;
        const margin = isList(item) ? "" : "  ";
        for (const line of lines(item)) yield margin + line;
      }
    }
  } else yield scalar(value);
}

/**
 * Writes named values as block YAML.
 *
 * @returns The text, without a newline at its end.
 *
 * @example
 * ```ts
 * import { formatYaml } from "./yaml.ts";
 *
 * console.log(formatYaml({ rows: [{ id: 884, hash: "00" }] }));
 * // rows:
 * // - id: 884
 * //   hash: '00'
 * ```
 */
export function formatYaml(fields: Fields): string {
  return [...lines(fields)].join("\n");
}
