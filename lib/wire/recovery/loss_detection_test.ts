import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { AckRanges } from "../packet/ack_ranges.ts";
import { LossDetection } from "./loss_detection.ts";
import type { SentPacket } from "./sent_packets.ts";
import { testPacket as packet } from "../testing/sent_packet.ts";
import {
  ack,
  asLoss,
  lostBy,
  lostNumbers,
  measured,
  send,
  SIZE,
} from "../testing/loss_detection.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";

Deno.test("LossDetection reports each acknowledged packet once, oldest first", () => {
  const recovery = measured(5);
  assertEquals(recovery.bytesInFlight, 5 * SIZE);
  const first = recovery.onAck(ack([4, 4], [1, 2]), 100);
  assertEquals(first.acked.map((p) => p.number), [1, 2, 4]);
  assertEquals(first.ackedBytes, 3 * SIZE);
  assertEquals([first.newestAckedNumber, first.newestAckedTime], [4, 0]);
  assertEquals(recovery.bytesInFlight, 2 * SIZE);
  const second = recovery.onAck(ack([4, 5], [0, 2]), 101);
  assertEquals(second.acked.map((p) => p.number), [5]);
});

Deno.test("LossDetection declares a packet lost when one three later arrives (RFC 9002 §6.1.1)", () => {
  const recovery = measured(8);
  assertEquals(lostBy(recovery, 100, [2, 3]), []);
  const report = recovery.onAck(ack([2, 5]), 100);
  assertEquals(lostNumbers(report), [1]);
  assertEquals(report.lostBytes, SIZE);
  assertEquals(report.newestLostTime, 0);
  assertEquals(recovery.bytesInFlight, 3 * SIZE);
});

Deno.test("LossDetection declares a packet lost 9/8 RTT after it was sent (§6.1.2)", () => {
  const recovery = measured(4);
  recovery.onPacketSent(packet(5, 10));
  send(recovery, 6, 8, 20);
  // Two later packets arrive: a candidate, not yet a loss.
  assertEquals(lostBy(recovery, 105, [5, 6], [1, 3]), []);
  const due = recovery.nextTimeout();
  assertAlmostEquals(due, 1.125 * recovery.rtt.smoothed);
  assertEquals(recovery.onTimeout(due - 0.001).kind, "none");
  assertEquals(lostNumbers(asLoss(recovery.onTimeout(due))), [4]);
  assert(recovery.nextTimeout() > due);
});

Deno.test("LossDetection waits at least 1 ms on a path faster than the timer", () => {
  const recovery = new LossDetection<null>(0);
  send(recovery, 0, 9, 0);
  recovery.onAck(ack([0, 0]), 0.1);
  recovery.onAck(ack([2, 2], [0, 0]), 0.1);
  assertAlmostEquals(recovery.nextTimeout(), 1);
});

Deno.test("LossDetection needs fewer later packets when fewer than four are in flight (RFC 5827)", () => {
  for (const [inFlight, arrives, lost] of [[3, 3, 1], [2, 2, 1], [4, 3, 0]]) {
    const recovery = measured(inFlight);
    const found = lostBy(recovery, 100, [arrives, arrives], [0, 0]);
    assertEquals(found.length, lost, `${inFlight} in flight`);
  }
});

Deno.test("LossDetection trusts few packets in flight no more once a packet came late", () => {
  const recovery = measured(2);
  assertEquals(lostBy(recovery, 100, [2, 2], [0, 0]), [1]);
  const late = recovery.onAck(ack([0, 2]), 101);
  assertEquals(late.spurious.map((p) => p.number), [1]);
  assert(late.undo);
  assertEquals(late.ackedBytes, 0);
  send(recovery, 3, 4, 200);
  assertEquals(lostBy(recovery, 300, [4, 4], [0, 2]), []);
});

Deno.test("LossDetection waits for more packets on a path that has reordered as many", () => {
  const recovery = measured(20);
  assertEquals(lostBy(recovery, 100, [2, 9]), [1]);
  recovery.onAck(ack([0, 9]), 101);
  assertEquals(lostBy(recovery, 102, [11, 18]), []);
  assertEquals(lostBy(recovery, 102, [11, 19]), [10]);
});

