import { assertEquals } from "@std/assert";
import { escapeText } from "./escape.ts";

Deno.test("escapeText makes controls visible and keeps the rest", () => {
  assertEquals(escapeText("a\x1b[2Jb\n\r\t\0"), "a\\u{1b}[2Jb\\n\\r\\t\\u{0}");
  assertEquals(
    escapeText("\x9b\u202e\u2066\ud800x"),
    "\\u{9b}\\u{202e}\\u{2066}\\u{d800}x",
  );
  assertEquals(escapeText("Grüße 👩‍🚀 日本"), "Grüße 👩‍🚀 日本");
});
