import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import {
  bytesOf,
  readArguments,
  restoreArguments,
  showArgument,
  textOf,
} from "./raw_arguments.ts";

const encoder = new TextEncoder();

/** Words as a process has them: each ended by a NUL. */
function commandLine(...words: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    words.flatMap((word) => [
      ...(typeof word === "string" ? encoder.encode(word) : word),
      0,
    ]),
  );
}

Deno.test("any bytes are a string that stands for them alone", () => {
  fc.assert(
    fc.property(fc.uint8Array({ min: 1, maxLength: 12 }), (bytes) => {
      assertEquals(bytesOf(textOf(bytes)), bytes);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const whole = text.toWellFormed();
      assertEquals(textOf(encoder.encode(whole)), whole);
    }),
  );
});

Deno.test("what is no UTF-8 is no well-formed string, and is shown by its bytes", () => {
  const cases: [number[], string][] = [
    [[0x62, 0xff, 0x64], "b\\xffd"],
    // A surrogate, an over-long slash, a character that is cut.
    [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
    [[0xc0, 0xaf], "\\xc0\\xaf"],
    [[0xf0, 0x9f, 0x98], "\\xf0\\x9f\\x98"],
  ];
  for (const [bytes, shown] of cases) {
    const text = textOf(Uint8Array.from(bytes));
    assertEquals([text.isWellFormed(), showArgument(text)], [false, shown]);
  }
});

Deno.test("arguments are restored from the last words of the process", () => {
  const line = commandLine(
    "deno",
    "run",
    "cli.ts",
    [0x62, 0xff],
    "",
    "a\uFFFD",
  );
  const restored = restoreArguments(["b\uFFFD", "", "a\uFFFD"], line);
  assertEquals(restored, ["b\uDCFF", "", "a\uFFFD"]);
});

Deno.test("words of another process are no arguments of ours", () => {
  const args = ["b\uFFFD"];
  assertEquals(restoreArguments(args, undefined), undefined);
  assertEquals(restoreArguments(args, new Uint8Array(0)), undefined);
  assertEquals(restoreArguments(args, commandLine("deno", "other")), undefined);
  // A launcher has replaced the byte before us, or the line is cut.
  assertEquals(restoreArguments(args, Uint8Array.of(0x62, 0xff)), undefined);
  assertEquals(restoreArguments(["b\uFFFD", "c"], commandLine("c")), undefined);
});

Deno.test("arguments without U+FFFD are not looked at, others refused when nobody tells", () => {
  const args = ["send-blob", "é"];
  assertEquals(readArguments(args), args);
  // The words of this test are others.
  assertThrows(() => readArguments(["b\uFFFDd"]), UsageError, "U+FFFD");
});