Deno.test("LossDetection offers an undo only when no loss of the episode was real", () => {
  const recovery = measured(10);
  assertEquals(lostBy(recovery, 100, [3, 10]), [1, 2]);
  assert(!recovery.onAck(ack([2, 10]), 101).undo);
  assert(recovery.onAck(ack([0, 10]), 102).undo);
  assert(!recovery.onAck(ack([0, 10]), 103).undo);
});

Deno.test("LossDetection forgets a loss after two probe time-outs", () => {
  const recovery = measured(8);
  recovery.onAck(ack([2, 5]), 100);
  recovery.onAck(ack([2, 6]), 100 + 2 * recovery.pto + 1);
  assertEquals(recovery.onAck(ack([0, 6]), 9999).spurious.length, 0);
});

Deno.test("LossDetection samples the RTT only from a largest number that is new (§5.1)", () => {
  const recovery = new LossDetection<null>(25);
  send(recovery, 0, 5, 0);
  assert(recovery.onAck(ack([2, 2]), 60).rttSampled);
  assertEquals(recovery.rtt.smoothed, 60);
  const late = recovery.onAck(ack([1, 2]), 500);
  assertEquals([late.acked.length, late.rttSampled], [1, false]);
  assertEquals(recovery.rtt.latest, 60);
});

Deno.test("LossDetection takes a peer that slept for no long path", () => {
  const recovery = measured(1);
  const { smoothed, variance } = recovery.rtt;
  recovery.onPacketSent(packet(2, 100));
  const report = recovery.onAck(ack([1, 2]), 45_100);
  assertEquals([report.acked.length, report.rttSampled], [2, false]);
  assertEquals(
    [recovery.rtt.smoothed, recovery.rtt.variance],
    [smoothed, variance],
  );
  recovery.onPacketSent(packet(3, 45_200));
  assert(recovery.onAck(ack([3, 3]), 55_200).rttSampled, "of ten seconds");
});

Deno.test("LossDetection takes no round trip from packets that need no acknowledgement", () => {
  const recovery = measured(1);
  const quiet = { ackEliciting: false, inFlight: false };
  recovery.onPacketSent(packet(2, 10, quiet));
  assert(!recovery.onAck(ack([2, 2]), 700).rttSampled);
  // With one that does, acknowledged together, the newest tells.
  assert(recovery.onAck(ack([1, 2]), 710).rttSampled === false);
  recovery.onPacketSent(packet(3, 800));
  recovery.onPacketSent(packet(4, 810, quiet));
  assert(recovery.onAck(ack([3, 4]), 900).rttSampled);
  assertEquals(recovery.rtt.latest, 90);
});

Deno.test("LossDetection knows the largest number that was acknowledged", () => {
  const recovery = new LossDetection<null>(0);
  assertEquals(recovery.largestAcked, -1);
  send(recovery, 0, 9, 0);
  for (const [end, largest] of [[4, 4], [2, 4], [8, 8]]) {
    recovery.onAck(ack([end, end]), 10);
    assertEquals(recovery.largestAcked, largest);
  }
});

Deno.test("LossDetection caps the peer's ack delay at its max_ack_delay (§5.3)", () => {
  const recovery = new LossDetection<null>(25);
  recovery.rtt.update(100, 0, 0);
  send(recovery, 0, 0, 0);
  recovery.onAck({ ranges: [{ start: 0, end: 0 }], delay: 9999 }, 225);
  assertAlmostEquals(recovery.rtt.smoothed, 100 * 7 / 8 + 200 / 8);
});

Deno.test("LossDetection refuses an acknowledgement of what was never sent", () => {
  const recovery = new LossDetection<null>(0);
  send(recovery, 0, 3, 0);
  for (const frame of [ack([4, 4]), ack([0, 4]), ack([9, 9], [0, 0])]) {
    assertTransportError("PROTOCOL_VIOLATION", () => recovery.onAck(frame, 10));
  }
  assertEquals(recovery.bytesInFlight, 4 * SIZE);
  recovery.onAck(ack([0, 3]), 10);
  assertEquals(recovery.bytesInFlight, 0);
});

