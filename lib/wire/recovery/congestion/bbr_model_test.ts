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

/** Sends one packet at `sent`, alone in flight, and acknowledges it at `now`. */
function exchange(
  model: BbrModel,
  number: number,
  [sent, now]: readonly [number, number],
  { appLimited = false, bytes = SIZE }: {
    appLimited?: boolean;
    bytes?: number;
  } = {},
): void {
  if (appLimited) model.sample.onAppLimited(0);
  model.onPacketSent(inFlight(number, sent, bytes), bytes, false);
  const latestRtt = now - sent;
  model.onAck(ackEvent({
    now,
    ackedBytes: bytes,
    newestNumber: number,
    newestTime: sent,
    latestRtt,
    minRtt: RTT,
  }));
}

Deno.test("a rate that the application limits counts only if it is more than was known", () => {
  const model = new BbrModel(SIZE);
  exchange(model, 0, [0, 10]);
  assertEquals(model.bandwidth, 100);
  model.endBandwidthCycle();
  exchange(model, 1, [20, 40], { appLimited: true });
  assert(model.sample.isAppLimited);
  model.endBandwidthCycle();
  // The cycle in which 100 bytes were seen is over, and 50 tell nothing.
  assertEquals(model.bandwidth, 0);
  exchange(model, 2, [60, 70], { appLimited: true, bytes: 2 * SIZE });
  assertEquals(model.bandwidth, 200);
  model.endBandwidthCycle();
  exchange(model, 3, [80, 90], { appLimited: true, bytes: 2 * SIZE });
  model.endBandwidthCycle();
  // As much as was known confirms it.
  assertEquals(model.bandwidth, 200);
  exchange(model, 4, [100, 120]);
  model.endBandwidthCycle();
  assertEquals(model.bandwidth, 50);
});

Deno.test("a packet after which nothing waits marks those that follow", () => {
  const model = new BbrModel(SIZE);
  model.onPacketSent(inFlight(0, 0, SIZE), SIZE, true);
  model.onPacketSent(inFlight(1, 5, SIZE), 2 * SIZE, false);
  const event = { ackedBytes: SIZE, latestRtt: RTT, newestNumber: 1 };
  model.onAck(ackEvent({ ...event, now: 15 }));
  assert(model.sample.isAppLimited);
});

Deno.test("an ACK that tells of a short supply marks what is in flight", () => {
  const model = new BbrModel(SIZE);
  model.onPacketSent(inFlight(0, 0, SIZE), SIZE, false);
  model.onPacketSent(inFlight(1, 1, SIZE), 2 * SIZE, false);
  const acked = { ackedBytes: SIZE, latestRtt: RTT };
  model.onAck(
    ackEvent({ ...acked, now: 10, newestNumber: 0, appLimited: true }),
  );
  model.onPacketSent(inFlight(2, 10, SIZE), 2 * SIZE, false);
  model.onAck(ackEvent({ ...acked, now: 20, newestNumber: 2 }));
  assert(model.sample.isAppLimited);
});

Deno.test("silence while nothing is in flight makes no burst of what follows", () => {
  const burst = (inFlightBefore: number) => {
    const model = new BbrModel(SIZE);
    const { aggregation } = model;
    aggregation.onAck(ackEvent({ now: 0, ackedBytes: SIZE }), false, 100, 1e9);
    model.onPacketSent(inFlight(0, 1000, SIZE), SIZE + inFlightBefore, false);
    // Twenty packets at once, a tenth of what the silence had room for.
    const event = ackEvent({ now: 1010, ackedBytes: 20 * SIZE });
    aggregation.onAck(event, false, 100, 1e9);
    return aggregation.extra;
  };
  assertEquals(burst(0), burst(SIZE));
});

Deno.test("the latest delivery is the largest of the loss round, and begins anew with the sample", () => {
  const model = new BbrModel(SIZE);
  exchange(model, 0, [0, 10], { bytes: 3 * SIZE });
  exchange(model, 1, [20, 30]);
  assertEquals(model.latestInFlight, 3 * SIZE);
  model.restartLatest();
  assertEquals(model.latestInFlight, SIZE);
  model.resetLatest();
  assertEquals(model.latestInFlight, 0);
});

Deno.test("short-term bounds go on from where they are, not from the window", () => {
  const model = new BbrModel(SIZE);
  exchange(model, 0, [0, 1], { bytes: 10 * SIZE });
  model.resetLatest();
  model.lowerShortTerm(100 * SIZE);
  model.lowerShortTerm(100 * SIZE);
  assertAlmostEquals(model.shortTermInFlight, 49 * SIZE, 1e-6);
});
