import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Bbr } from "./bbr.ts";
import type { BbrState } from "./bbr_gains.ts";
import { ackEvent, inFlight } from "../../testing/congestion_events.ts";

const SIZE = 1200;

/** One BBR sender on a line of `rate` bytes per ms, driven packet by packet. */
class Path {
  readonly bbr = new Bbr(SIZE);
  readonly states = new Set<BbrState>();
  readonly #inFlight: { number: number; sent: number; arrives: number }[] = [];
  now = 0;
  /** Milliseconds of the round trip without a queue. */
  delay = 40;
  #number = 0;
  #freeAt = 0;
  #smoothedRtt = this.delay;
  #minRtt = this.delay;

  constructor(public rate: number) {}

  run(until: number): void {
    while (this.now < until) {
      this.#fill();
      this.now++;
      while (
        this.#inFlight.length > 0 && this.#inFlight[0].arrives <= this.now
      ) {
        this.#acknowledge();
      }
      this.states.add(this.bbr.state);
    }
  }

  /** Paced in steps of a millisecond. */
  #fill(): void {
    let budget = this.bbr.pacingRate(this.#smoothedRtt);
    while (
      budget > 0 && (this.#inFlight.length + 1) * SIZE <= this.bbr.window
    ) {
      budget -= SIZE;
      this.#freeAt = Math.max(this.#freeAt, this.now) + SIZE / this.rate;
      this.#inFlight.push({
        number: this.#number,
        sent: this.now,
        arrives: this.#freeAt + this.delay,
      });
      const bytes = this.#inFlight.length * SIZE;
      const packet = inFlight(this.#number++, this.now, SIZE);
      this.bbr.onPacketSent(packet, bytes, false);
    }
  }

  #acknowledge(): void {
    const packet = this.#inFlight.shift()!;
    const latestRtt = this.now - packet.sent;
    this.#smoothedRtt += (latestRtt - this.#smoothedRtt) / 8;
    this.#minRtt = Math.min(this.#minRtt, latestRtt);
    this.bbr.onAck(ackEvent({
      now: this.now,
      newestTime: packet.sent,
      newestNumber: packet.number,
      latestRtt,
      smoothedRtt: this.#smoothedRtt,
      minRtt: this.#minRtt,
      bytesInFlight: this.#inFlight.length * SIZE,
    }));
  }

  lose(persistent: boolean): void {
    this.bbr.onCongestionEvent({
      now: this.now,
      newestLostTime: this.now,
      lostBytes: SIZE,
      persistent,
    });
  }
}

Deno.test("Bbr finds the bandwidth and drains the queue of start-up", () => {
  const path = new Path(12_000);
  assertEquals(path.bbr.state, "startup");
  path.run(1500);
  assertAlmostEquals(path.bbr.bandwidth / 12_000, 1, 0.15);
  assert(path.bbr.state.startsWith("probe_bw"));
  assert(path.states.has("drain"));
  const bdp = 12_000 * 40;
  assert(path.bbr.window < 3 * bdp);
});

Deno.test("Bbr probes for bandwidth and follows it when it grows", () => {
  const path = new Path(3000);
  path.run(2000);
  path.rate = 9000;
  path.run(20_000);
  assert(path.bbr.bandwidth > 8000, `${path.bbr.bandwidth}`);
  for (const phase of ["down", "cruise", "refill", "up"] as const) {
    assert(path.states.has(`probe_bw_${phase}`));
  }
});

Deno.test("Bbr gives bandwidth up within two probing cycles when it shrinks", () => {
  const path = new Path(9000);
  path.run(2000);
  path.rate = 3000;
  path.run(15_000);
  assert(path.bbr.bandwidth < 3600, `${path.bbr.bandwidth}`);
});

Deno.test("Bbr does not enter ProbeRTT on a path that keeps showing its minimum", () => {
  const path = new Path(12_000);
  path.run(15_000);
  assert(!path.states.has("probe_rtt"));
});

Deno.test("Bbr enters ProbeRTT, and leaves it, when the RTT has risen for good", () => {
  const path = new Path(12_000);
  path.run(2000);
  path.delay = 90;
  path.run(20_000);
  assert(path.states.has("probe_rtt"));
  assert(path.bbr.state !== "probe_rtt");
  assertAlmostEquals(path.bbr.bandwidth / 12_000, 1, 0.15);
  assert(path.bbr.window > 12_000 * 90);
});

Deno.test("Bbr falls to two datagrams on persistent congestion and recovers at its bandwidth", () => {
  const path = new Path(12_000);
  path.run(2000);
  const before = path.bbr.window;
  path.lose(true);
  assertEquals(path.bbr.window, 2 * SIZE);
  path.run(4000);
  assert(path.bbr.window > 0.8 * before);
});

Deno.test("Bbr does not react to single losses", () => {
  const path = new Path(12_000);
  path.run(2000);
  const before = path.bbr.window;
  path.lose(false);
  assertEquals(path.bbr.window, before);
  path.run(2100);
  assertAlmostEquals(path.bbr.bandwidth / 12_000, 1, 0.15);
});

Deno.test("Bbr starts with the initial window and paces it once the RTT is known", () => {
  const bbr = new Bbr(SIZE);
  assertEquals(bbr.window, 12_000);
  assertEquals(bbr.pacingRate(undefined), Infinity);
  assertAlmostEquals(bbr.pacingRate(100), 2.77 * 120);
  bbr.onMtuChange(65_507);
  assertEquals(bbr.window, 131_014);
});

Deno.test("Bbr starts with 32 datagrams when it can spread them over a known round trip", () => {
  const bbr = new Bbr(SIZE, () => 0.5, true);
  assertEquals(bbr.window, 32 * SIZE);
  assertAlmostEquals(bbr.pacingRate(100), 2.77 * 32 * SIZE / 100);
  bbr.onMtuChange(1472);
  assertEquals(bbr.window, 32 * 1472);
  assertEquals(new Bbr(1473, () => 0.5, true).window, 14_720);
});
