/** What recovery makes of losses and arrivals: who is told, and what follows. */

import { assert, assertEquals } from "@std/assert";
import { DATAGRAM_MIN } from "../../limits.ts";
import { ack, recovery, type TestRecovery } from "../testing/recovery.ts";

/** A path on which 1472 bytes have been found to pass. */
function large(): TestRecovery {
  const made = recovery({ datagramCeiling: () => 1472, handshakeRtt: 50 });
  made.send(0, { size: 1472, mtuProbe: true });
  made.recovery.onAck(50, ack(0, 0), false);
  assertEquals(made.recovery.datagramSize, 1472);
  return made;
}

/** Loses a packet of 1472 bytes that small ones overtake. */
function loseLarge({ recovery: paths, send }: TestRecovery, now: number): void {
  const first = send(now, { size: 1472 });
  for (let i = 0; i < 3; i++) send(now, { size: 100 });
  paths.onAck(now + 50, ack(first + 1, first + 3), false);
}

Deno.test("a window leaves at first, not a packet more, and any one packet alone", () => {
  const { recovery: paths, sendAll } = recovery();
  assertEquals(paths.congestionWindow, 12_000);
  assert(paths.maySend(0, 12_001));
  assertEquals(sendAll(0).length, 10);
  assertEquals(paths.maySend(1000, 1), false);
});

Deno.test("losses lessen the window of CUBIC, and not of BBR when they are few", () => {
  for (const congestion of ["cubic", "bbr"] as const) {
    const { recovery: paths, send } = recovery({ congestion });
    assertEquals(paths.congestion, congestion);
    const { congestionWindow } = paths;
    for (let i = 0; i < 10; i++) send(0);
    paths.onAck(50, ack(1, 3), false);
    assertEquals(
      paths.congestionWindow < congestionWindow,
      congestion === "cubic",
    );
  }
});

Deno.test("a loss that the timer finds lessens the window as well, and is told", () => {
  const { recovery: paths, send, lost } = recovery({ handshakeRtt: 50 });
  for (let i = 0; i < 4; i++) send(0);
  paths.onAck(50, ack(2, 2), false);
  assertEquals(lost, []);
  const { congestionWindow } = paths;
  assertEquals(paths.onTimeout(paths.nextTimeout()), false);
  assertEquals([lost, paths.packetsLost], [[0, 1], 2]);
  assert(paths.congestionWindow < congestionWindow);
});

Deno.test("a window that shrank for packets that were only late is restored", () => {
  const { recovery: paths, send, acked } = recovery();
  const { congestionWindow } = paths;
  for (let i = 0; i < 10; i++) send(0);
  paths.onAck(50, ack(1, 3), false);
  const { congestionWindow: less } = paths;
  assertEquals([paths.packetsLost, paths.packetsLate], [1, 0]);
  paths.onAck(51, ack(0, 3), false);
  assert(less < congestionWindow && paths.congestionWindow >= congestionWindow);
  assertEquals([paths.packetsLost, paths.packetsLate], [1, 1]);
  assertEquals(acked, [1, 2, 3, 0]);
});

Deno.test("a path MTU probe is one at a time, counts as lost nowhere, and passes late", () => {
  const { recovery: paths, send, lost } = recovery({
    datagramCeiling: () => 1472,
  });
  const { congestionWindow } = paths;
  assertEquals(paths.dueProbe(0), 1472);
  send(0, { size: 1472, mtuProbe: true });
  assertEquals(paths.dueProbe(0), undefined);
  for (let i = 0; i < 5; i++) send(0);
  paths.onAck(50, ack(1, 5), false);
  assertEquals([lost, paths.packetsLost], [[0], 0]);
  assert(paths.congestionWindow >= congestionWindow);
  assertEquals(paths.dueProbe(50), 1472);
  paths.onAck(60, ack(0, 5), false);
  assertEquals([paths.datagramSize, paths.packetsLate], [1472, 0]);
});

