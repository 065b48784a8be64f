import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ackEvent, inFlight } from "../../testing/congestion_events.ts";
import { DeliveryRate } from "./delivery_rate.ts";

const SIZE = 1000;

/**
 * Sends `count` packets from `first`, one each `spacing` ms from `start`, all
 * in flight together.
 */
function sendMany(
  rate: DeliveryRate,
  first: number,
  count: number,
  start: number,
  spacing: number,
): void {
  for (let i = 0; i < count; i++) {
    const packet = inFlight(first + i, start + i * spacing, SIZE);
    rate.onPacketSent(packet, (i + 1) * SIZE);
  }
}

function acknowledge(
  rate: DeliveryRate,
  now: number,
  newestNumber: number,
  ackedBytes: number,
): void {
  rate.onAck(ackEvent({ now, ackedBytes, newestNumber, latestRtt: 40 }));
}

Deno.test("DeliveryRate measures the rate at which acknowledgements come", () => {
  const rate = new DeliveryRate();
  sendMany(rate, 0, 100, 0, 0);
  // The path delivers one packet every 2 ms, the first after 40 ms.
  for (let i = 0; i < 300; i++) {
    acknowledge(rate, 40 + 2 * i, i, SIZE);
    if (i >= 200) assertAlmostEquals(rate.rate, SIZE / 2, 6);
    rate.onPacketSent(inFlight(100 + i, 40 + 2 * i, SIZE), 100 * SIZE);
  }
  assert(!rate.isAppLimited);
  assertEquals(rate.delivered, 300 * SIZE);
});

Deno.test("DeliveryRate does not take acknowledgements in one burst for a fast path", () => {
  const rate = new DeliveryRate();
  sendMany(rate, 0, 50, 0, 1); // sent over 50 ms
  for (let i = 0; i < 50; i++) acknowledge(rate, 100, i, SIZE);
  assert(rate.rate <= SIZE);
});

Deno.test("DeliveryRate has no sample from an interval shorter than the smallest RTT", () => {
  const rate = new DeliveryRate();
  sendMany(rate, 0, 10, 0, 0);
  acknowledge(rate, 39, 9, 10 * SIZE);
  assertEquals(rate.rate, 0);
});

Deno.test("DeliveryRate marks samples of packets that the application limited", () => {
  const rate = new DeliveryRate();
  rate.onAppLimited(0);
  sendMany(rate, 0, 2, 0, 0);
  acknowledge(rate, 40, 0, SIZE);
  assert(rate.isAppLimited);
  acknowledge(rate, 40, 1, SIZE);
  sendMany(rate, 2, 2, 50, 0);
  acknowledge(rate, 90, 2, SIZE);
  assert(!rate.isAppLimited);
});

Deno.test("DeliveryRate counts what was lost since the packet left", () => {
  const rate = new DeliveryRate();
  rate.onLost(5 * SIZE);
  sendMany(rate, 0, 10, 0, 0);
  rate.onLost(3 * SIZE);
  acknowledge(rate, 40, 9, SIZE);
  assertEquals(rate.sampleLost, 3 * SIZE);
  assertEquals(rate.sampleInFlight, 10 * SIZE);
});

Deno.test("DeliveryRate knows every packet of many in flight, and gives no sample for a forgotten one", () => {
  const rate = new DeliveryRate();
  sendMany(rate, 0, 60_000, 0, 0);
  acknowledge(rate, 40, 0, SIZE);
  assertEquals(rate.priorDelivered, 0);
  acknowledge(rate, 40, 59_999, SIZE);
  assertEquals(rate.priorDelivered, 0);
  sendMany(rate, 60_000, 70_000, 50, 0);
  acknowledge(rate, 90, 60_000, SIZE);
  assertEquals(rate.priorDelivered, -1);
  assertEquals(rate.rate, 0);
});

Deno.test("DeliveryRate begins its interval with the first packet after a pause", () => {
  const rate = new DeliveryRate();
  rate.onPacketSent(inFlight(0, 0, SIZE), SIZE);
  acknowledge(rate, 40, 0, SIZE);
  assertEquals(rate.rate, SIZE / 40);
  // Ten seconds of silence are no sign of a slow path.
  rate.onPacketSent(inFlight(1, 10_000, SIZE), SIZE);
  acknowledge(rate, 10_040, 1, SIZE);
  assertEquals(rate.rate, SIZE / 40);
  // With another one in flight the interval goes on.
  rate.onPacketSent(inFlight(2, 10_100, SIZE), 2 * SIZE);
  acknowledge(rate, 10_140, 2, SIZE);
  assertEquals(rate.rate, SIZE / 100);
});

Deno.test("DeliveryRate's samples are limited by the application until what was in flight then is delivered", () => {
  const rate = new DeliveryRate();
  const limited = (number: number) => {
    rate.onPacketSent(inFlight(number, 100 * number, SIZE), SIZE);
    acknowledge(rate, 100 * number + 40, number, SIZE);
    return rate.isAppLimited;
  };
  assert(!limited(0));
  rate.onAppLimited(2 * SIZE);
  assertEquals([1, 2, 3, 4, 5].map(limited), [true, true, true, false, false]);
});

Deno.test("DeliveryRate believes no interval shorter than the round trip, the smallest or this one", () => {
  for (const [minRtt, latestRtt] of [[40, 60], [60, 40]]) {
    const rate = new DeliveryRate();
    rate.onPacketSent(inFlight(0, 0, SIZE), SIZE);
    const event = { ackedBytes: SIZE, newestNumber: 0, minRtt, latestRtt };
    rate.onAck(ackEvent({ ...event, now: 40 }));
    assertEquals(rate.rate, SIZE / 40);
    const early = new DeliveryRate();
    early.onPacketSent(inFlight(0, 0, SIZE), SIZE);
    early.onAck(ackEvent({ ...event, now: 39 }));
    assertEquals(early.rate, 0);
  }
});

Deno.test("DeliveryRate gives no sample for an old packet that a newer one has superseded", () => {
  const rate = new DeliveryRate();
  sendMany(rate, 0, 10, 0, 1);
  acknowledge(rate, 50, 9, SIZE);
  // All of 0 to 9 have fates now: their places are free for what follows.
  sendMany(rate, 10, 256, 60, 1);
  acknowledge(rate, 400, 265, SIZE);
  assert(rate.priorDelivered >= 0);
  acknowledge(rate, 401, 9, SIZE);
  assertEquals([rate.rate, rate.priorDelivered], [0, -1]);
});
