import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { BbrModel } from "./bbr_model.ts";
import { ackEvent, inFlight } from "../../testing/congestion_events.ts";

const SIZE = 1000;
const RTT = 10;

/**
 * A model of a path that delivers one datagram each millisecond, `RTT` after it
 * was sent.
 */
class Path {
  readonly model = new BbrModel(SIZE);
  /** For each loss round whether too much was lost. */
  readonly rounds: boolean[] = [];
  #now = 0;
  #sent = 0;
  #acked = 0;

  /** @param minRtt The round trip without a queue. */
  constructor(minRtt = RTT) {
    this.model.minRtt.update(0, minRtt);
  }

  /** Lets `ms` milliseconds pass; one in `lossEvery` datagrams is lost. */
  run(ms: number, lossEvery = Infinity): void {
    for (let i = 0; i < ms; i++) {
      this.#now++;
      if (this.#sent - this.#acked >= RTT) {
        const number = this.#acked++;
        if ((number + 1) % lossEvery === 0) this.model.onLost(SIZE);
        else this.#acknowledge(number);
      }
      const bytesInFlight = (this.#sent - this.#acked + 1) * SIZE;
      const packet = inFlight(this.#sent++, this.#now, SIZE);
      this.model.onPacketSent(packet, bytesInFlight, false);
    }
  }

  #acknowledge(number: number): void {
    this.model.onAck(ackEvent({
      now: this.#now,
      ackedBytes: SIZE,
      newestNumber: number,
      latestRtt: RTT,
      bytesInFlight: (this.#sent - this.#acked) * SIZE,
    }));
    if (this.model.lossRoundStart) this.rounds.push(this.model.endLossRound());
  }
}

Deno.test("the bandwidth and its product with the RTT follow from what is acknowledged", () => {
  const path = new Path();
  const { model } = path;
  assertEquals(model.bandwidth, 0);
  path.run(100);
  assertAlmostEquals(model.bandwidth, SIZE, SIZE * 0.01);
  assertAlmostEquals(model.bdp(model.bandwidth), RTT * SIZE, 100);
});

Deno.test("without an RTT the product is the initial window", () => {
  assertEquals(new BbrModel(SIZE).bdp(1_000_000), 10 * SIZE);
});

Deno.test("the bandwidth of a cycle is forgotten after the next one", () => {
  const path = new Path();
  const { model } = path;
  path.run(100);
  model.endBandwidthCycle();
  assertAlmostEquals(model.maxBandwidth, SIZE, SIZE * 0.01);
  model.endBandwidthCycle();
  assertEquals(model.maxBandwidth, 0);
});

Deno.test("rounds last one round trip", () => {
  const path = new Path();
  let rounds = 0;
  for (let i = 0; i < 500; i++) {
    path.run(1);
    if (path.model.roundStart) rounds++;
  }
  assertAlmostEquals(rounds, 500 / (RTT + 1), 5);
});

Deno.test("a round is lossy when its losses tell of congestion", () => {
  const share = (lossEvery: number, minRtt: number) => {
    const path = new Path(minRtt);
    path.run(1000, lossEvery);
    return path.rounds.filter((lossy) => lossy).length / path.rounds.length;
  };
  const QUEUE = RTT / 2;
  assertEquals(share(Infinity, QUEUE), 0);
  assertEquals(share(4, RTT), 0);
  assert(share(4, QUEUE) > 0.9);
});

Deno.test("what a path loses by itself is added to what it holds", () => {
  const path = new Path();
  const { model } = path;
  path.run(100);
  const before = model.bdp(model.bandwidth);
  model.losses.beginQuiet(0, 0);
  model.losses.endQuiet(20 * SIZE, 80 * SIZE, SIZE);
  assertAlmostEquals(model.bdp(model.bandwidth), before / 0.8);
});

Deno.test("short-term bounds fall by 30 %, not below what was just delivered, until they are dropped", () => {
  const path = new Path();
  const { model } = path;
  path.run(100);
  model.resetLatest();
  const before = model.bandwidth;
  model.lowerShortTerm(100_000);
  assertAlmostEquals(model.bandwidth, 0.7 * before);
  assertAlmostEquals(model.shortTermInFlight, 70_000);
  model.lowerShortTerm(100_000);
  assertAlmostEquals(model.shortTermInFlight, 49_000);
  path.run(20);
  model.lowerShortTerm(100_000);
  assertAlmostEquals(model.bandwidth, SIZE, SIZE * 0.01);
  model.resetShortTerm();
  assertEquals(model.shortTermInFlight, Infinity);
  assertEquals(model.bandwidth, model.maxBandwidth);
});