Deno.test("LossDetection sees persistent congestion in the example of RFC 9002 §7.6.3", () => {
  // The RFC's timeline, in seconds; its PTO of 2 s makes a duration of 6 s.
  const recovery = new LossDetection<null>(0);
  for (let i = 0; i < 200; i++) recovery.rtt.update(1999, 0, -10_000);
  assertAlmostEquals(recovery.rtt.pto(0), 2000, 1);
  for (let n = 0; n < 7; n++) recovery.onPacketSent(packet(n, 1000 * n));
  recovery.onAck(ack([0, 0]), 2000);
  recovery.onPacketSent(packet(7, 8000));
  recovery.onPacketSent(packet(8, 12_000));
  const report = recovery.onAck(ack([8, 8], [0, 0]), 13_999);
  assertEquals(lostNumbers(report), [1, 2, 3, 4, 5, 6, 7]);
  assert(report.persistent);
});

Deno.test("LossDetection does not call losses persistent around an acknowledged packet", () => {
  const recovery = measured();
  for (let n = 1; n <= 9; n++) recovery.onPacketSent(packet(n, n * 100));
  // Losses from 100 to 300 and from 500 to 800: neither spans 3 PTO (about 375 ms).
  const report = recovery.onAck(ack([9, 9], [4, 4]), 1001);
  assertEquals(lostNumbers(report), [1, 2, 3, 5, 6, 7, 8]);
  assert(!report.persistent);
});

