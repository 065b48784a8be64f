import { assert, assertEquals } from "@std/assert";
import { ACK_RANGES_MAX } from "../../limits.ts";
import { AckPolicy } from "./ack_policy.ts";

const RTT = 40;
const SIZE = 1200;

function policy(receiveBufferBytes = 212_992): AckPolicy {
  return new AckPolicy({ maxDelay: 25, receiveBufferBytes });
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
    acks.onPacket(number, number, true, size, RTT);
    if (acks.due(number)) {
      sent.push(number);
      acks.onSent();
    }
  }
  return sent;
}

Deno.test("nothing is owed for packets that need no acknowledgement", () => {
  const acks = policy();
  acks.onPacket(0, 0, false, SIZE, RTT);
  assertEquals(acks.owed, false);
  assertEquals(acks.due(1000), false);
  assertEquals(acks.ranges.largest, 0);
});

Deno.test("a lone packet is acknowledged within a quarter of a round trip and max_ack_delay", () => {
  const acks = policy();
  acks.onPacket(100, 0, true, SIZE, RTT);
  assert(acks.owed);
  assertEquals(acks.deadline, 110);
  assertEquals(acks.due(109), false);
  assert(acks.due(110));
  const slow = policy();
  slow.onPacket(100, 0, true, SIZE, 1000);
  assertEquals(slow.deadline, 125);
  const near = policy();
  near.onPacket(100, 0, true, SIZE, 0.1);
  assertEquals(near.deadline, 101);
});

Deno.test("the first waiting packet sets the deadline, not the latest", () => {
  const acks = policy();
  acks.onPacket(100, 0, false, SIZE, RTT);
  acks.onPacket(101, 1, true, SIZE, RTT);
  acks.onPacket(105, 2, false, SIZE, RTT);
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
  acks.onPacket(500, 101, true, SIZE, RTT);
  assertEquals(acks.due(500), false);
  acks.onPacket(500, 103, true, SIZE, RTT);
  assert(acks.due(500));
  acks.onSent();
  assertEquals(acks.owed, false);
  acks.onPacket(501, 102, true, SIZE, RTT);
  assert(acks.due(501));
});

Deno.test("the delay told is that of the largest number", () => {
  const acks = policy();
  acks.onPacket(100, 5, true, SIZE, RTT);
  acks.onPacket(107, 3, true, SIZE, RTT);
  assertEquals(acks.delay(110), 10);
});

Deno.test("ranges the peer knows of are forgotten, the largest number is not", () => {
  const acks = policy();
  for (const number of [0, 2, 4, 6]) {
    acks.onPacket(number, number, true, SIZE, RTT);
  }
  acks.onAcked(4);
  assertEquals(acks.ranges.ranges(), [{ start: 6, end: 6 }, {
    start: 4,
    end: 4,
  }]);
  acks.onAcked(6);
  assertEquals(acks.ranges.largest, 6);
});

Deno.test("a peer that skips numbers and acknowledges nothing costs a bounded list", () => {
  const acks = policy();
  for (let number = 0; number < 100_000; number += 2) {
    acks.onPacket(number, number, true, SIZE, RTT);
    acks.onSent();
  }
  assertEquals(acks.ranges.length, ACK_RANGES_MAX);
});
