import { assertEquals } from "@std/assert";
import { PerSecond } from "./per_second.ts";

Deno.test("PerSecond gives so many in a second, and as many again in the next one", () => {
  const three = new PerSecond(3);
  const take = (now: number) =>
    Array.from({ length: 5 }, () => three.take(now)).filter(Boolean).length;
  assertEquals(take(100), 3);
  assertEquals(take(1099), 0);
  assertEquals(take(1100), 3);
});
