import { assertEquals } from "@std/assert";
import { givenText } from "./given_text.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** As PowerShell's `>` writes it, or the other way round. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length + 2);
  const view = new DataView(bytes.buffer);
  [..."\uFEFF" + text].forEach((character, at) =>
    view.setUint16(2 * at, character.charCodeAt(0), littleEndian)
  );
  return bytes;
}

Deno.test("a text is the same in every encoding that has a mark, and in UTF-8", () => {
  const text = "nt1abc\r\ndef\r\n";
  for (
    const bytes of [
      utf8(text),
      utf8(`\uFEFF${text}`),
      utf16(text, true),
      utf16(text, false),
    ]
  ) {
    assertEquals(givenText(bytes), text);
  }
  assertEquals(givenText(new Uint8Array(0)), "");
});

Deno.test("the quote marks of a mail are no part of a text", () => {
  assertEquals(
    givenText(utf8("> > nt1abc\n>> def\n ghi>j\n")),
    "nt1abc\ndef\n ghi>j\n",
  );
});
