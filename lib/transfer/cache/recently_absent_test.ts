import { assertEquals } from "@std/assert";
import { RecentlyAbsent } from "./recently_absent.ts";

Deno.test("what is absent is remembered for a while, in a bounded number", () => {
  let now = 0;
  const absent = new RecentlyAbsent(10, () => now, 3);
  const known = () => ["a", "b", "c", "d"].filter((key) => absent.has(key));
  for (const key of ["a", "b", "c", "d"]) absent.add(key);
  assertEquals([known(), absent.size], [["b", "c", "d"], 3]);
  absent.delete("c");
  now = 5;
  absent.add("a");
  assertEquals(known(), ["a", "b", "d"]);
  now = 10;
  assertEquals(known(), ["a"]);
  absent.add("b");
  assertEquals(absent.size, 2);
});

Deno.test("with no time to remember nothing is remembered", () => {
  const absent = new RecentlyAbsent(0, () => 0);
  absent.add("a");
  assertEquals([absent.has("a"), absent.size], [false, 0]);
});
