import { assertEquals } from "@std/assert";
import { IdleTimer } from "./idle_timer.ts";

Deno.test("a peer is given up one time-out after its last packet", () => {
  const idle = new IdleTimer(30_000, 1000);
  assertEquals(idle.deadline(100), 31_000);
  idle.onReceived(5000);
  assertEquals(idle.deadline(100), 35_000);
  assertEquals(idle.silence(6000), 1000);
  assertEquals([idle.expired(34_999), idle.expired(35_000)], [false, true]);
});

Deno.test("only the first packet that wants an answer starts the wait anew", () => {
  const idle = new IdleTimer(30_000, 0);
  idle.onElicitingSent(10_000);
  idle.onElicitingSent(20_000);
  assertEquals(idle.deadline(100), 40_000);
  assertEquals(idle.silence(20_000), 20_000);
});

Deno.test("a peer gets three probe time-outs, but not an hour by making them long", () => {
  const idle = new IdleTimer(1000, 0);
  assertEquals(idle.deadline(2000), 6000);
  assertEquals(idle.deadline(3_600_000), 60_000);
});

Deno.test("a PING is due three times in a time-out, and none while an answer is awaited", () => {
  const idle = new IdleTimer(30_000, 0);
  assertEquals(idle.pingDue, 10_000);
  idle.onElicitingSent(10_000);
  assertEquals(idle.pingDue, Infinity);
  idle.onReceived(10_040);
  assertEquals(idle.pingDue, 20_040);
});

Deno.test("a PING is due after ten seconds, however long the time-out", () => {
  const idle = new IdleTimer(90_000, 500);
  assertEquals(idle.pingDue, 10_500);
  assertEquals(new IdleTimer(6000, 0).pingDue, 2000);
});

Deno.test("a peer that owes data is asked after three probe time-outs, then ever later", () => {
  const idle = new IdleTimer(90_000, 1000);
  assertEquals(idle.questionDue(100), 1300);
  idle.onQuestion();
  idle.onReceived(1340);
  assertEquals(idle.questionDue(100), 1340 + 600);
  idle.onQuestion();
  assertEquals(idle.questionDue(100), 1340 + 1200);
  idle.onData();
  assertEquals(idle.questionDue(100), 1340 + 300);
  for (let i = 0; i < 2000; i++) idle.onQuestion();
  assertEquals(idle.questionDue(100), 1340 + 300 * 2 ** 20);
});

Deno.test("on a long path a peer is asked after a second, or one probe time-out", () => {
  const idle = new IdleTimer(90_000, 0);
  assertEquals([300, 400, 1200].map((pto) => idle.questionDue(pto)), [
    900,
    1000,
    1200,
  ]);
});

Deno.test("a peer is not asked while an answer is awaited", () => {
  const idle = new IdleTimer(90_000, 0);
  idle.onElicitingSent(100);
  assertEquals(idle.questionDue(100), Infinity);
  idle.onReceived(200);
  assertEquals(idle.questionDue(100), 500);
});

Deno.test("who has overslept the time-out gives the peer another one, and asks it", () => {
  const idle = new IdleTimer(90_000, 0);
  idle.onElicitingSent(100);
  idle.onOverslept(600_000);
  assertEquals(idle.unanswered(601_000), 0);
  assertEquals(idle.deadline(100), 690_000);
  idle.onElicitingSent(600_010);
  assertEquals(idle.unanswered(601_000), 990);
});

Deno.test("a peer has given up who slept, whatever is heard of it first", () => {
  for (
    const wake of [
      (idle: IdleTimer) => idle.onOverslept(600_000),
      // What it sent before waits in the socket.
      (idle: IdleTimer) => idle.onReceived(600_000),
    ]
  ) {
    const idle = new IdleTimer(90_000, 0);
    wake(idle);
    idle.onReceived(600_010);
    assertEquals(idle.expired(600_100), true);
    assertEquals(idle.expired(610_100), false);
  }
});
