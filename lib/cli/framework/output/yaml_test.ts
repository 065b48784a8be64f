import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { Float } from "./report.ts";
import { formatYaml } from "./yaml.ts";

Deno.test("formatYaml writes the documented results", () => {
  assertEquals(
    formatYaml({
      peer: 12345,
      out: "./received.bin",
      bytes: 204800,
      duration_secs: new Float(0.04),
      throughput_mib_s: new Float(4.8828125),
    }),
    `peer: 12345
out: ./received.bin
bytes: 204800
duration_secs: 0.04
throughput_mib_s: 4.8828125`,
  );
  assertEquals(
    formatYaml({
      transfer_count: 2,
      transfers: [
        { transfer_id: 2305843009213693953n, peer: 884, hash: "9f3c00aa" },
        { transfer_id: 2305843009213693954n, peer: 884, hash: "c0de00bb" },
      ],
    }),
    `transfer_count: 2
transfers:
- transfer_id: 2305843009213693953
  peer: 884
  hash: 9f3c00aa
- transfer_id: 2305843009213693954
  peer: 884
  hash: c0de00bb`,
  );
  assertEquals(formatYaml({ transfers: [] }), "transfers: []");
});

Deno.test("formatYaml quotes what could be taken for anything but a string", () => {
  const texts = [
    "1234567890",
    "12e4567",
    "0x10",
    "1_000",
    "1:30",
    "true",
    "No",
    "null",
    "~",
    "",
    " a",
    "a ",
    "- a",
    "a: b",
    "a #b",
    "a:",
    "it's",
    "#x",
    "[x]",
    "{x}",
    "@file",
    "2026-01-02T03:04:05Z",
    ".inf",
    "a\nb",
    "\x1b[2J",
    "ü",
    "=",
    "%x",
    "!x",
    "&x",
    "*x",
    "?",
    "|",
    "--- a",
  ];
  for (const text of texts) {
    const yaml = formatYaml({ text });
    assertEquals(parse(yaml), { text }, yaml);
  }
  assertEquals(formatYaml({ version: "0.1.0" }), "version: 0.1.0");
  assertEquals(
    formatYaml({ listen: "10.0.0.1:7700" }),
    "listen: 10.0.0.1:7700",
  );
  assertEquals(formatYaml({ hash: "00" }), "hash: '00'");
  assertEquals(formatYaml({ out: "./a b.bin" }), "out: ./a b.bin");
});

Deno.test("formatYaml nests tables and lists so that they are read back", () => {
  const value = { a: { b: [1, [2, 3], { c: [] }], d: {} }, e: null };
  assertEquals(parse(formatYaml(value)), value);
});
