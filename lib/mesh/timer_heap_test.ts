import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Timed, TimerHeap } from "./timer_heap.ts";

class Thing implements Timed {
  timerAt = Infinity;
  /** What it waits for. */
  deadline = Infinity;
  seen = 0;
}

/** Looks at each thing whose time has come, as an endpoint does. */
function look(heap: TimerHeap<Thing>, now: number): Thing[] {
  const due: Thing[] = [];
  for (let thing; (thing = heap.takeDue(now)) !== undefined;) {
    thing.seen++;
    if (thing.deadline <= now) {
      due.push(thing);
      thing.deadline = Infinity;
    }
    heap.set(thing, thing.deadline);
  }
  return due;
}

function wait(heap: TimerHeap<Thing>, thing: Thing, deadline: number): void {
  thing.deadline = deadline;
  heap.set(thing, deadline);
}

Deno.test("nothing waits in an empty heap", () => {
  const heap = new TimerHeap<Thing>();
  assertEquals(heap.next, Infinity);
  assertEquals(heap.takeDue(Infinity), undefined);
});

Deno.test("things come when they are due, whatever was set before", () => {
  const deadline = fc.integer({ min: 0, max: 100 });
  const steps = fc.array(fc.record({ thing: fc.nat(9), deadline }));
  fc.assert(fc.property(steps, (steps) => {
    const heap = new TimerHeap<Thing>();
    const things = Array.from({ length: 10 }, () => new Thing());
    for (const { thing, deadline } of steps) {
      wait(heap, things[thing], deadline);
    }
    for (let now = 0; now <= 100; now++) {
      const expected = things.filter((thing) => thing.deadline === now);
      assert(heap.next <= Math.min(...things.map((one) => one.deadline)));
      assertEquals(new Set(look(heap, now)), new Set(expected));
    }
    assertEquals(heap.next, Infinity);
  }));
});

Deno.test("a deadline that moves back with every packet costs one look for each that comes", () => {
  const heap = new TimerHeap<Thing>();
  const thing = new Thing();
  for (let now = 0; now < 10_000; now++) {
    wait(heap, thing, now + 200);
    look(heap, now);
  }
  assert(thing.seen <= 10_000 / 200, `${thing.seen} looks`);
});

Deno.test("deadlines that are brought forward again and again leave nothing behind", () => {
  const heap = new TimerHeap<Thing>();
  const things = Array.from({ length: 10 }, () => new Thing());
  let longest = 0;
  for (let now = 0; now < 5000; now++) {
    for (const thing of things) {
      wait(heap, thing, now + 30_000);
      wait(heap, thing, now);
    }
    assertEquals(look(heap, now).length, 10);
    for (const thing of things) wait(heap, thing, now + 30_000);
    longest = Math.max(longest, heap.entries);
  }
  assert(longest <= 2 * things.length + 64, `${longest} entries`);
});

Deno.test("what was deleted is not looked at, until it waits again", () => {
  const heap = new TimerHeap<Thing>();
  const thing = new Thing();
  wait(heap, thing, 1);
  heap.delete(thing);
  heap.delete(thing);
  assertEquals([heap.next, heap.takeDue(5)], [Infinity, undefined]);
  wait(heap, thing, 7);
  assertEquals(look(heap, 7), [thing]);
});
