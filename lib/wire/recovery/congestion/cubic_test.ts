import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ackEvent, inFlight } from "../../testing/congestion_events.ts";
import { initialWindow } from "./initial_window.ts";
import { Cubic } from "./cubic.ts";

const SIZE = 1200;

/** A sender that keeps the window full on a path of one RTT. */
class Sender {
  now = 0;
  number = 0;
  constructor(readonly cubic: Cubic, readonly rtt: number) {}

  /** Sends and acknowledges one window, packet by packet, over one round trip. */
  round(appLimited = false): void {
    const window = this.cubic.window;
    const sentAt = this.now;
    for (let bytes = SIZE; bytes <= window; bytes += SIZE) {
      this.now = sentAt + this.rtt * bytes / window;
      const packet = inFlight(this.number++, this.now - this.rtt, SIZE);
      this.cubic.onPacketSent(packet);
      this.cubic.onAck(ackEvent({
        now: this.now,
        newestTime: packet.time,
        newestNumber: packet.number,
        latestRtt: this.rtt,
        bytesInFlight: window - SIZE,
        appLimited,
      }));
    }
    this.now = sentAt + this.rtt;
  }

  /** Loses a packet that was sent `ago` milliseconds ago. */
  loseSent(ago: number, persistent = false): void {
    this.cubic.onCongestionEvent({
      now: this.now,
      newestLostTime: this.now - ago,
      lostBytes: SIZE,
      persistent,
    });
  }

  /** Loses the packet sent last and waits until recovery is over. */
  lose(persistent = false): void {
    this.loseSent(0, persistent);
    this.now += this.rtt + 1;
  }
}

/** Grows to about `datagrams` by slow start. */
function grown(datagrams: number, rtt = 100): Sender {
  const sender = new Sender(new Cubic(SIZE), rtt);
  while (sender.cubic.window < datagrams * SIZE) sender.round();
  return sender;
}

Deno.test("the initial window is that of RFC 9002 §7.2", () => {
  assertEquals(initialWindow(1200), 12_000);
  assertEquals(initialWindow(1472), 14_720);
  assertEquals(initialWindow(9000), 18_000);
  assertEquals(initialWindow(65_507), 131_014);
});

Deno.test("Cubic doubles its window every round of slow start", () => {
  const sender = new Sender(new Cubic(SIZE), 100);
  sender.round();
  assertEquals(sender.cubic.window, 24_000);
  sender.round();
  assertEquals(sender.cubic.window, 48_000);
});

/** Whether the window would double within the round trip. */
function isInSlowStart(cubic: Cubic): boolean {
  return cubic.pacingRate(100) === 2 * cubic.window / 100;
}

Deno.test("Cubic keeps 70 % of the window after a loss, once per round trip (RFC 9438 §4.6)", () => {
  const sender = grown(100);
  const { cubic } = sender;
  const before = cubic.window;
  sender.loseSent(1);
  assertAlmostEquals(cubic.window, 0.7 * before);
  assert(!isInSlowStart(cubic));
  sender.now += 5;
  sender.loseSent(5); // sent before the reduction
  assertAlmostEquals(cubic.window, 0.7 * before);
  sender.loseSent(4);
  assertAlmostEquals(cubic.window, 0.49 * before);
});

Deno.test("Cubic does not grow on packets sent before the reduction", () => {
  const sender = grown(100);
  const { cubic, now } = sender;
  sender.loseSent(1);
  const bytesInFlight = cubic.window;
  cubic.onAck(ackEvent({ now: now + 10, newestTime: now - 2, bytesInFlight }));
  assertEquals(cubic.window, bytesInFlight);
});

Deno.test("Cubic follows W_cubic(t) = C(t − K)³ + W_max (RFC 9438 §4.2)", () => {
  const sender = grown(1000);
  const { cubic } = sender;
  const maxWindow = cubic.window / SIZE;
  sender.lose();
  const start = sender.now;
  const k = Math.cbrt(maxWindow * 0.3 / 0.4);
  for (let i = 0; i < 150; i++) {
    sender.round();
    const t = (sender.now - start) / 1000;
    const expected = 0.4 * (t - k) ** 3 + maxWindow;
    assertAlmostEquals(cubic.window / SIZE / expected, 1, 0.02);
  }
  assert(cubic.window / SIZE > maxWindow, "the curve has passed its plateau");
});

