import { assertEquals } from "@std/assert";
import { IdleTimer } from "./idle_timer.ts";

Deno.test("a peer is given up one time-out after its last packet", () => {
  const idle = new IdleTimer(30_000, 1000);
  assertEquals(idle.deadline(100), 31_000);
  idle.onReceived(5000);
  assertEquals(idle.deadline(100), 35_000);
  assertEquals(idle.silence(6000), 1000);
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