Deno.test("large packets that vanish three times make datagrams small, unless one arrives between", () => {
  for (const arrives of [false, true]) {
    const made = large();
    loseLarge(made, 100);
    loseLarge(made, 200);
    const { recovery: paths, send } = made;
    if (arrives) {
      const number = send(300, { size: 1472 });
      paths.onAck(350, ack(number, number), false);
    }
    assertEquals(paths.datagramSize, 1472);
    loseLarge(made, 400);
    assertEquals(paths.datagramSize, arrives ? 1472 : DATAGRAM_MIN);
  }
});

Deno.test("three probe time-outs in a row make datagrams small", () => {
  const { recovery: paths, send } = large();
  const sizes = [0, 1, 2].map(() => {
    send(paths.nextTimeout() === Infinity ? 100 : paths.nextTimeout(), {
      size: 1472,
    });
    assert(paths.onTimeout(paths.nextTimeout()));
    return paths.datagramSize;
  });
  assertEquals(sizes, [1472, 1472, DATAGRAM_MIN]);
});

Deno.test("the size of a datagram that left in fragments is not used again", () => {
  const { recovery: paths } = large();
  paths.onFragmented(1472);
  assert(paths.datagramSize < 1472);
});

Deno.test("packets without anything to acknowledge take nothing from window and pacer", () => {
  const { recovery: paths, send, sendAll } = recovery({ handshakeRtt: 50 });
  send(0);
  paths.onAck(50, ack(0, 0), false);
  const quiet = { inFlight: false, ackEliciting: false };
  for (let i = 0; i < 100; i++) send(1000, quiet);
  assertEquals(paths.bytesInFlight, 0);
  assert(sendAll(1000).length >= 10);
});

Deno.test("what a probe may carry again is the oldest packet without a fate", () => {
  const { recovery: paths, send } = recovery();
  for (let i = 0; i < 3; i++) send(i);
  paths.onAck(50, ack(0, 0), false);
  assertEquals(paths.oldestUnacked(-1)?.number, 1);
  assertEquals(paths.oldestUnacked(1)?.number, 2);
  assertEquals(paths.oldestUnacked(2), undefined);
});

/** A path of 50 ms whose window has grown to more than leaves at once. */
function grown(appLimited = false): TestRecovery {
  const made = recovery({ handshakeRtt: 50 });
  for (let now = 0; now < 600; now += 100) {
    const sent: number[] = [];
    for (let at = now; at < now + 50; at++) sent.push(...made.sendAll(at));
    // The newest one was sent when the pacer let it go.
    const frame = ack(sent[0], sent.at(-1)!);
    made.recovery.onAck(now + 99, frame, appLimited);
  }
  return made;
}

Deno.test("a packet that the pacer holds back wakes the sender, until it has nothing to send", () => {
  const { recovery: paths, send, sendAll } = grown();
  sendAll(3000);
  assert(paths.bytesInFlight + DATAGRAM_MIN <= paths.congestionWindow);
  const paced = paths.nextTimeout();
  assert(paced > 3000 && paced < 3010, `${paced}`);
  assert(!paths.maySend(3000, DATAGRAM_MIN));
  assert(paths.maySend(paced + 0.1, DATAGRAM_MIN));
  send(paced + 0.1);
  sendAll(paced + 0.1);
  paths.onNothingToSend();
  assert(paths.nextTimeout() > 3020);
});

Deno.test("a window leaves in about one round trip", () => {
  const { recovery: paths, sendAll } = grown();
  const { congestionWindow } = paths;
  let until = 3000;
  while (paths.bytesInFlight + DATAGRAM_MIN <= congestionWindow) {
    sendAll(until++);
    assert(until < 3100);
  }
  assert(until > 3020, `${until - 3000} ms`);
});

Deno.test("a sender without data does not grow its window", () => {
  assert(grown().recovery.congestionWindow > 50 * DATAGRAM_MIN);
  assert(grown(true).recovery.congestionWindow < 20 * DATAGRAM_MIN);
});

Deno.test("the window and the burst are of datagrams of the present size", () => {
  const { recovery: paths, send } = large();
  assertEquals(paths.congestionWindow, 14_720);
  let sent = 0;
  while (paths.maySend(1000, 1472)) sent += send(1000, { size: 1472 }) && 1;
  assertEquals(sent, 10);
});
