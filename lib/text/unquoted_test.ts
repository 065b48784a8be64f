import { assertEquals } from "@std/assert";
import { unquoted } from "./unquoted.ts";

Deno.test("one pair of quotes around a text is taken off, with the white space around and in it", () => {
  for (
    const quoted of [
      "abc",
      " abc\n",
      '"abc"',
      "'abc'",
      "`abc`",
      "\u201cabc\u201d",
      "\u2018abc\u2019",
      ' " abc " ',
    ]
  ) assertEquals(unquoted(quoted), "abc", quoted);
});

Deno.test("what is no pair of quotes stays", () => {
  for (const text of ["", '"', '"abc', "abc'", `"abc'`, '""abc""']) {
    const expected = text === '""abc""' ? '"abc"' : text;
    assertEquals(unquoted(text), expected);
  }
});
