import { assert, assertEquals } from "@std/assert";
import { ACK_RANGES_MAX } from "../../limits.ts";
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

Deno.test("at first two packets wait for one acknowledgement, later ten", () => {
  const acks = policy();
  assertEquals(receive(acks, 0, 10), [1, 3, 5, 7, 9]);
  receive(acks, 10, 90);
  const later = receive(acks, 100, 100);
  assert(later.length <= 11, `${later}`);
  assertEquals(later[1] - later[0], 10);
});

Deno.test("large packets never fill more than a quarter of the socket's buffer unacknowledged", () => {
  for (const [size, expected] of [[16_384, 3], [65_507, 1]]) {
    const acks = policy();
    receive(acks, 0, 100, size);
    const later = receive(acks, 100, 30, size);
    assertEquals(later[1] - later[0], expected);
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
