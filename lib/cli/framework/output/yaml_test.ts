import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { formatYaml } from "./yaml.ts";

Deno.test("formatYaml quotes what could be taken for anything but a string", () => {
  const words =
    "1234567890 12e4567 0x10 1_000 1:30 true No null ~ a: it's #x [x] {x} @file .inf ü = %x !x &x *x ? | 2026-01-02T03:04:05Z";
  const texts = [
    ...words.split(" "),
    ...["", " a", "a ", "- a", "a: b", "a #b", "a\nb", "\x1b[2J", "--- a"],
    ...["...", "... a", "... -"],
  ];
  for (const text of texts) {
    for (const fields of [{ text }, { [text]: 1 }]) {
      const yaml = formatYaml(fields);
      assertEquals(parse(yaml), fields, yaml);
    }
  }
  assertEquals(formatYaml({ version: "0.1.0" }), "version: 0.1.0");
  assertEquals(
    formatYaml({ listen: "10.0.0.1:7700" }),
    "listen: 10.0.0.1:7700",
  );
  assertEquals(formatYaml({ hash: "00" }), "hash: '00'");
  assertEquals(formatYaml({ out: "./a b.bin" }), "out: ./a b.bin");
});

Deno.test("formatYaml escapes a character by its code point, other parsers know no pairs", () => {
  assertEquals(formatYaml({ tag: "\u{e0041}" }), 'tag: "\\U000e0041"');
  // A backslash that is text, and half a character.
  const text = "\\udb40\udc41";
  assertEquals(formatYaml({ text }), String.raw`text: "\\udb40\udc41"`);
  assertEquals(parse(formatYaml({ text })), { text });
});
