import { assertEquals } from "@std/assert";
import { quoteText } from "./quote.ts";

Deno.test("quoteText leaves ordinary text of any script as it is", () => {
  assertEquals(quoteText("a b/ü-日本 😀'"), `"a b/ü-日本 😀'"`);
});

Deno.test("quoteText escapes what could change the meaning of a line or a terminal", () => {
  assertEquals(quoteText('"\\\0\t\r\n'), String.raw`"\"\\\0\t\r\n"`);
  assertEquals(
    quoteText("\x1b[31m\x9b\x7f"),
    String.raw`"\u{1b}[31m\u{9b}\u{7f}"`,
  );
  assertEquals(
    quoteText("\u202egpj.exe\u00a0\u2028\ufeff"),
    String.raw`"\u{202e}gpj.exe\u{a0}\u{2028}\u{feff}"`,
  );
  assertEquals(quoteText("\ud800"), String.raw`"\u{d800}"`);
});

Deno.test("quoteText cuts long text between code points", () => {
  assertEquals(quoteText("😀".repeat(256)), `"${"😀".repeat(256)}"`);
  assertEquals(quoteText("😀".repeat(257)), `"${"😀".repeat(256)}…"`);
  assertEquals(quoteText("a".repeat(1e6)), `"${"a".repeat(256)}…"`);
});
