import { assert, assertEquals } from "@std/assert";
import { TakenWork } from "./taken_work.ts";

const KIB = 1024;

Deno.test("what is wasted counts for all sessions of a key, less for its network, and for nobody else", () => {
  const work = new TakenWork();
  const one = work.join("key", "network");
  const same = work.join("key", "network");
  const near = work.join("other", "network");
  const far = work.join("other far", "elsewhere");
  one.add(640 * KIB, 0, 0);
  assertEquals(same.wasted(0), 11.25);
  assertEquals(near.wasted(0), 1.25);
  assertEquals(far.wasted(0), 0);
  one.add(0, 64 * KIB, 0);
  assertEquals(one.wasted(0), 5.625);
  one.add(-9000 * KIB, 0, 0);
  assertEquals(one.wasted(0), 0);
});

Deno.test("what is held at present counts as if it were over", () => {
  const one = new TakenWork().join("key", "network");
  assertEquals(one.wasted(0, 640 * KIB, 64 * KIB), 5);
  assertEquals(one.wasted(0), 0);
});

Deno.test("what was wasted is forgotten with time, and with the last session", () => {
  const work = new TakenWork();
  const one = work.join("key", "network");
  const same = work.join("key", "network");
  one.add(640 * KIB, 0, 0);
  assertEquals(one.wasted(4000), 5.625);
  assert(one.wasted(60_000) < 0.01);
  one.add(640 * KIB, 0, 60_000);
  one[Symbol.dispose]();
  assert(same.wasted(60_000) > 11);
  same[Symbol.dispose]();
  assertEquals(work.join("key", "network").wasted(60_000), 0);
});

Deno.test("who has much read for little of it pauses, longer beside others of its network, and nobody else does", () => {
  const work = new TakenWork();
  const [one, near] = ["one", "near"].map((key) => work.join(key, "network"));
  one.add(1024 * KIB * 120, 0, 0);
  assertEquals(one.pauseMs(0), 28);
  near.add(1024 * KIB * 24, 0, 0);
  assertEquals(near.pauseMs(0), 0);
  assertEquals(one.pauseMs(0), 40);
  assertEquals(one.pauseMs(60_000), 0);
});
