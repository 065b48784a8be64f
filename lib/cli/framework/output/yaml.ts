/**
 * Block YAML of results: no document marker, list items not indented under
 * their key, and a string that another parser could take for anything but a
 * string is quoted.
 */

import { needsEscape, quoteJson } from "../../../text/escape.ts";
import {
  entriesOf,
  type Fields,
  formatNumber,
  isFields,
  isList,
  type Value,
  withIdTexts,
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

/** What is the end of a document or of a key, or is lost, in spite of that. */
const MARK = /^\.{3}(?: |$)|: |:$| $|^@/;

/** Two escapes of JSON that are one character, which YAML escapes whole. */
const PAIR = /\\\\|\\u(d[89ab]..)\\u(d[c-f]..)/g;

function doubleQuoted(text: string): string {
  return quoteJson(text).replace(PAIR, (found, high?: string) => {
    if (high === undefined) return found;
    const character: string = JSON.parse(`"${found}"`);
    return `\\U${character.codePointAt(0)?.toString(16).padStart(8, "0")}`;
  });
}

function quote(text: string): string {
  const plain = PLAIN.test(text) && !WORDS.test(text) && !NUMBER.test(text) &&
    !TIMESTAMP.test(text) && !MARK.test(text);
  if (plain) return text;
  return needsEscape(text)
    ? doubleQuoted(text)
    : `'${text.replaceAll("'", "''")}'`;
}

/** A value that takes one line, or `undefined`. */
function inline(value: Value): string | undefined {
  if (typeof value === "string") return quote(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (isList(value)) return value.length === 0 ? "[]" : undefined;
  if (!isFields(value)) return formatNumber(value);
  return entriesOf(value).length === 0 ? "{}" : undefined;
}

function block(value: Value): string[] {
  const line = inline(value);
  if (line !== undefined) return [line];
  if (isList(value)) {
    return value.flatMap((item) =>
      block(item).map((part, at) => (at === 0 ? "- " : "  ") + part)
    );
  }
  const fields = isFields(value) ? entriesOf(value) : [];
  return fields.flatMap(([name, item]) => {
    const text = inline(item);
    if (text !== undefined) return [`${quote(name)}: ${text}`];
    const margin = isList(item) ? "" : "  ";
    return [`${quote(name)}:`, ...block(item).map((part) => margin + part)];
  });
}

/** Block YAML in which whatever another parser could take for no string is quoted. */
export function formatYaml(fields: Fields): string {
  return block(withIdTexts(fields)).join("\n");
}
