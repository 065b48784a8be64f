import { assertEquals } from "@std/assert";
import { Queue } from "./queue.ts";

Deno.test("items come in the order of their arrival, also to a caller that waits", async () => {
  const queue = new Queue<number>();
  for (const item of [1, 2, 3]) queue.push(item);
  queue.delete(2);
  assertEquals(queue.size, 2);
  assertEquals([await queue.next(), await queue.next()], [1, 3]);
  const waiting = queue.next();
  queue.push(4);
  assertEquals(await waiting, 4);
});

Deno.test("an ended queue gives what it has and ends, also for a caller that waits", async () => {
  const queue = new Queue<number>();
  queue.push(1);
  queue.end();
  assertEquals(await Array.fromAsync(queue), [1]);
  const other = new Queue<number>();
  const waiting = other.next();
  other.end();
  assertEquals(await waiting, undefined);
});
