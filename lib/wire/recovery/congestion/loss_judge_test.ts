import { assert, assertEquals } from "@std/assert";
import { LossJudge } from "./loss_judge.ts";

const DATAGRAM = 1000;
const MIN_RTT = 40;

/** A judge after quiet phases in which these shares of 1000 packets were lost. */
function judgeAfter(shares: readonly number[], rtts = [MIN_RTT]): LossJudge {
  const judge = new LossJudge();
  let lost = 0;
  let delivered = 0;
  for (const share of shares) {
    judge.beginQuiet(lost, delivered);
    lost += share * 1000 * DATAGRAM;
    delivered += (1 - share) * 1000 * DATAGRAM;
    judge.endQuiet(lost, delivered, DATAGRAM);
  }
  for (const rtt of rtts) judge.onRtt(rtt, true);
  return judge;
}

/** Lowest number of packets lost of `total` that is congestion. */
function threshold(judge: LossJudge, total = 1000): number {
  for (let lost = 0; lost <= total; lost++) {
    if (
      judge.isCongestion(lost * DATAGRAM, total * DATAGRAM, DATAGRAM, MIN_RTT)
    ) return lost;
  }
  return Infinity;
}

Deno.test("LossJudge takes 2 % beyond the path's own, and half a deviation, for congestion while round trips show a queue", () => {
  const queue = [48, 48];
  assertEquals(threshold(judgeAfter([], queue)), 21);
  // √(0.1 · 0.9 · 1000) are 9.5 packets.
  assertEquals(threshold(judgeAfter([0.1], queue)), 125);
});

Deno.test("LossJudge sees a queue only if all round trips of two rounds are longer than 9/8 and 2 ms", () => {
  assertEquals(threshold(judgeAfter([], [47, 47])), 501);
  assertEquals(threshold(judgeAfter([], [47.1, 47.1])), 21);
  assertEquals(threshold(judgeAfter([], [60, 40])), 501);
  assertEquals(threshold(judgeAfter([], [40, 60])), 501);
  const judge = judgeAfter([], [60]);
  judge.onRtt(60, true);
  judge.onRtt(40, false);
  assertEquals(threshold(judge), 501);
  assertEquals(threshold(new LossJudge()), 501);
});

Deno.test("LossJudge without a queue leaves room for chance, more in few packets", () => {
  // 5 %, and three standard deviations of 0.5 %.
  assertEquals(threshold(judgeAfter([0])), 57);
  // 10 %, 5 %, and three standard deviations of 10 %.
  assertEquals(threshold(judgeAfter([0.1])), 179);
  assertEquals(threshold(judgeAfter([0.1]), 100), 25);
});

Deno.test("LossJudge knows the path by the best of its last four quiet phases", () => {
  assertEquals(judgeAfter([]).share, 0);
  assertEquals(judgeAfter([0.2, 0.1, 0.3]).share.toFixed(3), "0.100");
  assertEquals(judgeAfter([0.1, 0.2, 0.2, 0.3, 0.2]).share.toFixed(3), "0.200");
  assertEquals(judgeAfter([0.9]).share, 0.5);
});

Deno.test("LossJudge learns nothing of a phase of few packets, or of none", () => {
  const judge = new LossJudge();
  judge.endQuiet(100 * DATAGRAM, 0, DATAGRAM);
  judge.beginQuiet(0, 0);
  judge.endQuiet(10 * DATAGRAM, 39 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0);
  judge.endQuiet(1000 * DATAGRAM, 1000 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0, "the phase was over");
  judge.beginQuiet(0, 0);
  judge.endQuiet(10 * DATAGRAM, 40 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0.2);
});

Deno.test("LossJudge believes the first quiet phase before its end, later ones only whole", () => {
  const judge = new LossJudge();
  judge.onQuietRound(100 * DATAGRAM, 900 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0, "there is no phase");
  judge.beginQuiet(0, 0);
  judge.onQuietRound(19 * DATAGRAM, 180 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0);
  judge.onQuietRound(20 * DATAGRAM, 180 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0.1);
  judge.beginQuiet(20 * DATAGRAM, 180 * DATAGRAM);
  judge.onQuietRound(20 * DATAGRAM, 1180 * DATAGRAM, DATAGRAM);
  assertEquals(judge.share, 0.1);
});

Deno.test("LossJudge takes 2 % for congestion on a path too short for a queue to be seen", () => {
  const judge = judgeAfter([], [0.3, 0.3]);
  const isCongestion = (lost: number, minRtt: number) =>
    judge.isCongestion(lost * DATAGRAM, 1000 * DATAGRAM, DATAGRAM, minRtt);
  assert(isCongestion(21, 1.9));
  assert(!isCongestion(20, 1.9));
  assert(!isCongestion(21, 2));
});
