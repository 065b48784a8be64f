import { assertEquals } from "@std/assert";
import { ackEvent } from "../../testing/congestion_events.ts";
import { ProbeRtt } from "./probe_rtt.ts";

const WINDOW = 5000;

/** Rounds of one acknowledgement each. */
class Rounds {
  readonly probe = new ProbeRtt();
  now = 0;

  /** A round of this many milliseconds; returns whether a probe is due. */
  round(rtt: number): boolean {
    this.now += rtt;
    return this.probe.onAck(
      ackEvent({ now: this.now, latestRtt: rtt }),
      true,
    );
  }

  /** An acknowledgement in ProbeRTT. */
  low(rtt: number, bytesInFlight: number, roundStart = false): string {
    this.now += rtt;
    const event = ackEvent({ now: this.now, latestRtt: rtt, bytesInFlight });
    return this.probe.update(event, WINDOW, roundStart);
  }
}

/** A path of 20 ms whose round trips take 300 ms of late. */
function jumped(): { rounds: Rounds; due: boolean[] } {
  const rounds = new Rounds();
  for (let i = 0; i < 5; i++) rounds.round(20);
  return { rounds, due: [300, 300, 300, 300].map((rtt) => rounds.round(rtt)) };
}

Deno.test("a probe is due when nothing has confirmed the minimum for five seconds", () => {
  const rounds = new Rounds();
  rounds.round(20);
  let rounded = 0;
  while (!rounds.round(40)) rounded++;
  assertEquals(Math.abs(rounded - 5000 / 40) < 3, true);
});

Deno.test("a probe waits until little is in flight, then for a round and 200 ms", () => {
  const rounds = new Rounds();
  rounds.probe.begin();
  assertEquals(rounds.low(50, WINDOW + 1), "waiting");
  assertEquals(rounds.low(50, WINDOW), "low");
  assertEquals(rounds.low(150, 0), "waiting");
  assertEquals(rounds.low(49, 0, true), "waiting");
  assertEquals(rounds.low(1, 0), "waiting");
  assertEquals(rounds.low(1, 0), "over");
  rounds.probe.begin();
  assertEquals(rounds.low(50, 0), "low");
  assertEquals(rounds.low(1000, 0), "waiting");
  assertEquals(rounds.low(1, 0, true), "over");
});

Deno.test("a jump of the RTT makes a probe due at once, and what that finds is the minimum", () => {
  const { rounds, due } = jumped();
  assertEquals(due, [false, false, true, false]);
  rounds.probe.begin();
  assertEquals(rounds.low(320, 0), "low");
  assertEquals(rounds.low(290, 0, true), "over");
  assertEquals(rounds.probe.minRtt.value, 290);
});

Deno.test("an ordinary probe keeps the smaller minimum", () => {
  const rounds = new Rounds();
  rounds.round(20);
  rounds.probe.begin();
  rounds.low(30, 0);
  assertEquals(rounds.low(250, 0, true), "over");
  assertEquals(rounds.probe.minRtt.value, 20);
});

Deno.test("for five seconds after a probe no jump is a reason for another one", () => {
  const { rounds } = jumped();
  rounds.probe.begin();
  rounds.low(30, 0);
  rounds.low(250, 0, true);
  const ended = rounds.now;
  for (let i = 0; i < 5; i++) rounds.round(20);
  const due = [300, 300, 300, 300].map((rtt) => rounds.round(rtt));
  assertEquals([due.includes(true), rounds.now < ended + 5000], [false, true]);
});
