import { assertEquals } from "@std/assert";
import { SOURCE_AGAIN_MS, SOURCE_STALL_MS } from "../../limits.ts";
import { type Order, Schedule } from "./schedule.ts";

const CHUNK = 4_000_000;
const SILENT_MS = 30_000;

/** Orders in a short form: `ask 0 for 3`. */
function said(orders: readonly Order[]): string[] {
  return orders.map((order) => {
    switch (order.kind) {
      case "ask":
        return `ask ${order.source} for ${order.want}`;
      case "end":
        return `end ${order.want} at ${order.source}`;
      case "fail":
        return `fail ${order.want}`;
      case "drop":
        return `drop ${order.source}`;
    }
  });
}

/** A schedule with sources that are there from the start. */
function withSources(count: number, expected = count): Schedule {
  const schedule = new Schedule(expected, SILENT_MS);
  for (let id = 0; id < count; id++) schedule.join(id, 0);
  return schedule;
}

function want(schedule: Schedule, count: number, now = 0): void {
  for (let id = 0; id < count; id++) schedule.want(id, CHUNK, [], false, now);
}

/** Lets one source bring bytes of a chunk for a while. */
function bring(
  schedule: Schedule,
  source: number,
  chunk: number,
  [from, to]: readonly [number, number],
  rate: number,
): void {
  for (let now = from + 20; now <= to; now += 20) {
    schedule.progress(source, chunk, rate * 20, now);
  }
}

Deno.test("a schedule asks the only source for all that is wanted", () => {
  const schedule = withSources(1);
  want(schedule, 3);
  assertEquals(said(schedule.takeOrders()), [
    "ask 0 for 0",
    "ask 0 for 1",
    "ask 0 for 2",
  ]);
});

Deno.test("a schedule begins with one chunk for each source, whose rate nobody knows", () => {
  const schedule = withSources(2);
  want(schedule, 4);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 0", "ask 1 for 1"]);
});

Deno.test("a schedule does not wait for sources that are still to come", () => {
  const schedule = withSources(1, 3);
  want(schedule, 2);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 0"]);
  schedule.join(1, 50);
  assertEquals(said(schedule.takeOrders()), ["ask 1 for 1"]);
});

Deno.test("a schedule gives a source as much as it brings in a second", () => {
  const schedule = withSources(2);
  want(schedule, 8);
  schedule.takeOrders();
  // A chunk takes 400 ms there, so that three and a half are work for more.
  bring(schedule, 0, 0, [0, 200], 10_000);
  const asked = said(schedule.takeOrders());
  assertEquals(asked, ["ask 0 for 2", "ask 0 for 3", "ask 0 for 4"]);
  // A chunk takes 4 s here.
  bring(schedule, 1, 1, [0, 200], 1000);
  assertEquals(said(schedule.takeOrders()), []);
});

Deno.test("a schedule asks another source for what one lacks, and fails it when all do", () => {
  const schedule = withSources(2);
  schedule.want(7, CHUNK, [], false, 0);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 7"]);
  schedule.lacks(0, 7, 10);
  assertEquals(said(schedule.takeOrders()), ["ask 1 for 7"]);
  schedule.lacks(1, 7, 20);
  assertEquals(said(schedule.takeOrders()), ["fail 7"]);
});

Deno.test("a schedule keeps what all lack for a source that is still to come", () => {
  const schedule = withSources(1, 2);
  schedule.want(7, CHUNK, [], false, 0);
  schedule.takeOrders();
  schedule.lacks(0, 7, 10);
  assertEquals(said(schedule.takeOrders()), []);
  schedule.miss(20);
  assertEquals(said(schedule.takeOrders()), ["fail 7"]);
});

Deno.test("a schedule gives the chunks of a source that leaves to the others, before what waits", () => {
  const schedule = withSources(2);
  want(schedule, 3);
  schedule.takeOrders();
  schedule.leave(0, 10);
  assertEquals(said(schedule.takeOrders()), ["ask 1 for 0", "ask 1 for 2"]);
});

