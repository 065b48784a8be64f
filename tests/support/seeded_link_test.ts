import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { LinkOptions } from "../../lib/wire/testing/link.ts";
import { SeededLink } from "./seeded_link.ts";

const FAULTS = { loss: 0.2, duplicate: 0.1, corrupt: 0.1 };
const DATAGRAMS = 1000;

/** What becomes of equal datagrams that follow each other. */
function fates(
  seed: number,
  options: Partial<LinkOptions> = FAULTS,
  interval = 1,
): string[] {
  const link = new SeededLink(options, seed);
  return Array.from({ length: DATAGRAMS }, (_, i) => {
    const arrived = link.transmit(i * interval, new Uint8Array(1000));
    return arrived.map(({ bytes }) => bytes.findIndex((byte) => byte !== 0))
      .join();
  });
}

Deno.test("a seed decides which datagrams get lost, repeated and damaged, and where", () => {
  assertEquals(fates(1), fates(1));
  assertNotEquals(fates(1), fates(2));
  const count = (fate: RegExp) => fates(1).filter((f) => fate.test(f)).length;
  for (
    const [what, share] of [[/^$/, 0.2], [/,/, 0.08], [/\d{2}/, 0.07]] as const
  ) {
    assert(Math.abs(count(what) / DATAGRAMS - share) < 0.05, `${what}`);
  }
});

Deno.test("neither the clock nor a full queue changes the fates of other datagrams", () => {
  const free = fates(1);
  assertEquals(fates(1, FAULTS, 0.001), free);
  const full = fates(1, { ...FAULTS, rate: 4, queueMs: 20 });
  assert(full.some((fate, i) => fate === "" && free[i] !== ""));
  full.forEach((fate, i) => assert(fate === "" || fate === free[i]));
});

Deno.test("a queue that is bounded by time holds as much as leaves in it", () => {
  const link = new SeededLink({ rate: 8, queueMs: 10 }, 1);
  // 1028 bytes with headers take 1.028 ms each.
  const arrived = Array.from(
    { length: 20 },
    () => link.transmit(0, new Uint8Array(1000)),
  );
  assertEquals(arrived.filter(({ length }) => length > 0).length, 10);
  assertEquals(link.link.counters.overflowed, 10);
});

Deno.test("what is lost, too large or sent into an outage never arrives", () => {
  const link = new SeededLink({ mtu: 1280 }, 1);
  const passes = (length: number) =>
    link.transmit(0, new Uint8Array(length)).length > 0;
  assertEquals([passes(1252), passes(1253)], [true, false]);
  link.link.options.down = true;
  assertEquals(passes(1), false);
  link.link.options.down = false;
  assertEquals(passes(1), true);
});
