/** Every result in every format. */

import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import fc from "fast-check";
import { needsEscape } from "../../../text/escape.ts";
import { displayWidth } from "../terminal/display_width.ts";
import { renderReport } from "./render.ts";
import {
  entriesOf,
  type Fields,
  Float,
  isFields,
  isList,
  OUTPUT_FORMATS,
  type Value,
} from "./report.ts";
import { formatTable } from "./table.ts";
import { anyFields, anyText } from "./testing/arbitrary_fields.ts";

const report = (fields: Fields, text = "") => ({ fields, text: () => text });

const RESULT: Fields = {
  peer: 2305843009213693953n,
  out: "a\x1b.bin",
  bytes: 204800,
  duration_secs: new Float(0.04),
  throughput_mib_s: new Float(4.8828125),
  atomic: true,
  note: null,
  left: undefined,
  bytes_missing: 0,
  refs: [{ path: "b", size: 2048 }, { path: "00", size: 1 }],
  none: [],
};

const WRITTEN = {
  ndjson: String
    .raw`{"peer":2305843009213693953,"out":"a\u001b.bin","bytes":204800,"duration_secs":0.04,"throughput_mib_s":4.8828125,"atomic":true,"note":null,"bytes_missing":0,"refs":[{"path":"b","size":2048},{"path":"00","size":1}],"none":[]}`,
  json: String.raw`{
  "peer": 2305843009213693953,
  "out": "a\u001b.bin",
  "bytes": 204800,
  "duration_secs": 0.04,
  "throughput_mib_s": 4.8828125,
  "atomic": true,
  "note": null,
  "bytes_missing": 0,
  "refs": [
    {
      "path": "b",
      "size": 2048
    },
    {
      "path": "00",
      "size": 1
    }
  ],
  "none": []
}`,
  yaml: String.raw`peer: 2305843009213693953
out: "a\u001b.bin"
bytes: 204800
duration_secs: 0.04
throughput_mib_s: 4.8828125
atomic: true
note: null
bytes_missing: 0
refs:
- path: b
  size: 2048
- path: '00'
  size: 1
none: []`,
  table: String.raw`peer              2305843009213693953
out               a\u{1b}.bin
bytes             200 KiB
duration_secs     40 ms
throughput_mib_s  4.88 MiB/s
atomic            yes
note              -
bytes_missing     0 B
refs
  path  size
  b     2 KiB
  00    1 B
none              none`,
  text: String.raw`fetched a\u{1b}.bin`,
} as const;

Deno.test("a result is written as each format has it", async () => {
  for (const format of OUTPUT_FORMATS) {
    assertEquals(
      await renderReport(report(RESULT, "fetched a\x1b.bin"), format),
      `${WRITTEN[format]}\n`,
      format,
    );
  }
});

/** A value as data: scalars as `leaf` has them, nothing that is left out. */
function data(value: Value, leaf: (value: unknown) => unknown): unknown {
  if (isList(value)) return value.map((item) => data(item, leaf));
  if (!isFields(value)) return leaf(value);
  return Object.fromEntries(
    entriesOf(value).map(([name, item]) => [name, data(item, leaf)]),
  );
}

/** What is read back of a scalar when integers are read by `integer`. */
const readBy = (integer: typeof BigInt | typeof Number) => (value: unknown) => {
  if (value instanceof Float) return value.value;
  const isInteger = typeof value === "number" || typeof value === "bigint";
  return isInteger ? integer(value) : value;
};

Deno.test("json and ndjson are read back exactly", async () => {
  const reviver = (_: string, value: unknown, ...[context]: unknown[]) => {
    if (typeof value !== "number") return value;
    const { source = "" } = context as { source?: string };
    return /[.e]/.test(source) ? value : BigInt(source);
  };
  await fc.assert(fc.asyncProperty(anyFields, async (fields) => {
    for (const format of ["json", "ndjson"] as const) {
      const text = await renderReport(report(fields), format);
      assertEquals(
        JSON.parse(text, reviver),
        data(fields, readBy(BigInt)),
        text,
      );
    }
  }));
});

Deno.test("yaml is read back: strings as strings, integers exactly", async () => {
  await fc.assert(fc.asyncProperty(anyFields, async (fields) => {
    const text = await renderReport(report(fields), "yaml");
    assertEquals(parse(text), data(fields, readBy(Number)), text);
    // Without a schema every scalar is read as the text that was written.
    assertEquals(
      parse(text, { schema: "failsafe" }),
      data(
        fields,
        (value) =>
          value instanceof Float ? expectFraction(value) : String(value),
      ),
      text,
    );
  }));
});

function expectFraction({ value }: Float): string {
  const [digits, exponent] = String(value).split("e");
  return `${digits}${digits.includes(".") ? "" : ".0"}${
    exponent === undefined ? "" : `e${exponent}`
  }`;
}

Deno.test("no format lets a terminal act on what is in a result", async () => {
  await fc.assert(fc.asyncProperty(anyFields, anyText, async (fields, text) => {
    for (const format of OUTPUT_FORMATS) {
      const shown = await renderReport(report(fields, text), format);
      assert(shown.endsWith("\n"), format);
      const lines = shown.split("\n");
      assertEquals(lines.filter(needsEscape), [], format);
      if (format === "ndjson" || format === "text") {
        assertEquals(lines.length, 2, format);
      }
    }
  }));
});

/** Short text in which a gap of two blanks can only be one between columns. */
const word = anyText.map((text) =>
  `x${[...text].slice(0, 3).join("").replaceAll(" ", "_")}`
);
const names = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });

/** Where the columns of a line start. */
function columnsOf(line: string): number[] {
  const starts = [...line.matchAll(/(?<=^| {2})[^ ]+/g)];
  return starts.map(({ index }) => displayWidth(line.slice(0, index)));
}

Deno.test("table starts each column of rows at the same place", () => {
  const tables = names.chain((names) => {
    const cells = Object.fromEntries(names.map((name) => [name, word]));
    const row = fc.record(cells, { noNullPrototype: true });
    return fc.array(row, { minLength: 1, maxLength: 4 });
  });
  fc.assert(fc.property(tables, (rows) => {
    const [title, ...lines] = formatTable({ rows }).split("\n");
    assertEquals(title, "rows");
    assertEquals(lines.length, rows.length + 1);
    const places = columnsOf(lines[0]);
    assertEquals(places.length, Object.keys(rows[0]).length);
    for (const line of lines) assertEquals(columnsOf(line), places);
  }));
});

Deno.test("table starts each value of a result at the same place", () => {
  const results = fc.dictionary(word, word, { minKeys: 1 });
  fc.assert(fc.property(results, (fields) => {
    const lines = formatTable({ ...fields }).split("\n");
    assertEquals(lines.length, Object.keys(fields).length);
    const [, place] = columnsOf(lines[0]);
    for (const line of lines) assertEquals(columnsOf(line), [0, place]);
  }));
});
