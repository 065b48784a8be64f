/** When loss detection probes, and when it does not. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { LossDetection } from "./loss_detection.ts";
import { ack, measured, send, SIZE } from "../testing/loss_detection.ts";
import { testPacket as packet } from "../testing/sent_packet.ts";

Deno.test("LossDetection doubles the probe time-out until something new is acknowledged (§6.2)", () => {
  const recovery = measured();
  const pto = recovery.pto;
  send(recovery, 1, 2, 1000);
  assertAlmostEquals(recovery.nextTimeout(), 1000 + pto, 1e-9);
  assertEquals(recovery.onTimeout(1000 + pto), { kind: "pto", count: 1 });
  recovery.onPacketSent(packet(3, 1000 + pto));
  assertAlmostEquals(recovery.nextTimeout(), 1000 + 3 * pto, 1e-9);
  assertEquals(recovery.onTimeout(1000 + 3 * pto), { kind: "pto", count: 2 });
  assertAlmostEquals(recovery.nextTimeout(), 1000 + 5 * pto, 1e-9);
  recovery.onPacketSent(packet(4, 1000 + 3 * pto));
  recovery.onAck(ack([3, 3]), 1000 + 3 * pto);
  assert(recovery.nextTimeout() < 1000 + 3 * pto + 2 * recovery.pto);
});

Deno.test("LossDetection probes after 999 ms when no RTT is known, and back-off ends at 2 s", () => {
  const recovery = new LossDetection<null>(0);
  assertEquals(recovery.nextTimeout(), Infinity);
  send(recovery, 0, 0, 0);
  assertEquals(recovery.nextTimeout(), 999);
  recovery.onTimeout(999);
  assertEquals(recovery.nextTimeout(), 1998);
  for (let i = 0; i < 100; i++) recovery.onTimeout(recovery.nextTimeout());
  assertEquals(recovery.nextTimeout(), 2000);
});

Deno.test("LossDetection waits a whole probe time-out where that is more than 2 s, without back-off", () => {
  const recovery = new LossDetection<null>(0);
  recovery.rtt.update(3000, 0, 0);
  send(recovery, 0, 0, 100);
  assertEquals(recovery.nextTimeout(), 100 + 9000);
  recovery.onTimeout(9100);
  assertEquals(recovery.nextTimeout(), 100 + 9000);
});

Deno.test("LossDetection probes on a sign of life when a probe has been sent a round trip ago", () => {
  const recovery = measured();
  const { pto, rtt: { smoothed } } = recovery;
  assertEquals(recovery.onSignOfLife(900), { kind: "none" });
  send(recovery, 1, 2, 1000);
  // No probe has been due yet.
  assertEquals(recovery.onSignOfLife(5000), { kind: "none" });
  recovery.onTimeout(1000 + pto);
  send(recovery, 3, 3, 1000 + pto);
  const early = 1000 + pto + smoothed - 1;
  assertEquals(recovery.onSignOfLife(early), { kind: "none" });
  assertEquals(recovery.onSignOfLife(early + 1), { kind: "pto", count: 2 });
  recovery.onAck(ack([0, 3]), early + 50);
  assertEquals(recovery.onSignOfLife(9000), { kind: "none" });
});

Deno.test("LossDetection keeps no timer for packets that need no acknowledgement", () => {
  const quiet = { ackEliciting: false, inFlight: false };
  const recovery = measured();
  const silent = new LossDetection<null>(25);
  send(silent, 0, 0, 0);
  for (let n = 1; n <= 10_000; n++) {
    for (const each of [recovery, silent]) {
      each.onPacketSent(packet(n, n, quiet));
    }
  }
  assertEquals(recovery.nextTimeout(), Infinity);
  assertEquals(recovery.bytesInFlight, 0);
  const report = recovery.onAck(ack([0, 10_000]), 10_001);
  assertEquals(report.acked.length, 256); // the others were let go
  assert(!report.rttSampled); // RFC 9002 §5.1: none of them was ack-eliciting
  // Nor many for a peer that acknowledges nothing at all.
  const late = silent.onAck(ack([0, 10_000]), 10_001);
  assertEquals([late.acked.length, late.ackedBytes], [257, SIZE]);
});

Deno.test("LossDetection keeps the back-off when an acknowledgement brings nothing new", () => {
  const recovery = measured(2);
  const { pto } = recovery;
  assertEquals(recovery.onTimeout(pto - 1), { kind: "none" });
  recovery.onTimeout(pto);
  recovery.onAck(ack([0, 0]), pto + 1);
  assertAlmostEquals(recovery.nextTimeout(), 2 * pto, 1e-9);
  recovery.onAck(ack([1, 1], [0, 0]), pto + 2);
  assertAlmostEquals(recovery.nextTimeout(), recovery.pto, 1e-9);
});
