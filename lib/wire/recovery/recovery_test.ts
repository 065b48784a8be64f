import { assert, assertEquals } from "@std/assert";
import { DATAGRAM_MIN } from "../../limits.ts";
import { ack, recovery } from "../testing/recovery.ts";

for (const congestion of ["cubic", "bbr"] as const) {
  Deno.test(`${congestion}: a new path starts with the first window`, () => {
    const { recovery: paths, sendAll } = recovery({ congestion });
    const first = paths.congestionWindow;
    for (let now = 0; now < 200; now += 50) {
      const sent: number[] = [];
      for (let at = now; at < now + 40; at++) sent.push(...sendAll(at));
      paths.onAck(now + 45, ack(sent[0], sent.at(-1)!), false);
    }
    assert(paths.congestionWindow > first);
    const { congestionWindow } = paths;
    paths.onPathChange({ rebound: true, rtt: 70 });
    assertEquals(paths.congestionWindow, congestionWindow);
    assert(paths.rtt.hasSample);
    paths.onPathChange({ rebound: false, rtt: 70 });
    assertEquals(paths.congestionWindow, first);
    assertEquals([paths.rtt.smoothed, paths.rtt.hasSample], [70, false]);
  });

  Deno.test(`${congestion}: no more is in flight than the window, and acknowledgements open it`, () => {
    const { recovery: paths, sendAll, acked } = recovery({ congestion });
    let sent = 0;
    for (let now = 0; now < 100; now++) {
      sent += sendAll(now).length;
      assert(paths.bytesInFlight <= paths.congestionWindow);
    }
    assert(sent >= 2, `${sent}`);
    assertEquals(paths.onAck(150, ack(0, sent - 1), false), sent - 1);
    assertEquals(acked.length, sent);
    assertEquals(paths.bytesInFlight, 0);
    assertEquals(paths.largestAcked, sent - 1);
    assert(paths.maySend(1100, DATAGRAM_MIN));
  });

  Deno.test(`${congestion}: a packet overtaken by three others is lost, and told once`, () => {
    const { recovery: paths, send, lost } = recovery({ congestion });
    for (let i = 0; i < 6; i++) send(i);
    paths.onAck(50, ack(1, 5), false);
    assertEquals(lost, [0]);
    assertEquals(paths.packetsLost, 1);
    paths.onAck(60, ack(1, 5), false);
    assertEquals(lost, [0]);
    assertEquals(paths.bytesInFlight, 0);
  });
}

Deno.test("a path MTU probe larger than the window does not hold back what follows it", () => {
  const options = { handshakeRtt: 50, datagramCeiling: () => 61_440 };
  const { recovery: paths, send, sendAll } = recovery(options);
  const free = recovery(options).sendAll(0).length;
  assertEquals(paths.dueProbe(0), 61_440);
  send(0, { size: 61_440, mtuProbe: true });
  assertEquals(sendAll(0).length, free);
  assert(!paths.maySend(1000, DATAGRAM_MIN), "the window still counts");
});

Deno.test("silence ends in a probe time-out, each later than the one before", () => {
  const { recovery: paths, send } = recovery({ handshakeRtt: 50 });
  send(0);
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    const due = paths.nextTimeout();
    assertEquals(paths.onTimeout(due - 0.5), false);
    assert(paths.onTimeout(due));
    send(due);
    times.push(due);
  }
  const waits = times.map((time, i) => time - (times[i - 1] ?? 0));
  for (let i = 1; i < waits.length; i++) assert(waits[i] > waits[i - 1]);
});

/** The receive buffer of Linux: 92 datagrams of up to 1472 bytes, 166 of 600. */
const BUFFER = 212_992;

/** Most packets of `size` in flight at once when each takes `rtt` to be acknowledged. */
function mostInFlight(rtt: number, size: number): number {
  const { recovery: paths, send } = recovery({
    congestion: "bbr",
    receiveBufferBytes: BUFFER,
  });
  let most = 0;
  for (let now = 0; now < 200 * rtt; now += rtt) {
    let [first, last] = [-1, -1];
    // In the ticks of a timer, which carries what is paced.
    for (let at = now; at < now + rtt; at++) {
      while (paths.maySend(at, size)) {
        last = send(at, { size });
        if (first < 0) first = last;
      }
    }
    most = Math.max(most, paths.bytesInFlight / size);
    if (first >= 0) paths.onAck(now + rtt, ack(first, last), false);
  }
  return most;
}

Deno.test("on a path that stores no packets no more is in flight than the peer's socket holds", () => {
  for (const [size, held] of [[1200, 92], [600, 166], [100, 256]]) {
    const most = mostInFlight(0.5, size);
    assert(most <= 0.75 * held && most > 0.6 * held, `${most} of ${size}`);
  }
});

Deno.test("a path that is longer holds what its window says, whatever the peer's socket does", () => {
  assert(mostInFlight(40, 1200) > 200);
});

