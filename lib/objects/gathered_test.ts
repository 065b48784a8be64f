import { assert, assertEquals } from "@std/assert";
import { Gathered } from "./gathered.ts";

const part = (...bytes: number[]) => new Uint8Array(bytes);

Deno.test("gathered bytes stand behind each other, with room made before or not", () => {
  for (const reserved of [0, 3, 100]) {
    const gathered = new Gathered(5);
    gathered.reserve(reserved);
    for (const bytes of [part(1), part(), part(2, 3), part(4, 5)]) {
      assert(gathered.add(bytes));
    }
    assertEquals(gathered.bytes, part(1, 2, 3, 4, 5));
  }
});

Deno.test("bytes beyond the bound are refused, and what was there stays", () => {
  const gathered = new Gathered(3);
  gathered.add(part(1, 2));
  assert(!gathered.add(part(3, 4)));
  assertEquals(gathered.bytes, part(1, 2));
  assert(gathered.add(part(3)));
});

Deno.test("no more room is made than the bound, whatever is announced", () => {
  const gathered = new Gathered(3);
  gathered.reserve(2 ** 40);
  gathered.add(part(9));
  assertEquals(gathered.bytes.buffer.byteLength, 3);
});

Deno.test("what was forgotten is gone", () => {
  const gathered = new Gathered(3);
  gathered.add(part(1, 2, 3));
  gathered.clear();
  assertEquals(gathered.bytes, part());
  gathered.add(part(7));
  assertEquals(gathered.bytes, part(7));
});
