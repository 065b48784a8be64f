import { assert, assertEquals } from "@std/assert";
import { Reordering } from "./reordering.ts";
import { testPacket } from "../testing/sent_packet.ts";

/** A path on which packet 0 is lost at 0 and the one that overtook it is `largest`. */
function late(reordering: Reordering<null>, largest: number, byTime: boolean) {
  reordering.onLost(testPacket(0, 0), byTime, 0, 1000);
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
  reordering.onPathChange();
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
  reordering.onPathChange();
  assertEquals(reordering.timeThreshold, 9 / 8);
});

Deno.test("with few packets in flight fewer need to overtake, until one came late", () => {
  const reordering = new Reordering<null>();
  const thresholds = () => [1, 2, 3, 4].map((n) => reordering.thresholdFor(n));
  assertEquals(thresholds(), [1, 1, 2, 3]);
  late(reordering, 1, true);
  assertEquals(thresholds(), [3, 3, 3, 3]);
});

Deno.test("a path MTU probe that came late tells nothing of reordering", () => {
  const reordering = new Reordering<null>();
  const probe = testPacket(0, 0, { mtuProbe: true });
  reordering.onLost(probe, false, 0, 1000);
  const spurious: unknown[] = [];
  assert(!reordering.onAck([{ start: 0, end: 50 }], 1, spurious as []));
  assertEquals(spurious, [probe]);
  assertEquals(reordering.packetThreshold, 3);
  assertEquals(reordering.thresholdFor(1), 1);
});