Deno.test("a schedule asks twice for what is slow to come at the end, and ends the slower request", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  bring(schedule, 0, 0, [0, 400], 10_000);
  bring(schedule, 1, 1, [0, 400], 500);
  schedule.delivered(0, 0, 400);
  assertEquals(said(schedule.takeOrders()), []);
  schedule.tick(400 + SOURCE_AGAIN_MS);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 1"]);
  schedule.delivered(0, 1, 1000);
  assertEquals(said(schedule.takeOrders()), ["end 1 at 1"]);
});

Deno.test("a schedule does not ask twice for what comes as soon from where it was asked for", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  bring(schedule, 0, 0, [0, 400], 10_000);
  bring(schedule, 1, 1, [0, 200], 10_000);
  schedule.delivered(0, 0, 400);
  for (let now = 400; now < 700; now += 100) schedule.tick(now);
  assertEquals(said(schedule.takeOrders()), []);
});

Deno.test("a schedule asks others for the chunks of a source that brings nothing, long before its time is over", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  bring(schedule, 0, 0, [0, SOURCE_STALL_MS], 1000);
  schedule.tick(SOURCE_STALL_MS);
  assertEquals(said(schedule.takeOrders()), []);
  schedule.delivered(0, 0, SOURCE_STALL_MS + 10);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 1"]);
  // It may be back in time.
  schedule.delivered(1, 1, SOURCE_STALL_MS + 20);
  assertEquals(said(schedule.takeOrders()), ["end 1 at 0"]);
});

Deno.test("a schedule tries a source that has stalled only for what another one is asked for", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  const end = SOURCE_STALL_MS;
  bring(schedule, 0, 0, [0, end], 1999);
  schedule.tick(end);
  schedule.delivered(0, 0, end);
  schedule.delivered(0, 1, end + 500);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 1", "end 1 at 1"]);
  schedule.want(2, CHUNK, [], false, end + 500);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 2"]);
  schedule.tick(2 * end);
  assertEquals(said(schedule.takeOrders()), ["ask 1 for 2"]);
  // And goes on with it as soon as it brings something.
  schedule.progress(1, 2, CHUNK / 2, 2 * end + 10);
  schedule.delivered(1, 2, 2 * end + 100);
  schedule.want(3, CHUNK, [], false, 2 * end + 100);
  const [ended, asked] = said(schedule.takeOrders());
  assertEquals([ended, asked.slice(-5)], ["end 2 at 0", "for 3"]);
});

Deno.test("a schedule drops a source that is asked in vain for too long, if another one lives", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  const orders: string[] = [];
  for (let now = 100; now <= SILENT_MS; now += 100) {
    schedule.progress(0, 0, 1, now);
    schedule.tick(now);
    orders.push(...said(schedule.takeOrders()));
  }
  assertEquals(orders, ["drop 1", "ask 0 for 1"]);
  assertEquals(schedule.sources, 1);
});

Deno.test("a schedule never drops all of its sources for their silence", () => {
  const schedule = withSources(2);
  want(schedule, 2);
  schedule.takeOrders();
  for (let now = 100; now <= 3 * SILENT_MS; now += 100) schedule.tick(now);
  assertEquals(said(schedule.takeOrders()), []);
  assertEquals(schedule.sources, 2);
});

Deno.test("a schedule forgets what nobody wants any more", () => {
  const schedule = withSources(1);
  want(schedule, 1);
  schedule.takeOrders();
  schedule.unwant(0, 10);
  assertEquals(said(schedule.takeOrders()), ["end 0 at 0"]);
  schedule.delivered(0, 0, 20);
  schedule.leave(0, 30);
  assertEquals(said(schedule.takeOrders()), []);
});

Deno.test("what is urgent goes ahead of what waits", () => {
  const schedule = withSources(2);
  want(schedule, 3);
  schedule.want(9, CHUNK, [], true, 0);
  schedule.takeOrders();
  schedule.delivered(0, 0, 400);
  assertEquals(said(schedule.takeOrders()), ["ask 0 for 9"]);
});