Deno.test("a larger datagram is used once a probe of its size has arrived", () => {
  const { recovery: paths, send } = recovery({ datagramCeiling: () => 1472 });
  assertEquals(paths.datagramSize, DATAGRAM_MIN);
  let now = 0;
  send(now);
  paths.onAck(now += 20, ack(0, 0), false);
  for (let i = 0; i < 50 && paths.datagramSize < 1472; i++) {
    const size = paths.dueProbe(now);
    if (size === undefined) {
      now = Math.max(now + 1, Math.min(paths.nextTimeout(), now + 1000));
      continue;
    }
    const newest = send(now, { size, mtuProbe: true });
    paths.onAck(now += 20, ack(newest, newest), false);
  }
  assertEquals(paths.datagramSize, 1472);
  paths.onPathChange({ rebound: true, rtt: 20 });
  assertEquals(paths.datagramSize, 1472);
  paths.onPathChange({ rebound: false, rtt: 20 });
  assertEquals(paths.datagramSize, DATAGRAM_MIN);
  assertEquals(paths.dueProbe(now), 1472);
});

Deno.test("the handshake's round trip is the first estimate", () => {
  const { recovery: paths } = recovery({ handshakeRtt: 12 });
  assertEquals([paths.rtt.smoothed, paths.rtt.min], [12, 12]);
  assert(paths.pto < 100);
});

Deno.test("bbr: a first flight is larger and paced when the handshake has told the round trip", () => {
  const { recovery: paths, sendAll } = recovery({ congestion: "bbr" });
  const unknown = paths.congestionWindow;
  paths.onHandshakeRtt(0, 100);
  assertEquals(paths.rtt.smoothed, 100);
  assert(paths.congestionWindow > 3 * unknown);
  const atOnce = sendAll(0).length;
  assertEquals(atOnce, 10);
  let all = atOnce;
  for (let now = 1; now < 50; now++) all += sendAll(now).length;
  assertEquals(all, paths.congestionWindow / DATAGRAM_MIN);
  assertEquals(
    recovery({ congestion: "bbr", handshakeRtt: 100 }).recovery
      .congestionWindow,
    paths.congestionWindow,
  );
});

Deno.test("a round trip of the handshake that is only known at most is replaced by the first sample", () => {
  const { recovery: paths, send } = recovery({ handshakeRttMax: 600 });
  assertEquals([paths.rtt.smoothed, paths.rtt.min], [600, Infinity]);
  send(0);
  paths.onAck(40, ack(0, 0), false);
  assertEquals([paths.rtt.smoothed, paths.rtt.min], [40, 40]);
});

Deno.test("probes that went to another address tell nothing of a new path's MTU", () => {
  for (const late of [false, true]) {
    const { recovery: paths, send } = recovery({ datagramCeiling: () => 1472 });
    send(0, { size: 1472, mtuProbe: true });
    for (let i = 1; i < 6; i++) send(i);
    // With `late`, the probe has been given up before.
    if (late) paths.onAck(40, ack(2, 5), false);
    paths.onPathChange({ rebound: false, rtt: 40 });
    paths.onAck(60, ack(0, 5), false);
    assertEquals(paths.datagramSize, DATAGRAM_MIN);
    assertEquals(paths.dueProbe(60), 1472);
  }
});

for (const rebound of [true, false]) {
  Deno.test(`what is lost with the old address is told, and slows nothing down: ${rebound}`, () => {
    const { recovery: paths, send, lost } = recovery({
      datagramCeiling: () => 1472,
    });
    for (let i = 0; i < 8; i++) send(i);
    paths.onPathChange({ rebound, rtt: 40 });
    const { congestionWindow } = paths;
    for (let i = 0; i < 4; i++) send(100 + i);
    paths.onAck(150, ack(8, 11), false);
    assertEquals(lost, [0, 1, 2, 3, 4, 5, 6, 7]);
    assertEquals(paths.packetsLost, 8);
    assert(paths.congestionWindow >= congestionWindow);
  });
}

Deno.test("a peer that is there and acknowledges no large packet shows a smaller path", () => {
  const { recovery: paths, send } = recovery({
    handshakeRtt: 50,
    datagramCeiling: () => 1472,
  });
  send(0, { size: 1472, mtuProbe: true });
  paths.onAck(50, ack(0, 0), false);
  assertEquals(paths.datagramSize, 1472);
  send(100, { size: 1472 });
  assertEquals(paths.onSignOfLife(900), false);
  assert(paths.onTimeout(paths.nextTimeout()));
  for (const now of [1000, 2000]) {
    assertEquals(paths.datagramSize, 1472);
    send(now - 100, { size: 1472 });
    assert(paths.onSignOfLife(now));
  }
  assertEquals(paths.datagramSize, DATAGRAM_MIN);
});

Deno.test("a window that losses have shrunk stays so, unless all of them arrive after all", () => {
  for (const late of [false, true]) {
    const { recovery: paths, send } = recovery();
    for (let i = 0; i < 10; i++) send(i);
    const before = paths.congestionWindow;
    paths.onAck(40, ack(3, 9), false);
    assert(paths.congestionWindow < before);
    send(41);
    paths.onAck(80, late ? ack(0, 10) : ack(10, 10), false);
    assertEquals(paths.congestionWindow >= before, late);
  }
});

Deno.test("an ACK of nothing that was in flight does not change the window", () => {
  for (const congestion of ["cubic", "bbr"] as const) {
    const { recovery: paths, send } = recovery({ congestion });
    send(0, { inFlight: false, ackEliciting: false });
    send(1);
    const before = paths.congestionWindow;
    paths.onAck(40, ack(0, 0), false);
    assertEquals(paths.congestionWindow, before);
  }
});
