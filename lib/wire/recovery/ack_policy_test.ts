import { assert, assertEquals } from "@std/assert";
import { ACK_PACKETS_MAX, ACK_RANGES_MAX } from "../../limits.ts";
import { AckPolicy } from "./ack_policy.ts";

const RTT = 40;
const SIZE = 1200;

function policy(): AckPolicy {
  return new AckPolicy(25, 212_992);
}

/** Receives one packet. */
function take(
  acks: AckPolicy,
  now: number,
  number: number,
  ackEliciting = true,
  size = SIZE,
  rtt = RTT,
): void {
  acks.onPacket({ now, number, size }, ackEliciting, rtt);
}

/** Receives `count` packets in order from `first` on, acknowledging when it is due. */
function receive(
  acks: AckPolicy,
  first: number,
  count: number,
  size = SIZE,
): number[] {
  const sent: number[] = [];
  for (let number = first; number < first + count; number++) {
    take(acks, number, number, true, size);
    if (number >= acks.deadline) {
      sent.push(number);
      acks.onSent();
    }
  }
  return sent;
}

Deno.test("packets of a slower path are acknowledged after later ones are known to have come", () => {
  const acks = new AckPolicy(25, 212_992, 1000);
  take(acks, 5000, 100);
  acks.onAcked(100);
  take(acks, 5100, 60);
  assertEquals(acks.ranges.ranges(), [
    { start: 100, end: 100 },
    { start: 60, end: 60 },
  ]);
  // Forgotten when that has been known for a second at least.
  take(acks, 6500, 101);
  acks.onAcked(101);
  assertEquals(acks.ranges.ranges(), [{ start: 100, end: 101 }]);
  take(acks, 8000, 102);
  acks.onAcked(102);
  assertEquals(acks.ranges.ranges(), [{ start: 101, end: 102 }]);
});

Deno.test("nothing is owed for packets that need no acknowledgement", () => {
  const acks = policy();
  take(acks, 0, 0, false);
  assertEquals(acks.owed, false);
  assertEquals(acks.deadline, Infinity);
  assertEquals(acks.ranges.largest, 0);
});

Deno.test("a lone packet is acknowledged within a quarter of a round trip and max_ack_delay", () => {
  for (const [rtt, deadline] of [[RTT, 110], [1000, 125], [0.1, 101]]) {
    const acks = policy();
    take(acks, 100, 0, true, SIZE, rtt);
    assert(acks.owed);
    assertEquals(acks.deadline, deadline, `RTT of ${rtt} ms`);
  }
});

Deno.test("the first waiting packet sets the deadline, not the latest", () => {
  const acks = policy();
  take(acks, 100, 0, false);
  take(acks, 101, 1);
  take(acks, 105, 2, false);
  assertEquals(acks.deadline, 111);
});

Deno.test("every second packet is acknowledged until the peer asks for something else", () => {
  const acks = policy();
  assertEquals(receive(acks, 0, 10), [1, 3, 5, 7, 9]);
  receive(acks, 10, 990);
  acks.onFrequency(10, 25, 999);
  assertEquals(receive(acks, 1000, 40), [1009, 1019, 1029, 1039]);
  acks.onFrequency(1, 5, 1040);
  assertEquals(receive(acks, 1040, 3), [1040, 1041, 1042]);
});

Deno.test("the peer's wish bounds how long an acknowledgement waits, within max_ack_delay and a tick", () => {
  for (const [asked, waits] of [[5, 5], [1000, 25], [0, 1]]) {
    const acks = policy();
    acks.onFrequency(10, asked, 0);
    take(acks, 100, 1);
    take(acks, 100, 2);
    acks.onSent();
    take(acks, 200, 3);
    assertEquals(acks.deadline, 200 + waits, `${asked} ms`);
  }
});

Deno.test("a wish that comes late does not undo a newer one, whatever it asks for", () => {
  const acks = policy();
  acks.onFrequency(4, 5, 20);
  acks.onFrequency(1, 5, 10);
  assertEquals(receive(acks, 0, 8), [3, 7]);
  acks.onFrequency(Number.MAX_SAFE_INTEGER, 25, 30);
  let waiting = 0;
  for (let number = 8; acks.deadline > 100; number++) {
    take(acks, 100, number, true, 100);
    waiting++;
  }
  assertEquals(waiting, ACK_PACKETS_MAX);
});

Deno.test("large packets never fill more than a quarter of the socket's buffer unacknowledged", () => {
  for (const [size, expected] of [[16_384, 3], [65_507, 1]]) {
    const acks = policy();
    acks.onFrequency(16, 25, 0);
    const sent = receive(acks, 0, 30, size);
    assertEquals(sent[1] - sent[0], expected);
  }
});

Deno.test("a gap, and a packet that fills one, are told at once", () => {
  const acks = policy();
  receive(acks, 0, 101);
  acks.onSent();
  take(acks, 500, 101);
  assert(acks.deadline > 500);
  take(acks, 500, 103);
  assert(acks.deadline <= 500);
  acks.onSent();
  assertEquals(acks.owed, false);
  take(acks, 501, 102);
  assert(acks.deadline <= 501);
});

Deno.test("the delay told is that of the largest number", () => {
  const acks = policy();
  take(acks, 100, 5);
  take(acks, 107, 3);
  assertEquals(acks.delay(110), 10);
});

Deno.test("ranges the peer knows of are forgotten, the largest number is not", () => {
  const acks = policy();
  for (const number of [0, 2, 4, 6]) take(acks, number, number);
  acks.onAcked(4);
  assertEquals(acks.ranges.ranges().map(({ start }) => start), [6, 4]);
  acks.onAcked(6);
  assertEquals(acks.ranges.largest, 6);
});

Deno.test("a peer that skips numbers and acknowledges nothing costs a bounded list", () => {
  const acks = policy();
  for (let number = 0; number < 100_000; number += 2) {
    take(acks, number, number);
    acks.onSent();
  }
  assertEquals(acks.ranges.ranges().length, ACK_RANGES_MAX);
});
