import { assert, assertEquals } from "@std/assert";
import { Reordering } from "./reordering.ts";
import { testPacket } from "../testing/sent_packet.ts";

/** A path on which packet 0 is lost at 0 and the one that overtook it is `largest`. */
function late(reordering: Reordering<null>, largest: number, byTime: boolean) {
  reordering.onLost(testPacket(0, 0), byTime, 0, 1000, true);
  return reordering.onAck([{ start: 0, end: largest }], 1, []);
}

Deno.test("the packet threshold rises to what a late packet needed, up to 64", () => {
  const reordering = new Reordering<null>();
  const thresholds = [2, 8, 5, 62, 63, 1000].map((largest) => {
    late(reordering, largest, false);
    return reordering.packetThreshold;
  });
  assertEquals(thresholds, [3, 9, 9, 63, 64, 64]);
  assertEquals(reordering.timeThreshold, 9 / 8);
  reordering.onPathChange(true);
  assertEquals(reordering.packetThreshold, 64);
  reordering.onPathChange(false);
  assertEquals(reordering.packetThreshold, 3);
});

Deno.test("the time threshold rises by 1/8 with each packet that was late, up to 2", () => {
  const reordering = new Reordering<null>();
  const thresholds = Array.from({ length: 9 }, () => {
    late(reordering, 8, true);
    return reordering.timeThreshold;
  });
  assertEquals(thresholds.slice(0, 2), [10 / 8, 11 / 8]);
  assertEquals(thresholds.slice(-3), [2, 2, 2]);
  assertEquals(reordering.packetThreshold, 3);
  reordering.onPathChange(true);
  assertEquals(reordering.timeThreshold, 2);
  reordering.onPathChange(false);
  assertEquals(reordering.timeThreshold, 9 / 8);
  assertEquals(reordering.thresholdFor(1), 1);
});

Deno.test("with few packets in flight fewer need to overtake, until one came late", () => {
  const reordering = new Reordering<null>();
  const thresholds = () => [1, 2, 3, 4].map((n) => reordering.thresholdFor(n));
  assertEquals(thresholds(), [1, 1, 2, 3]);
  late(reordering, 1, true);
  assertEquals(thresholds(), [3, 3, 3, 3]);
});

for (const what of ["a path MTU probe", "what was sent on another path"]) {
  Deno.test(`${what} tells nothing of reordering when it comes late`, () => {
    const reordering = new Reordering<null>();
    const packet = testPacket(0, 0);
    reordering.onLost(packet, false, 0, 1000, false);
    const spurious: unknown[] = [];
    assert(!reordering.onAck([{ start: 0, end: 50 }], 1, spurious as []));
    assertEquals(spurious, [packet]);
    assertEquals(reordering.packetThreshold, 3);
    assertEquals(reordering.thresholdFor(1), 1);
  });
}

for (const rebound of [true, false]) {
  Deno.test(`losses from before a ${rebound ? "new port" : "new path"} tell nothing of it when they prove spurious`, () => {
    const reordering = new Reordering<null>();
    const first = testPacket(0, 0);
    reordering.onLost(first, true, 5, 1000, true);
    reordering.onPathChange(rebound);
    // A packet of the new path that is older than the last episode.
    reordering.onLost(testPacket(1, 4), true, 10, 1000, true);
    const spurious: unknown[] = [];
    const early = [{ start: 0, end: 0 }];
    assert(!reordering.onAck(early, 20, spurious as []));
    assertEquals(spurious, [first]);
    assertEquals(reordering.timeThreshold, 9 / 8);
    assert(reordering.onAck([{ start: 0, end: 1 }], 20, [] as []));
    assertEquals(reordering.timeThreshold, 10 / 8);
  });
}
