import { assertEquals } from "@std/assert";
import { RecentChunks } from "./recent_chunks.ts";

const hashOf = (fill: number) => new Uint8Array(32).fill(fill);
const chunk = (length: number) => new Uint8Array(length);

/** Which of the chunks 1 to 4 are there. */
async function held(chunks: RecentChunks): Promise<number[]> {
  const numbers = [1, 2, 3, 4];
  const found = await Promise.all(numbers.map((n) => chunks.has(hashOf(n))));
  return numbers.filter((_, i) => found[i]);
}

Deno.test("what was read longest ago goes when there is no room", async () => {
  const chunks = new RecentChunks(30);
  for (const n of [1, 2, 3]) await chunks.put(hashOf(n), chunk(10));
  await chunks.get(hashOf(1));
  await chunks.put(hashOf(4), chunk(10));
  assertEquals(await held(chunks), [1, 3, 4]);
  assertEquals([2, 4].map((n) => chunks.sizeOf(hashOf(n))), [0, 10]);
});

Deno.test("a chunk put twice counts once", async () => {
  const chunks = new RecentChunks(20);
  for (const n of [1, 1, 1, 2]) await chunks.put(hashOf(n), chunk(10));
  assertEquals(await held(chunks), [1, 2]);
});

Deno.test("a chunk longer than the bound is there alone", async () => {
  const chunks = new RecentChunks(20);
  await chunks.put(hashOf(1), chunk(10));
  await chunks.put(hashOf(2), chunk(100));
  assertEquals(await held(chunks), [2]);
});
