import { assertEquals } from "@std/assert";
import { LongTermBound } from "./long_term_bound.ts";

const SIZE = 1000;

Deno.test("there is no bound, and nothing to leave to others, until losses show one", () => {
  const bound = new LongTermBound();
  assertEquals(bound.value, Infinity);
  assertEquals(bound.withHeadroom(SIZE, 4 * SIZE), Infinity);
});

Deno.test("30 % and at least a datagram are left to others, but not of the least", () => {
  const bound = new LongTermBound();
  bound.lower(100_000);
  assertEquals(bound.withHeadroom(SIZE, 4 * SIZE), 70_000);
  // Of what is lost nothing is left.
  assertEquals(bound.withHeadroom(SIZE, 4 * SIZE, 0.5), 85_000);
  assertEquals(bound.withHeadroom(SIZE, 90_000), 90_000);
  assertEquals(bound.withHeadroom(SIZE, 110_000), 100_000);
  bound.lower(3000);
  assertEquals(bound.withHeadroom(SIZE, SIZE), 2000);
});

Deno.test("a bound lowered by mistake is restored, and one raised since stays", () => {
  const bound = new LongTermBound();
  bound.lower(50_000);
  bound.lower(20_000);
  bound.restore();
  assertEquals(bound.value, 50_000);
  bound.value = 60_000;
  bound.restore();
  assertEquals(bound.value, 60_000);
});

Deno.test("a probe raises the bound by one datagram a window, then twice as fast each round", () => {
  const bound = new LongTermBound();
  bound.lower(10_000);
  bound.onProbeRefill();
  const raised: number[] = [];
  for (let round = 0; round < 5; round++) {
    bound.onProbeRound(8000, SIZE);
    const before = bound.value;
    for (let acked = 0; acked < 8000; acked += SIZE) bound.raise(SIZE, SIZE);
    raised.push((bound.value - before) / SIZE);
  }
  // No faster than a datagram for each that is acknowledged.
  assertEquals(raised, [1, 2, 4, 8, 8]);
  bound.onProbeEnd();
  const { value } = bound;
  bound.raise(1_000_000, SIZE);
  assertEquals(bound.value, value);
});
