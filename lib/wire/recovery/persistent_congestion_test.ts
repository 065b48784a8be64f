import { assertEquals } from "@std/assert";
import { PersistentCongestion } from "./persistent_congestion.ts";
import type { SentPacket } from "./sent_packets.ts";
import { testPacket } from "../testing/sent_packet.ts";

const PTO = 100;

/** A lost packet: its number, when it was sent, and what is special about it. */
type Lost = readonly [
  number: number,
  time: number,
  changes?: Partial<SentPacket<null>>,
];

/** Whether each of the losses completes persistent congestion. */
function verdicts(
  losses: readonly Lost[],
  firstSampleTime = 0,
  persistent = new PersistentCongestion(),
): boolean[] {
  return losses.map(([number, time, changes]) =>
    persistent.onLost(testPacket(number, time, changes), firstSampleTime, PTO)
  );
}

Deno.test("losses in a row over more than three probe time-outs are persistent congestion", () => {
  assertEquals(verdicts([[5, 10], [6, 310]]), [false, false]);
  assertEquals(verdicts([[5, 10], [6, 150], [7, 310.5]]), [false, false, true]);
});

Deno.test("a packet that arrived in between ends the run", () => {
  assertEquals(verdicts([[5, 10], [7, 500], [8, 700]]), [false, false, false]);
  assertEquals(verdicts([[0, 10], [1, 500]]), [false, true]);
  assertEquals(verdicts([[1, 10], [0, 500]]), [false, false]);
});

Deno.test("packets that need no acknowledgement and MTU probes span nothing, but end no run", () => {
  for (const changes of [{ ackEliciting: false }, { mtuProbe: true }]) {
    assertEquals(verdicts([[5, 10], [6, 500, changes]]), [false, false]);
    assertEquals(verdicts([[5, 10, changes], [6, 500]]), [false, false]);
    assertEquals(
      verdicts([[5, 10], [6, 200, changes], [7, 500]]),
      [false, false, true],
    );
  }
});

Deno.test("what was sent before the round trip was known does not count", () => {
  assertEquals(verdicts([[5, 100], [6, 500]], 100), [false, false]);
  assertEquals(verdicts([[5, 100], [6, 200], [7, 510]], 100), [
    false,
    false,
    true,
  ]);
  assertEquals(verdicts([[5, 101], [6, 500]], 100), [false, true]);
});

Deno.test("a run that has been told of must span the time again", () => {
  assertEquals(
    verdicts([[5, 10], [6, 400], [7, 600], [8, 701]]),
    [false, true, false, true],
  );
});

Deno.test("a new path, or a packet that arrived after all, ends the run", () => {
  const persistent = new PersistentCongestion();
  verdicts([[5, 10]], 0, persistent);
  persistent.reset();
  assertEquals(verdicts([[6, 500], [7, 900]], 0, persistent), [false, true]);
  persistent.reset();
  assertEquals(verdicts([[0, 1000], [1, 1200]], 0, persistent), [false, false]);
});
