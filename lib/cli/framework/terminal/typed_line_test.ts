import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type LineState, TypedLine } from "./typed_line.ts";

/** What is typed, what it comes to, and the text. */
const TYPED: [typed: string, state: LineState, text: string][] = [
  ["abc\r", "entered", "abc"],
  ["abc\nrest", "entered", "abc"],
  ["abx\x7fc\r", "entered", "abc"],
  ["日🎉\b\r", "entered", "日"],
  ["\x7f\r", "entered", ""],
  ["wrong\x15right\r", "entered", "right"],
  ["abc\x03", "interrupted", "abc"],
  ["\x04", "interrupted", ""],
  ["abc\x04", "entered", "abc"],
  ["abc", "open", "abc"],
  // Arrows, a function key, Alt and a letter.
  ["a\x1b[Ab\x1b[1;5Cc\x1bOPd\x1bxe\r", "entered", "abcde"],
  ["a\0\x01b\r", "entered", "ab"],
  // What a mail program has folded.
  ["\x1b[200~nt1ab\r\ncd\r\n\x1b[201~\r", "entered", "nt1ab\n\ncd\n\n"],
  ["x".repeat(30) + "\r", "entered", "x".repeat(20)],
];

for (const [typed, state, text] of TYPED) {
  Deno.test(`typing ${JSON.stringify(typed)} comes to ${state} ${JSON.stringify(text)}`, () => {
    const line = new TypedLine(20);
    assertEquals([line.feed(typed), line.text], [state, text]);
  });
}

Deno.test("it does not matter in which pieces keys arrive, and no line is longer than allowed", () => {
  const keys = fc.array(
    fc.constantFrom("a", "\x1b", "[", "200~", "201~", "A", "\r", "\x7f", "é"),
    { maxLength: 30 },
  );
  fc.assert(fc.property(keys, (typed) => {
    const whole = new TypedLine(8);
    const pieces = new TypedLine(8);
    const state = whole.feed(typed.join(""));
    let last: LineState = "open";
    for (const piece of typed) {
      if (last === "open") last = pieces.feed(piece);
    }
    assertEquals([pieces.text, last], [whole.text, state]);
    assertEquals(whole.text.length <= 8, true);
  }));
});
