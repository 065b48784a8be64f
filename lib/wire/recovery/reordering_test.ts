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

Deno.test("an episode are the losses of what was sent before the first was noticed", () => {
  // When a second packet is lost that was sent at this time, does it belong to
  // the episode that was noticed at 100?
  for (const [time, belongs] of [[50, true], [100, true], [101, false]]) {
    const reordering = new Reordering<null>();
    reordering.onLost(testPacket(0, 0), true, 100, 1000, true);
    reordering.onLost(testPacket(1, Number(time)), true, 200, 1000, true);
    const undo = reordering.onAck([{ start: 1, end: 1 }], 210, []);
    assertEquals(undo, !belongs);
    // The other one is of an episode that is over, or completes this one.
    const later = reordering.onAck([{ start: 0, end: 1 }], 220, []);
    assertEquals(later, belongs);
  }
});

Deno.test("losses that tell nothing of the path keep no episode from an undo", () => {
  const reordering = new Reordering<null>();
  reordering.onLost(testPacket(0, 0), true, 100, 1000, true);
  reordering.onLost(testPacket(1, 50), true, 110, 1000, false);
  assert(reordering.onAck([{ start: 0, end: 0 }], 120, []));
});

Deno.test("a thousand lost packets are remembered, the latest, until they expire", () => {
  const reordering = new Reordering<null>();
  for (let n = 0; n < 1030; n++) {
    reordering.onLost(testPacket(n, n), true, 2000, 3000, true);
  }
  const spurious: ReturnType<typeof testPacket>[] = [];
  reordering.onAck([{ start: 0, end: 10 }], 2100, spurious);
  assertEquals(spurious.map(({ number }) => number), [6, 7, 8, 9, 10]);
  spurious.length = 0;
  reordering.onAck([{ start: 2000, end: 2000 }], 2999, spurious);
  reordering.onAck([{ start: 20, end: 20 }], 2999, spurious);
  assertEquals(spurious.length, 1);
  // Those that an acknowledgement does not name at 3000 are forgotten.
  reordering.onAck([{ start: 30, end: 30 }], 3000, spurious);
  reordering.onAck([{ start: 31, end: 31 }], 3000, spurious);
  assertEquals(spurious.map(({ number }) => number), [20, 30]);
});

Deno.test("late packets are found in any of several ranges", () => {
  const reordering = new Reordering<null>();
  for (let n = 0; n < 8; n++) {
    reordering.onLost(testPacket(n, 0), false, 50, 1000, true);
  }
  const spurious: ReturnType<typeof testPacket>[] = [];
  const ranges = [{ start: 20, end: 30 }, { start: 5, end: 6 }, {
    start: 1,
    end: 2,
  }];
  assert(!reordering.onAck(ranges, 60, spurious));
  assertEquals(spurious.map(({ number }) => number), [1, 2, 5, 6]);
  assertEquals(reordering.packetThreshold, 30);
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
