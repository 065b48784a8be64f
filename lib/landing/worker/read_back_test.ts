import { assertEquals, assertThrows } from "@std/assert";
import { blake3 } from "../../content/hash.ts";
import { IoError } from "../../errors.ts";
import { test } from "../testing/trees.ts";
import { checkReadBack, WrittenEnds, type WrittenRange } from "./read_back.ts";

function range(offset: number, text: string): WrittenRange {
  const bytes = new TextEncoder().encode(text);
  return { offset, length: bytes.length, hash: blake3(bytes) };
}

test("checkReadBack passes a file that holds what was written", (dir) => {
  Deno.writeTextFileSync(`${dir}/f`, "abcdef");
  checkReadBack(`${dir}/f`, 6, [range(0, "ab"), range(4, "ef")]);
});

test("checkReadBack finds a file that was lost when it was closed", (dir) => {
  Deno.writeTextFileSync(`${dir}/f`, "");
  const error = assertThrows(
    () => checkReadBack(`${dir}/f`, 6, [range(0, "ab")]),
    IoError,
    "it has 0 bytes of 6 written",
  );
  assertEquals(error.fields.path, `${dir}/f`);
});

test("checkReadBack finds bytes that are not those written, though the length is right", (dir) => {
  Deno.writeTextFileSync(`${dir}/f`, "abc\0\0\0");
  assertThrows(
    () => checkReadBack(`${dir}/f`, 6, [range(0, "ab"), range(4, "ef")]),
    IoError,
    "its bytes from 4 on are not those written",
  );
});

test("checkReadBack does not trust the length of a file that cannot be read so far", () => {
  const ops = { size: () => 6, read: () => new Uint8Array() };
  assertThrows(() => checkReadBack("x", 6, [range(0, "ab")], ops), IoError);
});

Deno.test("WrittenEnds keeps the first and the last range, whatever their order", () => {
  const ends = new WrittenEnds();
  assertEquals(ends.ranges, []);
  ends.add(range(4, "ef"));
  assertEquals(ends.ranges, [range(4, "ef")]);
  for (const next of [range(8, "x"), range(0, "ab"), range(2, "cd")]) {
    ends.add(next);
  }
  assertEquals(ends.ranges, [range(0, "ab"), range(8, "x")]);
});
