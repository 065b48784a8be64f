import { assert, assertEquals } from "@std/assert";
import { BufferPool } from "./buffer_pool.ts";

Deno.test("a buffer given back is taken again", () => {
  const pool = new BufferPool(1 << 24);
  const first = pool.take(100_000);
  assertEquals(first.length, 100_000);
  pool.give(first.buffer as ArrayBuffer);
  assertEquals(pool.take(90_000).buffer, first.buffer);
  assertEquals(pool.bytes, 0);
});

Deno.test("the smallest buffer that fits is taken", () => {
  const pool = new BufferPool(1 << 24);
  const large = pool.take(4 << 20);
  const small = pool.take(70_000);
  pool.give(large.buffer as ArrayBuffer);
  pool.give(small.buffer as ArrayBuffer);
  assertEquals(pool.take(80_000).buffer, small.buffer);
  assertEquals(pool.take(80_000).buffer, large.buffer);
  assert(pool.take(80_000).buffer !== large.buffer);
});

Deno.test("free buffers never exceed the bound", () => {
  const pool = new BufferPool(300_000);
  for (let i = 0; i < 10; i++) pool.give(new ArrayBuffer(100_000));
  assertEquals(pool.bytes, 300_000);
  pool.give(undefined);
  assertEquals(pool.bytes, 300_000);
});
