import { assert, assertEquals } from "@std/assert";
import { ProbeWait } from "./probe_wait.ts";

const SIZE = 1200;
/** More than Reno is waited for. */
const LARGE = 1000 * SIZE;

Deno.test("ProbeWait is over after two to three seconds", () => {
  for (const random of [0, 0.5, 0.999]) {
    const wait = new ProbeWait(() => random);
    wait.begin(100);
    const due = 100 + 2000 + 1000 * random;
    assert(!wait.isOver(due, LARGE, SIZE));
    assert(wait.isOver(due + 1, LARGE, SIZE));
  }
});

Deno.test("ProbeWait is over after as many rounds as Reno would need, 63 at most", () => {
  const rounds = (inFlight: number, random: number) => {
    const wait = new ProbeWait(() => random);
    wait.begin(0);
    let count = 0;
    for (; !wait.isOver(1000, inFlight, SIZE); count++) wait.onRound();
    return count;
  };
  assertEquals(rounds(20 * SIZE, 0.5), 19);
  assertEquals(rounds(20 * SIZE, 0.49), 20);
  assertEquals(rounds(LARGE, 0.49), 63);
});

Deno.test("ProbeWait waits 50 ms however many rounds have passed, as on a local network", () => {
  const wait = new ProbeWait(() => 0.5);
  wait.begin(1000);
  for (let i = 0; i < 100; i++) wait.onRound();
  assert(!wait.isOver(1049, LARGE, SIZE));
  assert(wait.isOver(1050, LARGE, SIZE));
});

Deno.test("ProbeWait counts rounds anew after every probe", () => {
  const wait = new ProbeWait(() => 0);
  for (let i = 0; i < 100; i++) wait.onRound();
  wait.begin(0);
  assert(!wait.isOver(1000, 2 * SIZE, SIZE));
});
