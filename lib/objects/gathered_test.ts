import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { Gathered } from "./gathered.ts";

const part = (...bytes: number[]) => new Uint8Array(bytes);

Deno.test("gathered bytes stand behind each other, with room made before or not", () => {
  for (const expected of [0, 3, 5]) {
    const gathered = new Gathered(5);
    gathered.expect(expected);
    gathered.add(part(1));
    for (const bytes of [part(), part(2, 3), part(4)]) gathered.addCopy(bytes);
    gathered.space(1).set(part(5));
    gathered.took(1);
    assertEquals(gathered.bytes, part(1, 2, 3, 4, 5));
    assertEquals(gathered.space(100).length, 0);
  }
});

Deno.test("bytes beyond the bound are an error, and so is to announce them", () => {
  const gathered = new Gathered(3);
  gathered.add(part(1, 2));
  assertThrows(() => gathered.addCopy(part(3, 4)), ProtocolError);
  assertThrows(() => gathered.add(part(3, 4)), ProtocolError);
  assertThrows(() => gathered.expect(2), ProtocolError);
  assertEquals(gathered.bytes, part(1, 2));
  assertThrows(() => new Gathered(3).add(part(1, 2, 3, 4)), ProtocolError);
});

Deno.test("bytes beyond the bound are left where the first are enough", () => {
  const gathered = new Gathered(3, true);
  gathered.expect(2 ** 40);
  assertEquals(gathered.addCopy(part(1, 2)), 2);
  assert(!gathered.isCut);
  assertEquals(gathered.addCopy(part(3, 4)), 1);
  assert(gathered.isCut);
  assertEquals(gathered.bytes, part(1, 2, 3));
  assertEquals(gathered.bytes.buffer.byteLength, 3);
});

Deno.test("a copy is not changed with what it was made of", () => {
  const gathered = new Gathered(3);
  const bytes = part(1, 2, 3);
  gathered.addCopy(bytes);
  bytes.fill(0);
  assertEquals(gathered.bytes, part(1, 2, 3));
});

Deno.test("what was forgotten is gone", () => {
  const gathered = new Gathered(3);
  gathered.add(part(1, 2, 3));
  gathered.clear();
  assertEquals(gathered.bytes, part());
  gathered.add(part(7));
  assertEquals(gathered.bytes, part(7));
});
