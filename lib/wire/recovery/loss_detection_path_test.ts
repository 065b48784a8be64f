/** What loss detection makes of packets that went to an address the peer has left. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { LossDetection } from "./loss_detection.ts";
import {
  ack,
  lostNumbers,
  measured,
  send,
  SIZE,
} from "../testing/loss_detection.ts";
import { testPacket as packet } from "../testing/sent_packet.ts";

/** Packets 1 … 8 have gone to an address that the peer has left. */
function moved(rebound: boolean): LossDetection<null> {
  const recovery = measured(8);
  recovery.onTimeout(recovery.nextTimeout());
  recovery.onPathChange({ rebound, rtt: 40 });
  return recovery;
}

for (const rebound of [true, false]) {
  const what = rebound ? "another port" : "another path";
  Deno.test(`LossDetection charges nothing that was sent before to ${what} (RFC 9000 §9.4)`, () => {
    const recovery = moved(rebound);
    assertEquals(recovery.bytesInFlight, 0);
    const { smoothed } = recovery.rtt;
    const late = recovery.onAck(ack([2, 2]), 3000);
    assertEquals(late.acked.map((packet) => packet.number), [2]);
    assertEquals([late.ackedBytes, late.rttSampled], [0, false]);
    assertEquals(recovery.rtt.smoothed, smoothed);
    assertEquals([late.lostBytes, late.newestLostTime], [0, -1]);
    for (let n = 9; n <= 12; n++) recovery.onPacketSent(packet(n, 9000));
    assertEquals(recovery.bytesInFlight, 4 * SIZE);
    const report = recovery.onAck(ack([9, 12]), 9100);
    assertEquals([report.ackedBytes, report.rttSampled], [4 * SIZE, true]);
    // What is missing of the old ones is lost, and no sign of congestion.
    assertEquals(lostNumbers(report), [3, 4, 5, 6, 7, 8]);
    assertEquals([report.lostBytes, report.persistent], [0, false]);
    assertEquals(recovery.bytesInFlight, 0);
    assertEquals(recovery.nextTimeout(), Infinity);
    assertEquals(recovery.isOnPath(packet(8, 0)), false);
    assert(recovery.isOnPath(packet(9, 0)));
  });
}

Deno.test("LossDetection keeps the round trip for another port, and the back-off for none", () => {
  for (const rebound of [true, false]) {
    const recovery = moved(rebound);
    assertAlmostEquals(recovery.rtt.smoothed, rebound ? 100 : 333, 1);
    send(recovery, 9, 9, 5000);
    assertAlmostEquals(recovery.nextTimeout(), 5000 + recovery.pto, 1e-9);
  }
});
