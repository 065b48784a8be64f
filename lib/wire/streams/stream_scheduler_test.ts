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

/** Sends `packets` packets of each stream's own size; returns bytes by stream. */
function send(
  scheduler: StreamScheduler<Named>,
  packets: number,
  size: (stream: Named) => number,
): Map<Named, number> {
  const sent = new Map<Named, number>();
  for (let i = 0; i < packets; i++) {
    const next = scheduler.peek()!;
    const bytes = size(next);
    sent.set(next, (sent.get(next) ?? 0) + bytes);
    scheduler.charge(next, bytes);
  }
  return sent;
}

Deno.test("streams of one class get the same bytes, whatever their packets' sizes", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 40, max: 65_507 }), {
      minLength: 2,
      maxLength: 6,
    }),
    (sizes) => {
      const scheduler = new StreamScheduler<Named>();
      const streams = sizes.map((_, i) => stream(`${i}`));
      for (const one of streams) scheduler.add(one);
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
  const scheduler = new StreamScheduler<Named>();
  const [a, b] = [stream("a"), stream("b")];
  scheduler.add(a);
  scheduler.add(b);
  scheduler.charge(a, QUANTUM - 1);
  assertEquals(scheduler.peek(), a);
  scheduler.charge(a, 1);
  assertEquals(scheduler.peek(), b);
});

Deno.test("what a turn overdraws is paid back in the next", () => {
  const scheduler = new StreamScheduler<Named>();
  const [a, b] = [stream("a"), stream("b")];
  scheduler.add(a);
  scheduler.add(b);
  scheduler.charge(a, QUANTUM + 1000);
  scheduler.charge(b, QUANTUM);
  assertEquals(scheduler.peek(), a);
  scheduler.charge(a, QUANTUM - 1000);
  assertEquals(scheduler.peek(), b);
});

Deno.test("interactive streams go first, and share among themselves", () => {
  const scheduler = new StreamScheduler<Named>();
  const bulk = stream("bulk");
  const urgent = [stream("x", "interactive"), stream("y", "interactive")];
  scheduler.add(bulk);
  for (const one of urgent) scheduler.add(one);
  const sent = send(scheduler, 200, () => 1200);
  assertEquals(sent.get(bulk), undefined);
  assert(Math.abs(sent.get(urgent[0])! - sent.get(urgent[1])!) <= QUANTUM);
  for (const one of urgent) scheduler.remove(one);
  assertEquals(scheduler.peek(), bulk);
});

Deno.test("a queued stream that changes its class moves at once, another one when it is queued", () => {
  const scheduler = new StreamScheduler<Named>();
  const [a, b] = [stream("a"), stream("b", "interactive")];
  scheduler.add(a);
  scheduler.add(b);
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
  const scheduler = new StreamScheduler<Named>();
  const streams = ["a", "b", "c"].map((name) => stream(name));
  for (const one of [...streams, ...streams]) scheduler.add(one);
  scheduler.remove(streams[1]);
  scheduler.remove(streams[1]);
  scheduler.remove(streams[0]);
  assertEquals(scheduler.peek(), streams[2]);
  scheduler.remove(streams[2]);
  assert(scheduler.empty);
  assertEquals(scheduler.peek(), undefined);
});
