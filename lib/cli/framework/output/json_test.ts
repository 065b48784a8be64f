import { assertEquals, assertThrows } from "@std/assert";
import { formatJson } from "./json.ts";
import { Float, Id } from "./report.ts";
import { formatYaml } from "./yaml.ts";

Deno.test("formatJson keeps 64-bit integers exact and floats fractional", () => {
  assertEquals(formatJson(2305843009213693953n), "2305843009213693953");
  assertEquals(formatJson(new Float(0)), "0.0");
  assertEquals(formatJson(new Float(12)), "12.0");
  assertEquals(formatJson(new Float(1e-7)), "1.0e-7");
  assertEquals(formatJson(new Float(-1.5e300)), "-1.5e+300");
});

Deno.test("formatJson refuses a number that would not be exact", () => {
  assertThrows(() => formatJson(0.5), RangeError);
  assertThrows(() => formatJson(2 ** 60), RangeError);
  assertThrows(() => formatJson(new Float(Infinity)), RangeError);
});

Deno.test("every format for programs has the text of an id behind the fields beside it", () => {
  const row = { peer: new Id(2n ** 64n - 1n), bytes: 1 };
  const fields = { node_id: new Id(42n), rows: [row], size: 3n };
  assertEquals(
    formatJson(fields),
    '{"node_id":42,"rows":[{"peer":18446744073709551615,"bytes":1,' +
      '"peer_hex":"0xffffffffffffffff"}],"size":3,' +
      '"node_id_hex":"0x000000000000002a"}',
  );
  assertEquals(
    formatYaml(fields),
    "node_id: 42\nrows:\n- peer: 18446744073709551615\n  bytes: 1\n" +
      "  peer_hex: '0xffffffffffffffff'\nsize: 3\n" +
      "node_id_hex: '0x000000000000002a'",
  );
});
