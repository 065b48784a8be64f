import { assertEquals } from "@std/assert";
import { type CacheRow, SegmentedLru } from "./segmented_lru.ts";

function lruOf(keys: string, max = 10): SegmentedLru {
  const lru = new SegmentedLru(max);
  for (const [i, key] of [...keys].entries()) lru.add(key, row(i));
  return lru;
}

function row(used: number): CacheRow {
  return { hash: new Uint8Array(32), cost: 1, used, rank: "once" };
}

function orderOf(lru: SegmentedLru): string {
  return [...lru.inOrder()].map(([key]) => key).join("");
}

Deno.test("what was used longest ago goes first", () => {
  const lru = lruOf("abc");
  assertEquals(lru.use("a", "peer", 10), []);
  assertEquals(orderOf(lru), "bca");
  assertEquals([lru.bytes, lru.size], [3, 3]);
  lru.delete("c");
  assertEquals([orderOf(lru), lru.bytes], ["ba", 2]);
  assertEquals(lru.use("none", "peer", 10), []);
});

Deno.test("what two peers wanted goes after all that one wanted, however often", () => {
  const lru = lruOf("abcd");
  for (const by of ["one", "one", "two"]) lru.use("a", by, 10);
  for (let i = 0; i < 9; i++) lru.use("b", "one", 11);
  assertEquals(orderOf(lru), "cdba");
  for (let i = 0; i < 100; i++) lru.add(`x${i}`, row(20));
  assertEquals(orderOf(lru).at(-1), "a");
});

Deno.test("there is room for what is new beside what is shared", () => {
  const lru = lruOf("abcdefghij");
  const changed = new Set<CacheRow>();
  for (const key of "abcdefghij") {
    lru.use(key, "one", 10);
    for (const row of lru.use(key, "two", 10)) changed.add(row);
  }
  assertEquals(orderOf(lru), "abcdefghij");
  const lost = [...changed].filter(({ rank }) => rank === "once");
  assertEquals(lost, [lru.get("a"), lru.get("b")]);
  // One that lost its rank has to be wanted by two again.
  lru.use("a", "two", 11);
  assertEquals(lru.get("a")?.rank, "once");
  lru.use("a", "three", 11);
  assertEquals(lru.get("a")?.rank, "shared");
});
