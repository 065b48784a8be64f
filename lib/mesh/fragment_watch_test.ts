import { assertEquals } from "@std/assert";
import { FragmentCounter, FragmentWatch } from "./fragment_watch.ts";

const TO = { hostname: "192.0.2.1", port: 7700 };

/** A system that counts the fragments of datagrams above what it carries whole. */
class Machine {
  count = 0;
  carried = 1472;
  readings = 0;
  now = 0;
  readonly counter = new FragmentCounter(() => {
    this.readings++;
    return this.count;
  });

  /** Sends a datagram; what the watch finds, `undefined` when it does not look. */
  send(
    watch: FragmentWatch,
    length: number,
    mtuProbe = false,
  ): boolean | undefined {
    const before = watch.begin(this.now++, { length, to: TO, mtuProbe });
    if (length > this.carried) this.count += 2;
    if (before === undefined) return undefined;
    return watch.isFragmented(length, TO, before);
  }
}

Deno.test("a probe is always watched, and so is the first datagram of its size", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  assertEquals(machine.send(watch, 1200), undefined);
  assertEquals(machine.readings, 0);
  assertEquals(machine.send(watch, 1472, true), false);
  assertEquals(machine.send(watch, 1472), undefined);
  assertEquals(machine.send(watch, 1472, true), false);
  machine.carried = 1400;
  assertEquals(machine.send(watch, 1472, true), true);
});

Deno.test("a link that shrinks is noticed by the next look at the count", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  machine.send(watch, 1472);
  for (let i = 0; i < 200; i++) machine.send(watch, 1472);
  machine.carried = 1392;
  let found: boolean | undefined;
  let sent = 0;
  for (; found === undefined; sent++) found = machine.send(watch, 1472);
  assertEquals(found, true);
  // A datagram each millisecond: two looks are 100 apart.
  assertEquals(sent <= 101, true, `${sent}`);
});

Deno.test("somebody else's fragments are not laid to a connection", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  machine.send(watch, 1472);
  for (let i = 0; i < 1000; i++) {
    machine.count++;
    assertEquals(machine.send(watch, 1472) ?? false, false);
  }
});

Deno.test("the count is read ten times in a second, however much is sent", () => {
  const machine = new Machine();
  const watches = [1, 2, 3].map(() => new FragmentWatch(machine.counter));
  for (let i = 0; i < 1000; i++) {
    machine.now = i / 3;
    for (const watch of watches) machine.send(watch, 1472);
  }
  // Four looks, and two readings for the first datagram of each.
  assertEquals(machine.readings, 4 + 2 * watches.length);
});

Deno.test("a system that does not tell is not watched", () => {
  const watch = new FragmentWatch(new FragmentCounter(() => undefined));
  const probe = { length: 1472, to: TO, mtuProbe: true };
  assertEquals(watch.begin(0, probe), undefined);
});
