import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  QUANTUM,
  type Schedulable,
  type StreamClass,
  StreamScheduler,
} from "./stream_scheduler.ts";

interface Named extends Schedulable {
  name: string;
}

function stream(name: string, schedulingClass: StreamClass = "bulk"): Named {
  return { name, schedulingClass, deficit: 0, scheduled: false };
}

/** A scheduler with these streams queued. */
function scheduled(...streams: Named[]): StreamScheduler<Named> {
  const scheduler = new StreamScheduler<Named>();
  for (const one of streams) scheduler.add(one);
  return scheduler;
}

Deno.test("streams of one class get the same bytes, whatever their packets' sizes", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 40, max: 65_507 }), {
      minLength: 2,
      maxLength: 6,
    }),
    (sizes) => {
      const streams = sizes.map((_, i) => stream(`${i}`));
      const scheduler = scheduled(...streams);
      let bytes = 0;
      const sent = new Map(streams.map((one) => [one, 0]));
      while (bytes < 20 * QUANTUM * streams.length) {
        const next = scheduler.peek()!;
        const size = sizes[streams.indexOf(next)];
        sent.set(next, sent.get(next)! + size);
        bytes += size;
        scheduler.charge(next, size);
      }
      const shares = [...sent.values()];
      const spread = Math.max(...shares) - Math.min(...shares);
      assert(spread <= 2 * QUANTUM, `${shares}`);
    },
  ));
});

Deno.test("a turn lasts one quantum", () => {
  const [a, b] = [stream("a"), stream("b")];
  const scheduler = scheduled(a, b);
  scheduler.charge(a, QUANTUM - 1);
  assertEquals(scheduler.peek(), a);
  scheduler.charge(a, 1);
  assertEquals(scheduler.peek(), b);
});

Deno.test("what a turn overdraws is paid back in the next", () => {
  const [a, b] = [stream("a"), stream("b")];
  const scheduler = scheduled(a, b);
  scheduler.charge(a, QUANTUM + 1000);
  scheduler.charge(b, QUANTUM);
  assertEquals(scheduler.peek(), a);
  scheduler.charge(a, QUANTUM - 1000);
  assertEquals(scheduler.peek(), b);
});

Deno.test("interactive streams go first, and share among themselves", () => {
  const bulk = stream("bulk");
  const urgent = [stream("x", "interactive"), stream("y", "interactive")];
  const scheduler = scheduled(bulk, ...urgent);
  const sent = [0, 0];
  for (let i = 0; i < 200; i++) {
    const next = scheduler.peek()!;
    sent[urgent.indexOf(next)] += 1200;
    scheduler.charge(next, 1200);
  }
  assert(Math.abs(sent[0] - sent[1]) <= QUANTUM);
  for (const one of urgent) scheduler.remove(one);
  assertEquals(scheduler.peek(), bulk);
});

Deno.test("a queued stream that changes its class moves at once, another one when it is queued", () => {
  const [a, b] = [stream("a"), stream("b", "interactive")];
  const scheduler = scheduled(a, b);
  scheduler.reclassify(b, "bulk");
  assertEquals(scheduler.peek(), a);
  scheduler.reclassify(b, "interactive");
  assertEquals(scheduler.peek(), b);
  const idle = stream("idle");
  scheduler.reclassify(idle, "interactive");
  assertEquals(idle.scheduled, false);
  scheduler.remove(b);
  scheduler.add(idle);
  assertEquals(scheduler.peek(), idle);
});

Deno.test("a stream is queued once and leaves from any place", () => {
  const streams = ["a", "b", "c"].map((name) => stream(name));
  const scheduler = scheduled(...streams, ...streams);
  scheduler.remove(streams[1]);
  scheduler.remove(streams[1]);
  scheduler.remove(streams[0]);
  assertEquals(scheduler.peek(), streams[2]);
  scheduler.remove(streams[2]);
  assert(scheduler.empty);
  assertEquals(scheduler.peek(), undefined);
});
