import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RefError } from "../errors.ts";
import { encodeBlobRef, makeSmall } from "./blob_ref.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { parseRef } from "./parse_ref.ts";
import { anyBlobRef } from "./testing/arbitraries.ts";

const HASH = "8E4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99";

function refuses(text: string, ...parts: string[]): void {
  const error = assertThrows(() => parseRef(text), RefError);
  for (const part of parts) assert(error.message.includes(part), error.message);
}

Deno.test("parseRef takes a bare hash as one chunk of unknown size, its hex kept as typed", () => {
  const expected = makeSmall(`mesh://${HASH}`, fromHex(HASH), 0n);
  assertEquals(parseRef(HASH), expected);
  assertEquals(parseRef(`\t 0X${HASH}\n`), expected);
});

Deno.test("parseRef takes a reference with the quotes around it that JSON or a mail has", () => {
  const expected = parseRef(HASH);
  for (const quoted of [`"${HASH}"`, ` '${HASH}'\n`, `\u201c0x${HASH}\u201d`]) {
    assertEquals(parseRef(quoted), expected);
  }
  refuses(`"${HASH}`, "is not hex");
  refuses('""', "reference is empty");
});

Deno.test("parseRef reads the hex of any encoded reference, in either case", () => {
  fc.assert(fc.property(anyBlobRef(), fc.boolean(), (ref, upper) => {
    const bytes = encodeBlobRef(ref);
    const hex = toHex(bytes);
    assertEquals(parseRef(`0x${upper ? hex.toUpperCase() : hex}`), ref);
  }));
});

Deno.test("parseRef says what is wrong with the text", () => {
  refuses("  ", "reference is empty");
  refuses("0x", "reference is empty");
  refuses("nt1abcdefgh", "is a ticket, not hex");
  refuses("hello", "is not hex", '"h" at position 0');
  refuses("0x0x00", '"x" at position 1');
  refuses(HASH.slice(1), "63 hex digits are not a whole number of bytes");
  refuses("0".repeat(1_048_577), "1048577 characters");
});

Deno.test("parseRef says what is wrong with the bytes", () => {
  refuses("c0ffee", "neither a 32-byte hash", "3 bytes", "b0b1b2b3");
  refuses("b0b1b2b300", "neither", "blob ref version 0 not supported");
  refuses("b0b1b2b301", "blob ref decode failed: small frame too short");
});

Deno.test("parseRef shows the beginning of a long text only, escaped", () => {
  const text = "\u001b[31m" + "a".repeat(5000);
  const error = assertThrows(() => parseRef(text), RefError);
  assert(error.message.length < 200 && !error.message.includes("\u001b"));
});
