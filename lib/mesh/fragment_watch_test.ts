import { assertEquals } from "@std/assert";
import { CONFINED_HOSTS_MAX } from "../limits.ts";
import { FragmentCounter, FragmentWatch } from "./fragment_watch.ts";

const TO = { hostname: "192.0.2.1", port: 7700 };

/** A system that counts the fragments of datagrams above what it carries whole. */
class Machine {
  count = 0;
  tooBig = 0;
  carried = 1472;
  readings = 0;
  now = 0;
  readonly counter = new FragmentCounter(() => {
    this.readings++;
    const { count: fragments, tooBig } = this;
    return { fragments, tooBig, unreachables: 0 };
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

Deno.test("a probe that a router refused confines its host to what every link carries", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  const ceiling = (of = watch, to = TO) => of.ceiling(machine.now, to, 1472);
  assertEquals(ceiling(), 1472);
  machine.send(watch, 1472, true);
  assertEquals(ceiling(), 1472); // It was lost, and nobody said why.
  machine.send(watch, 1472, true);
  machine.tooBig++;
  assertEquals(ceiling(), 1252);
  assertEquals(ceiling(), 1252);
  // The system remembers it for all connections to the host, for ten minutes.
  const next = new FragmentWatch(machine.counter);
  assertEquals(ceiling(next), 1252);
  assertEquals(ceiling(next, { ...TO, hostname: "192.0.2.2" }), 1472);
  assertEquals(next.ceiling(machine.now, TO, 1200), 1200);
  machine.now += 600_000;
  assertEquals(ceiling(), 1252);
  machine.now += 100_000;
  assertEquals(ceiling(), 1472);
});

Deno.test("what a router said before a probe, or to somebody else later, is not laid to it", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  machine.tooBig++;
  machine.send(watch, 1472, true);
  assertEquals(watch.ceiling(machine.now, TO, 1472), 1472);
  machine.tooBig++;
  assertEquals(watch.ceiling(machine.now, TO, 1472), 1472);
});

Deno.test("a cut datagram confines its host, unless the interface is what cut it", () => {
  const machine = new Machine();
  const watch = new FragmentWatch(machine.counter);
  assertEquals(watch.ceiling(machine.now, TO, 1392, 1472), 1392);
  assertEquals(watch.ceiling(machine.now, TO, 1472, 1472), 1252);
});

Deno.test("only so many confined hosts are remembered, the latest", () => {
  const { counter } = new Machine();
  const host = (i: number) => ({ hostname: `host${i}`, port: 1 });
  for (let i = 0; i <= CONFINED_HOSTS_MAX; i++) counter.confine(0, host(i));
  assertEquals(counter.isConfined(0, host(0)), false);
  assertEquals(counter.isConfined(0, host(1)), true);
  assertEquals(counter.isConfined(0, host(CONFINED_HOSTS_MAX)), true);
});
