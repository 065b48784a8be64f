import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutToWidth, displayWidth } from "./display_width.ts";

Deno.test("displayWidth counts columns, not characters", () => {
  const widths: readonly [string, number][] = [
    ["", 0],
    ["plain ASCII", 11],
    ["日本語", 6],
    ["ｱｲｳ", 3],
    ["한국", 4],
    ["\u1112\u1161\u11ab", 2],
    ["e\u0301", 1],
    ["a\u200bb\u200db", 3],
    ["🎉", 2],
    ["❤", 1],
    ["❤\ufe0f", 2],
    ["🇩🇪", 2],
    ["…", 1],
  ];
  for (const [text, width] of widths) {
    assertEquals(displayWidth(text), width, JSON.stringify(text));
  }
});

Deno.test("cutToWidth keeps the wanted end and whole characters", () => {
  assertEquals(cutToWidth("abc", 3, "left"), "abc");
  assertEquals(cutToWidth("abcdef", 4, "left"), "…def");
  assertEquals(cutToWidth("abcdef", 4, "right"), "abc…");
  assertEquals(cutToWidth("日本語", 4, "left"), "…語");
  assertEquals(cutToWidth("日本語", 5, "right"), "日本…");
  assertEquals(cutToWidth("xae\u0301", 2, "left"), "…e\u0301");
  assertEquals(cutToWidth("abc", 1, "left"), "…");
  assertEquals(cutToWidth("abc", 0, "right"), "");
});

Deno.test("cutToWidth never passes its width and cuts only what is too wide", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom("left" as const, "right" as const),
    (text, columns, from) => {
      const cut = cutToWidth(text, columns, from);
      assert(displayWidth(cut) <= columns);
      if (columns > 0 && displayWidth(text) <= columns) {
        assertEquals(cut, text);
      }
    },
  ));
});
