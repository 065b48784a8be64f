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
function data(
  value: Value,
  leaf: (value: Exclude<Value, Fields | readonly Value[]>) => unknown,
): unknown {
  if (isList(value)) return value.map((item) => data(item, leaf));
  if (!isFields(value)) return leaf(value as Exclude<typeof value, Fields>);
  return Object.fromEntries(
    entriesOf(value).map(([name, item]) => [name, data(item, leaf)]),
  );
}

/** Integers as bigints, other numbers as numbers. */
const exact = (value: unknown) =>
  value instanceof Float
    ? value.value
    : typeof value === "number"
    ? BigInt(value)
    : value;

/** All numbers as numbers. */
const rounded = (value: unknown) =>
  value instanceof Float
    ? value.value
    : typeof value === "bigint"
    ? Number(value)
    : value;

Deno.test("json and ndjson are read back exactly", async () => {
  const reviver = (
    _name: string,
    value: unknown,
    context?: { source?: string },
  ) => {
    if (typeof value !== "number") return value;
    const source = context?.source ?? "";
    return /[.e]/.test(source) ? value : BigInt(source);
  };
  await fc.assert(fc.asyncProperty(anyFields, async (fields) => {
    for (const format of ["json", "ndjson"] as const) {
      const text = await renderReport(report(fields), format);
      assertEquals(JSON.parse(text, reviver), data(fields, exact), text);
    }
  }));
});

Deno.test("yaml is read back: strings as strings, integers exactly", async () => {
  await fc.assert(fc.asyncProperty(anyFields, async (fields) => {
    const text = await renderReport(report(fields), "yaml");
    assertEquals(parse(text), data(fields, rounded), text);
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

Deno.test("table starts each column of rows at the same place", () => {
  const tables = fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).chain((
    names,
  ) =>
    fc.array(
      fc.tuple(...names.map(() => word)).map((cells): Fields =>
        Object.fromEntries(names.map((name, at) => [name, cells[at]]))
      ),
      { minLength: 1, maxLength: 4 },
    )
  );
  fc.assert(fc.property(tables, (rows) => {
    const [title, ...lines] = formatTable({ rows }).split("\n");
    assertEquals(title, "rows");
    assertEquals(lines.length, rows.length + 1);
    const places = lines.map((line) =>
      [...line.matchAll(/(?<=^| {2})[^ ]+/g)].map(({ index }) =>
        displayWidth(line.slice(0, index))
      )
    );
    for (const place of places) assertEquals(place, places[0]);
    assertEquals(places[0].length, Object.keys(rows[0]).length);
  }));
});

Deno.test("table starts each value of a result at the same place", () => {
  fc.assert(
    fc.property(fc.dictionary(word, word, { minKeys: 1 }), (fields) => {
      const places = formatTable({ ...fields }).split("\n").map((line) =>
        displayWidth(/^[^ ]+ +/.exec(line)?.[0] ?? "")
      );
      assertEquals(places.length, Object.keys(fields).length);
      for (const place of places) assertEquals(place, places[0]);
    }),
  );
});