Deno.test("LossDetection joins losses of several reports into persistent congestion", () => {
  const recovery = measured();
  for (let n = 1; n <= 9; n++) recovery.onPacketSent(packet(n, n * 40));
  send(recovery, 10, 12, 540);
  const first = recovery.onAck(ack([12, 12], [0, 0]), 640);
  assert(first.rttSampled);
  assertEquals(lostNumbers(first), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert(first.persistent === false);
  const second = asLoss(recovery.onTimeout(recovery.nextTimeout()));
  assertEquals(lostNumbers(second), [10, 11]);
  assert(second.persistent);
});

Deno.test("LossDetection joins losses of several acknowledgements, unless one proves spurious", () => {
  for (const isSpurious of [false, true]) {
    const recovery = measured();
    for (let n = 1; n <= 7; n++) recovery.onPacketSent(packet(n, 10 * n));
    send(recovery, 8, 13, 450);
    assertEquals(lostBy(recovery, 550, [10, 10]), [1, 2, 3, 4, 5, 6, 7]);
    if (isSpurious) recovery.onAck(ack([10, 10], [7, 7]), 551);
    const report = recovery.onAck(ack([13, 13], [10, 10]), 552);
    assertEquals(lostNumbers(report), [8, 9]);
    assertEquals(report.persistent, !isSpurious);
  }
});

Deno.test("LossDetection lets the next round trip be the minimum after persistent congestion, not after other losses", () => {
  for (const isPersistent of [false, true]) {
    const recovery = measured();
    for (let n = 1; n <= 9; n++) {
      recovery.onPacketSent(packet(n, isPersistent ? n * 100 : n));
    }
    send(recovery, 10, 12, 1000);
    const report = recovery.onAck(ack([12, 12]), 1100);
    assertEquals(report.persistent, isPersistent);
    send(recovery, 13, 13, 1200);
    recovery.onAck(ack([12, 13]), 1500);
    assertEquals(recovery.rtt.min, isPersistent ? 300 : 100);
  }
});

Deno.test("LossDetection reports no loss of packets that need no acknowledgement, and sets no timer by them", () => {
  const quiet = { ackEliciting: false, inFlight: false };
  const recovery = measured();
  recovery.onPacketSent(packet(1, 0, quiet));
  send(recovery, 2, 2, 50);
  assertEquals(lostBy(recovery, 110, [2, 2]), []);
  assertEquals(recovery.nextTimeout(), Infinity);
  send(recovery, 3, 9, 200);
  assertEquals(lostBy(recovery, 300, [4, 9]), [3]);
  assertEquals(recovery.bytesInFlight, 0);
  // The one that vanished has not been counted off: the next one is waited for.
  send(recovery, 10, 10, 400);
  assertAlmostEquals(recovery.nextTimeout(), 400 + recovery.pto, 1e-9);
});

Deno.test("LossDetection counts a lost path MTU probe neither as congestion nor as persistent", () => {
  const recovery = measured();
  recovery.onPacketSent(packet(1, 0, { mtuProbe: true, size: 9000 }));
  send(recovery, 2, 9, 0);
  const report = recovery.onAck(ack([2, 9]), 100);
  assertEquals(lostNumbers(report), [1]);
  assertEquals(report.lostBytes, 0);
  assertEquals(report.newestLostTime, -1);
  assertEquals(recovery.bytesInFlight, 0);
});

Deno.test("LossDetection.oldestUnacked walks what a probe may carry", () => {
  const recovery = measured();
  recovery.onPacketSent(packet(1, 0, { mtuProbe: true }));
  recovery.onPacketSent(packet(2, 0, { ackEliciting: false, inFlight: false }));
  send(recovery, 3, 4, 0);
  assertEquals(recovery.oldestUnacked(-1)?.number, 3);
  assertEquals(recovery.oldestUnacked(3)?.number, 4);
  assertEquals(recovery.oldestUnacked(4), undefined);
});

Deno.test("LossDetection gives every packet exactly one fate on a path that loses, delays and reorders", () => {
  const fate = fc.record({
    lost: fc.nat({ max: 9 }).map((n) => n === 0),
    delay: fc.integer({ min: 20, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(fate, { minLength: 1, maxLength: 200 }), (fates) => {
      const recovery = new LossDetection<null>(0);
      const received = new AckRanges();
      const arrivals = fates
        .map((fate, number) => ({ ...fate, number, at: number + fate.delay }))
        .filter((arrival) => !arrival.lost)
        .sort((a, b) => a.at - b.at);
      const told = new Map<number, "acked" | "lost" | "spurious">();
      const tell = (
        packets: readonly SentPacket<null>[],
        now: "acked" | "lost" | "spurious",
      ) => {
        for (const { number } of packets) {
          const before = now === "spurious" ? "lost" : undefined;
          assertEquals(told.get(number), before, `packet ${number} ${now}`);
          told.set(number, now);
        }
      };
      let sent = 0;
      let now = 0;
      for (; now < 600 || recovery.nextTimeout() <= now; now++) {
        if (sent < fates.length) recovery.onPacketSent(packet(sent++, now));
        while (arrivals.length > 0 && arrivals[0].at <= now) {
          received.add(arrivals.shift()!.number);
          const frame = { ranges: received.ranges(), delay: 0 };
          const report = recovery.onAck(frame, now);
          tell(report.acked, "acked");
          tell(report.spurious, "spurious");
          tell(report.lost, "lost");
        }
        if (recovery.nextTimeout() <= now) {
          const report = recovery.onTimeout(now);
          if (report.kind === "loss") tell(report.lost, "lost");
        }
      }
      for (const [number, { lost }] of fates.entries()) {
        const arrived = ["acked", "spurious"].includes(told.get(number) ?? "");
        if (lost) assert(!arrived);
        else assert(arrived || number >= recovery.largestAcked);
      }
      const open = fates.length - told.size;
      assertEquals(recovery.bytesInFlight, open * SIZE);
      assertEquals(recovery.nextTimeout() === Infinity, open === 0);
    }),
    { numRuns: 60 },
  );
});

Deno.test("LossDetection tells how many numbers lie behind the oldest packet without a fate", () => {
  const recovery = measured(3);
  assertEquals(recovery.span, 3);
  const silent = { ackEliciting: false, inFlight: false };
  for (let n = 4; n < 5000; n++) {
    recovery.onPacketSent({ ...packet(n, 0), ...silent });
  }
  // Those of acknowledgements alone are let go, and count as long as one is open.
  assertEquals(recovery.span, 4999);
  recovery.onAck(ack([1, 3]), 50);
  assert(recovery.span < 500, `${recovery.span}`);
});
