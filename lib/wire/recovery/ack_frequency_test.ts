import { assert, assertEquals } from "@std/assert";
import { AckFrequency } from "./ack_frequency.ts";

const MAX_DELAY = 25;
const RTT = 40;

Deno.test("in slow start nothing is asked for: every second packet is the default", () => {
  const wish = new AckFrequency(MAX_DELAY);
  for (let now = 0; now < 10 * RTT; now += RTT) {
    wish.update(now, 10 + now, "slow start", RTT);
    assertEquals([wish.owed, wish.packets], [false, 2]);
  }
});

Deno.test("after slow start a sixteenth of the window is asked for, one packet to sixteen", () => {
  for (
    const [inFlight, packets] of [[2, 1], [48, 3], [160, 10], [1e6, 16]]
  ) {
    const wish = new AckFrequency(MAX_DELAY);
    wish.update(0, inFlight, "window", RTT);
    assert(wish.owed);
    assertEquals(wish.packets, packets, `${inFlight} in flight`);
  }
});

Deno.test("where the peer's socket bounds what is in flight, a quarter of that is asked for", () => {
  const wish = new AckFrequency(MAX_DELAY);
  wish.update(0, 64, "socket", 0.2);
  assertEquals([wish.owed, wish.packets], [true, 16]);
  const large = new AckFrequency(MAX_DELAY);
  large.update(0, 3, "socket", 0.2);
  assertEquals(large.packets, 1);
});

Deno.test("an acknowledgement waits a quarter of a round trip, at least a tick, at most what the peer said", () => {
  for (const [rtt, delay] of [[0.2, 1], [40, 10], [600, MAX_DELAY]]) {
    const wish = new AckFrequency(MAX_DELAY);
    wish.update(0, 160, "window", rtt);
    assertEquals(wish.delayMs, delay, `RTT of ${rtt} ms`);
  }
});

Deno.test("small changes are not told, large ones once for each round trip", () => {
  const wish = new AckFrequency(MAX_DELAY);
  const told = (now: number, inFlight: number): number | undefined => {
    wish.update(now, inFlight, "window", RTT);
    if (!wish.owed) return undefined;
    wish.owed = false;
    return wish.packets;
  };
  assertEquals(told(0, 128), 8);
  assertEquals(told(100, 144), undefined);
  assertEquals(told(200, 48), 3);
  assertEquals(told(210, 200), undefined);
  assertEquals(told(200 + RTT, 200), 12);
  // A new slow start wants samples again.
  wish.update(400, 20, "slow start", RTT);
  assertEquals([wish.owed, wish.packets], [true, 2]);
});