Deno.test("Cubic grows no slower than Reno would on a short path (RFC 9438 §4.3)", () => {
  const sender = grown(40, 5);
  sender.lose();
  const before = sender.cubic.window / SIZE;
  for (let i = 0; i < 10; i++) sender.round();
  // α = 3(1 − β)/(1 + β) ≈ 0.53 datagrams per round trip
  assertAlmostEquals(sender.cubic.window / SIZE - before, 10 * 0.529, 0.5);
});

Deno.test("Cubic gives way faster when its maximum shrinks (fast convergence, §4.7)", () => {
  const sender = grown(1000);
  sender.lose();
  for (let i = 0; i < 10; i++) sender.round();
  const second = sender.cubic.window / SIZE;
  sender.lose(); // below the old maximum
  const start = sender.now;
  const reduced = sender.cubic.window / SIZE;
  const maxWindow = second * 0.85;
  const k = Math.cbrt((maxWindow - reduced) / 0.4);
  for (let i = 0; i < 40; i++) sender.round();
  const t = (sender.now - start) / 1000;
  const expected = 0.4 * (t - k) ** 3 + maxWindow;
  assertAlmostEquals(sender.cubic.window / SIZE / expected, 1, 0.02);
});

Deno.test("Cubic falls to two datagrams on persistent congestion and starts slowly again", () => {
  const sender = grown(100);
  const before = sender.cubic.window;
  sender.lose(true);
  assertEquals(sender.cubic.window, 2 * SIZE);
  sender.round();
  assertEquals(sender.cubic.window, 4 * SIZE);
  while (isInSlowStart(sender.cubic)) sender.round();
  assertAlmostEquals(sender.cubic.window / before, 0.7, 0.02);
});

Deno.test("Cubic never falls below two datagrams", () => {
  const sender = new Sender(new Cubic(SIZE), 10);
  for (let i = 0; i < 50; i++) sender.lose();
  assertEquals(sender.cubic.window, 2 * SIZE);
});

Deno.test("Cubic takes back a reduction that proves spurious (RFC 9438 §4.9)", () => {
  const sender = grown(100);
  const { cubic } = sender;
  const before = cubic.window;
  sender.lose();
  assert(cubic.window < before);
  cubic.onSpuriousCongestion();
  assertEquals(cubic.window, before);
  assert(isInSlowStart(cubic));
  cubic.onSpuriousCongestion(); // there is nothing more to take back
  assertEquals(cubic.window, before);
});

Deno.test("Cubic does not grow while the application is the limit (RFC 9002 §7.8)", () => {
  const sender = grown(100);
  const before = sender.cubic.window;
  for (let i = 0; i < 10; i++) sender.round(true);
  assertEquals(sender.cubic.window, before);
});

Deno.test("Cubic does not grow while less than half of the window is used", () => {
  const { cubic, now } = grown(100);
  const before = cubic.window;
  cubic.onAck(ackEvent({
    now,
    newestTime: now - 100,
    bytesInFlight: before / 3,
  }));
  assertEquals(cubic.window, before);
});

Deno.test("Cubic does not make up for a pause with a jump (RFC 9438 §5.8)", () => {
  const sender = grown(1000);
  sender.lose();
  for (let i = 0; i < 10; i++) sender.round();
  const before = sender.cubic.window;
  sender.round(true);
  sender.now += 60_000;
  sender.round(true);
  sender.round();
  assert(sender.cubic.window / before < 1.05);
});

Deno.test("Cubic makes room for two datagrams of a larger size, ten before any loss", () => {
  const cubic = new Cubic(SIZE);
  cubic.onMtuChange(65_507);
  assertEquals(cubic.window, 131_014);
  cubic.onMtuChange(SIZE);
  assertEquals(cubic.window, 131_014);

  const small = new Sender(new Cubic(SIZE), 10);
  for (let i = 0; i < 50; i++) small.lose();
  small.cubic.onMtuChange(9000);
  assertEquals(small.cubic.window, 18_000);
});

Deno.test("Cubic paces at 1.25 windows per RTT, at 2 in slow start", () => {
  const sender = new Sender(new Cubic(SIZE), 100);
  assertEquals(sender.cubic.pacingRate(undefined), Infinity);
  assertEquals(sender.cubic.pacingRate(100), 240);
  sender.loseSent(0);
  assertAlmostEquals(sender.cubic.pacingRate(100), 0.7 * 150);
});
