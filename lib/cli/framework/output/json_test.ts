import { assertEquals, assertThrows } from "@std/assert";
import { formatJson } from "./json.ts";
import { Float } from "./report.ts";

const RESULT = {
  peer: 12345,
  out: "./received.bin",
  bytes: 204800,
  duration_secs: new Float(0.04),
  throughput_mib_s: new Float(4.8828125),
};

Deno.test("formatJson writes the documented result, pretty and compact", () => {
  assertEquals(
    formatJson(RESULT, 2),
    `{
  "peer": 12345,
  "out": "./received.bin",
  "bytes": 204800,
  "duration_secs": 0.04,
  "throughput_mib_s": 4.8828125
}`,
  );
  assertEquals(
    formatJson(RESULT),
    '{"peer":12345,"out":"./received.bin","bytes":204800,"duration_secs":0.04,"throughput_mib_s":4.8828125}',
  );
});

Deno.test("formatJson keeps 64-bit integers exact and floats fractional", () => {
  assertEquals(formatJson(2305843009213693953n), "2305843009213693953");
  assertEquals(formatJson(new Float(0)), "0.0");
  assertEquals(formatJson(new Float(12)), "12.0");
  assertEquals(formatJson(new Float(1e-7)), "1.0e-7");
  assertEquals(formatJson(new Float(-1.5e300)), "-1.5e+300");
});

Deno.test("formatJson leaves out what is not there and writes null", () => {
  assertEquals(formatJson({ a: undefined, b: null }), '{"b":null}');
});

Deno.test("formatJson indents nested lists and keeps empty ones short", () => {
  assertEquals(
    formatJson({ transfers: [], rows: [{ a: 1 }] }, 2),
    `{
  "transfers": [],
  "rows": [
    {
      "a": 1
    }
  ]
}`,
  );
});

Deno.test("formatJson refuses a number that would not be exact", () => {
  assertThrows(() => formatJson(0.5), RangeError);
  assertThrows(() => formatJson(2 ** 60), RangeError);
  assertThrows(() => formatJson(new Float(Infinity)), RangeError);
});
