import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { DeliveryRate } from "./delivery_rate.ts";

const SIZE = 1000;

/** Sends `count` packets from `first`, one each `spacing` ms from `start`, in one flight. */
function flight(
  rate: DeliveryRate,
  first: number,
  count: number,
  start: number,
  spacing: number,
): void {
  for (let i = 0; i < count; i++) {
    rate.onPacketSent(start + i * spacing, SIZE, first + i, (i + 1) * SIZE);
  }
}

Deno.test("DeliveryRate measures the rate at which acknowledgements come", () => {
  const rate = new DeliveryRate();
  flight(rate, 0, 100, 0, 0);
  // The path delivers one packet every 2 ms, the first after 40 ms.
  for (let i = 0; i < 300; i++) {
    rate.onAck(40 + 2 * i, SIZE, i, 40);
    if (i >= 200) assertAlmostEquals(rate.rate, SIZE / 2, 6);
    rate.onPacketSent(40 + 2 * i, SIZE, 100 + i, 100 * SIZE);
  }
  assert(!rate.isAppLimited);
  assertEquals(rate.delivered, 300 * SIZE);
});

Deno.test("DeliveryRate does not take acknowledgements in one burst for a fast path", () => {
  const rate = new DeliveryRate();
  flight(rate, 0, 50, 0, 1); // sent over 50 ms
  for (let i = 0; i < 50; i++) rate.onAck(100, SIZE, i, 40);
  assert(rate.rate <= SIZE);
});

Deno.test("DeliveryRate has no sample from an interval shorter than the smallest RTT", () => {
  const rate = new DeliveryRate();
  flight(rate, 0, 10, 0, 0);
  rate.onAck(39, 10 * SIZE, 9, 40);
  assertEquals(rate.rate, 0);
});

Deno.test("DeliveryRate marks samples of a flight that the application limited", () => {
  const rate = new DeliveryRate();
  rate.onAppLimited(0);
  flight(rate, 0, 2, 0, 0);
  rate.onAck(40, SIZE, 0, 40);
  assert(rate.isAppLimited);
  rate.onAck(40, SIZE, 1, 40);
  flight(rate, 2, 2, 50, 0);
  rate.onAck(90, SIZE, 2, 40);
  assert(!rate.isAppLimited);
});

Deno.test("DeliveryRate counts what was lost since the packet left", () => {
  const rate = new DeliveryRate();
  rate.onLost(5 * SIZE);
  flight(rate, 0, 10, 0, 0);
  rate.onLost(3 * SIZE);
  rate.onAck(40, SIZE, 9, 40);
  assertEquals(rate.sampleLost, 3 * SIZE);
  assertEquals(rate.sampleInFlight, 10 * SIZE);
});

Deno.test("DeliveryRate knows every packet of a large flight, and gives no sample for a forgotten one", () => {
  const rate = new DeliveryRate();
  flight(rate, 0, 60_000, 0, 0);
  rate.onAck(40, SIZE, 0, 40);
  assertEquals(rate.priorDelivered, 0);
  rate.onAck(40, SIZE, 59_999, 40);
  assertEquals(rate.priorDelivered, 0);
  flight(rate, 60_000, 70_000, 50, 0);
  rate.onAck(90, SIZE, 60_000, 40);
  assertEquals(rate.priorDelivered, -1);
  assertEquals(rate.rate, 0);
});
