import { assert, assertEquals } from "@std/assert";
import { HyStart } from "./hystart.ts";

/**
 * Plays one round with ten packets in flight: whenever one is acknowledged, with
 * `rtt`, another one has left.
 *
 * @returns Whether slow start ended in this round.
 */
function playRound(hystart: HyStart, first: number, rtt: number): boolean {
  if (first === 0) {
    for (let i = 0; i <= 10; i++) hystart.onPacketSent(i);
    hystart.onAck(0, rtt);
  }
  let ended = false;
  for (let i = 1; i <= 10; i++) {
    hystart.onPacketSent(first + 10 + i);
    ended = hystart.onAck(first + i, rtt) || ended;
  }
  return ended;
}

function playRounds(hystart: HyStart, first: number, rtts: number[]): boolean {
  let ended = false;
  rtts.forEach((rtt, i) => {
    ended = playRound(hystart, first + 10 * i, rtt) || ended;
  });
  return ended;
}

Deno.test("HyStart stays in slow start while the RTT is steady", () => {
  const hystart = new HyStart();
  assert(!playRounds(hystart, 0, new Array(20).fill(40)));
  assertEquals(hystart.growthDivisor, 1);
});

Deno.test("HyStart slows down on a risen RTT and ends slow start five rounds later", () => {
  const hystart = new HyStart();
  playRounds(hystart, 0, [40, 40]);
  assert(!playRound(hystart, 20, 46)); // 40 + max(4, 40 / 8) = 45
  assertEquals(hystart.growthDivisor, 4);
  assert(!playRounds(hystart, 30, [46, 46, 46]));
  assert(playRound(hystart, 60, 46));
});

Deno.test("HyStart goes back to full speed when the rise was jitter", () => {
  const hystart = new HyStart();
  playRounds(hystart, 0, [40, 40, 46]);
  assertEquals(hystart.growthDivisor, 4);
  assert(!playRound(hystart, 30, 41));
  assertEquals(hystart.growthDivisor, 1);
});

Deno.test("HyStart ignores a rise below 4 ms on a short path", () => {
  const hystart = new HyStart();
  assert(!playRounds(hystart, 0, [0.2, 0.2, 4.1, 0.2, 4.1]));
  assertEquals(hystart.growthDivisor, 1);
});

Deno.test("HyStart counts any rise of 16 ms on a long path", () => {
  const hystart = new HyStart();
  playRounds(hystart, 0, [600, 600, 617]);
  assertEquals(hystart.growthDivisor, 4);
});

Deno.test("HyStart.restart begins anew", () => {
  const hystart = new HyStart();
  playRounds(hystart, 0, [40, 40, 46]);
  hystart.restart();
  assertEquals(hystart.growthDivisor, 1);
});
