import { assertEquals } from "@std/assert";
import { escapeText, needsEscape, quoteJson, quoteText } from "./escape.ts";

const ORDINARY = ["", "a b/ü-日本 😀'", "Grüße 👩‍🚀 👩🏽‍🚀 ❤️ 日本", "–…“”"];

Deno.test("ordinary text of any script, and emoji, are shown as they are", () => {
  for (const text of ORDINARY) {
    assertEquals(escapeText(text), text);
    assertEquals(needsEscape(text), false);
    assertEquals(quoteText(text), `"${text}"`);
    assertEquals(quoteJson(text), JSON.stringify(text));
  }
});

Deno.test("what is not seen, or changes what is seen, is escaped everywhere", () => {
  const characters = [
    ["\x01", "\x1b", "\x7f", "\x80", "\x9b"], // controls
    ["\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"], // order
    ["\u00ad", "\u034f", "\u115f", "\u180e", "\u200b", "\u200c", "\u200d"], // no width
    ["\u2060", "\u2064", "\ufe0f", "\ufeff", "\ufff9", "\u{e0041}"],
    ["\u00a0", "\u2003", "\u2028", "\u2029", "\u3000"], // white space
    ["\ud800", "\udfff", "\ue000", "\uffff", "\u{10ffff}"], // no characters
  ].flat();
  for (const character of characters) {
    const code = character.codePointAt(0)!.toString(16);
    const text = `a${character}b`;
    assertEquals(escapeText(text), `a\\u{${code}}b`);
    assertEquals(needsEscape(text), true);
    assertEquals(quoteText(text), `"a\\u{${code}}b"`);
    const json = quoteJson(text);
    assertEquals(json.match(/^"a(\\u[0-9a-f]{4})+b"$/) !== null, true, json);
    assertEquals(JSON.parse(json), text);
  }
  assertEquals(escapeText("\0\t\r\n"), String.raw`\0\t\r\n`);
  assertEquals(quoteText("\0\t\r\n"), String.raw`"\0\t\r\n"`);
});

Deno.test("only quoted text has its quotes and backslashes escaped", () => {
  assertEquals(escapeText('"\\'), '"\\');
  assertEquals(quoteText('"\\'), String.raw`"\"\\"`);
});

Deno.test("quoteText cuts long text between code points", () => {
  assertEquals(quoteText("a".repeat(1e6)), `"${"a".repeat(256)}…"`);
  assertEquals(quoteText("😀".repeat(256)), `"${"😀".repeat(256)}"`);
  assertEquals(quoteText("😀".repeat(257)), `"${"😀".repeat(256)}…"`);
});
