import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DATAGRAM_MIN } from "../../limits.ts";
import { PathMtu } from "./path_mtu.ts";

/**
 * Probes a path that carries `real` bytes until the search rests.
 *
 * @returns How many probes were sent, and how many different sizes.
 */
function search(
  mtu: PathMtu,
  real: number,
  now = 0,
): { probes: number; sizes: number } {
  let probes = 0;
  const sizes = new Set<number>();
  for (;;) {
    const size = mtu.nextProbe(now);
    if (size === undefined) return { probes, sizes: sizes.size };
    assert(size > mtu.current);
    mtu.onProbeSent(size);
    assertEquals(mtu.nextProbe(now), undefined);
    probes++;
    sizes.add(size);
    assert(probes < 100, "the search does not end");
    if (size <= real) mtu.onProbeAcked(size, now);
    else mtu.onProbeLost(size, now);
  }
}

/** A path under `ceiling` that carries all of it, as the search has found. */
function found(ceiling: number): PathMtu {
  const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
  search(mtu, ceiling);
  assertEquals(mtu.current, ceiling);
  return mtu;
}

/** Loses `count` probes of 1472 bytes. */
function loseProbes(mtu: PathMtu, count: number): void {
  for (let i = 0; i < count; i++) {
    assertEquals(mtu.nextProbe(0), 1472);
    mtu.onProbeSent(1472);
    mtu.onProbeLost(1472, 0);
  }
}

Deno.test("PathMtu reaches the ceiling with one probe where the path carries it", () => {
  for (const ceiling of [1452, 1472, 8972, 65_507]) {
    const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
    assertEquals(search(mtu, ceiling).probes, 1);
    assertEquals(mtu.current, ceiling);
    assertEquals(mtu.nextTimeout(), Infinity);
  }
});

Deno.test("PathMtu finds the common link sizes under a high ceiling in few probes", () => {
  const paths = [
    [1472, 65_507, 13],
    [1452, 8972, 10],
    [8972, 65_507, 7],
    [8952, 8972, 4],
    [1392, 1472, 16], // a WireGuard tunnel
  ];
  for (const [real, ceiling, most] of paths) {
    const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
    const { probes } = search(mtu, real);
    assert(mtu.current <= real && mtu.current > real - 20, `${mtu.current}`);
    assert(probes <= most, `${probes} probes for ${real} under ${ceiling}`);
  }
});

Deno.test("PathMtu finds any path MTU to within 20 bytes or 1 %, in few probes", () => {
  const path = fc.integer({ min: 1200, max: 65_507 }).chain((ceiling) =>
    fc.record({
      ceiling: fc.constant(ceiling),
      real: fc.integer({ min: 1200, max: ceiling }),
    })
  );
  fc.assert(fc.property(path, ({ ceiling, real }) => {
    const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
    const { probes, sizes } = search(mtu, real);
    assert(mtu.current <= real);
    const gap = real - mtu.current;
    assert(gap < Math.max(20, 0.01 * real), `${gap} bytes given away`);
    assert(sizes <= 16, `${sizes} sizes`);
    assert(probes <= 40, `${probes} probes`);
  }));
});

Deno.test("PathMtu needs three lost probes to give a size up (RFC 8899 §5.1.2)", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  loseProbes(mtu, 2);
  mtu.onProbeSent(1472);
  mtu.onProbeAcked(1472, 0);
  assertEquals(mtu.current, 1472);
});

Deno.test("PathMtu believes a probe that arrives after it was given up", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  loseProbes(mtu, 3);
  assert(mtu.nextProbe(0)! < 1472);
  mtu.onProbeAcked(1472, 0);
  assertEquals([mtu.current, mtu.nextProbe(0)], [1472, undefined]);
});

Deno.test("PathMtu searches again after ten minutes (PMTU_RAISE_TIMER)", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  search(mtu, 1400, 5000);
  assertEquals(mtu.nextTimeout(), 605_000);
  assertEquals(mtu.nextProbe(604_999), undefined);
  assertEquals(mtu.nextProbe(605_000), 1472);
  search(mtu, 1472, 605_000);
  assertEquals(mtu.current, 1472);
});

Deno.test("PathMtu falls back when large packets vanish and small ones pass, and finds the new size", () => {
  fc.assert(fc.property(fc.integer({ min: 1200, max: 1471 }), (real) => {
    const mtu = found(1472);
    for (let number = 0; mtu.current === 1472; number += 2) {
      assert(number < 10);
      mtu.onPacketAcked({ number: number + 1, time: number, size: 100 });
      mtu.onPacketLost({ number, time: number, size: 1472 }, number);
    }
    assertEquals(mtu.current, 1200);
    search(mtu, real, 10_000);
    assert(mtu.current <= real && real - mtu.current <= 20);
  }));
});

const noBlackHoles: Record<string, (mtu: PathMtu, number: number) => void> = {
  "a burst of losses": (mtu, number) =>
    mtu.onPacketLost({ number, time: number, size: 1472 }, 200),
  "losses between large packets that arrive": (mtu, number) => {
    mtu.onPacketAcked({ number: 2 * number + 1, time: number, size: 1472 });
    mtu.onPacketLost({ number: 2 * number, time: number, size: 1472 }, number);
  },
  "losses of small packets": (mtu, number) =>
    mtu.onPacketLost({ number, time: number, size: 1200 }, number),
};
for (const [losses, happen] of Object.entries(noBlackHoles)) {
  Deno.test(`PathMtu does not take ${losses} for a black hole`, () => {
    const mtu = found(1472);
    for (let number = 0; number < 100; number++) happen(mtu, number);
    assertEquals(mtu.current, 1472);
  });
}

Deno.test("PathMtu falls back on the third probe time-out and returns with one probe", () => {
  const mtu = found(65_507);
  const sizes = [2, 3, 4].map((count) => {
    mtu.onPto(count);
    return mtu.current;
  });
  assertEquals(sizes, [65_507, 1200, 1200]);
  assertEquals(search(mtu, 65_507).probes, 1);
  assertEquals(mtu.current, 65_507);
});

Deno.test("PathMtu starts over on a new path", () => {
  const mtu = found(8972);
  mtu.onPathChange();
  assertEquals(mtu.current, 1200);
  search(mtu, 1472);
  assertEquals(mtu.current, 1472);
});

Deno.test("PathMtu keeps its size when only the port is another, and repeats the probe under way", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  search(mtu, 1400, 0);
  const { current } = mtu;
  assertEquals(mtu.nextProbe(600_000), 1472);
  mtu.onProbeSent(1472);
  assertEquals(mtu.nextProbe(600_000), undefined);
  mtu.onRebinding();
  assertEquals([mtu.current, mtu.nextProbe(600_000)], [current, 1472]);
});

Deno.test("PathMtu keeps to a floor below 1200 for packets inside packets", () => {
  const mtu = new PathMtu(1100, () => 1100);
  assertEquals(mtu.current, 1100);
  assertEquals(mtu.nextProbe(0), undefined);
  assertEquals(mtu.nextTimeout(), Infinity);
});

/**
 * Searches where the system cuts what is longer than `real`: that arrives all the
 * same, and the ceiling falls to 1252 when it was noticed.
 *
 * @returns How many probes were cut.
 */
function searchCutting(mtu: PathMtu, real: number, onCut: () => void): number {
  let cut = 0;
  for (let size; (size = mtu.nextProbe(0)) !== undefined;) {
    mtu.onProbeSent(size);
    if (size > real) {
      cut++;
      onCut();
      mtu.onFragmented(size);
    }
    mtu.onProbeAcked(size, 0);
    assert(mtu.current <= real, `${mtu.current} bytes leave in fragments`);
  }
  return cut;
}

Deno.test("PathMtu believes no probe that was cut, and sends one at most where the ceiling falls", () => {
  for (let real = 1252; real < 1472; real++) {
    let ceiling = 1472;
    const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
    assertEquals(searchCutting(mtu, real, () => ceiling = 1252), 1);
    assertEquals(mtu.current, 1252);
  }
});

Deno.test("PathMtu comes to an end where probes are cut and the ceiling stays", () => {
  for (let real = 1200; real < 1472; real++) {
    const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
    const cut = searchCutting(mtu, real, () => {});
    assert(cut <= 10, `${cut} probes were cut at ${real}`);
  }
});

Deno.test("PathMtu tries no size above its ceiling again that fell when a probe was lost", () => {
  let ceiling = 1472;
  const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
  mtu.onProbeSent(1472);
  ceiling = 1252;
  mtu.onProbeLost(1472, 0);
  assertEquals(search(mtu, 1252).probes, 1);
  assertEquals(mtu.current, 1252);
});

Deno.test("PathMtu disbelieves a cut probe also when its acknowledgement comes first", () => {
  let ceiling = 1472;
  const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
  mtu.onProbeSent(1472);
  mtu.onProbeAcked(1472, 0);
  assertEquals(mtu.current, 1472);
  ceiling = 1252;
  mtu.onFragmented(1472);
  assertEquals(mtu.current, 1200);
  assertEquals(search(mtu, 1252).probes, 1);
  assertEquals(mtu.current, 1252);
});

Deno.test("PathMtu follows a link that shrinks: by its new ceiling, with no probe above it", () => {
  let ceiling = 1472;
  const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
  search(mtu, 1472);
  ceiling = 1392;
  mtu.onFragmented(1472);
  assertEquals(mtu.current, 1200);
  assertEquals(search(mtu, 1392).probes, 1);
  assertEquals(mtu.current, 1392);
  // What was sent before the search and is told of late changes nothing.
  mtu.onFragmented(1472);
  assertEquals(mtu.current, 1392);
});

Deno.test("PathMtu asks for its ceiling anew after ten minutes", () => {
  let ceiling = 1472;
  const mtu = new PathMtu(DATAGRAM_MIN, () => ceiling);
  search(mtu, 1400, 0);
  ceiling = 1452;
  assertEquals(mtu.nextProbe(600_000), 1452);
});

/** A search in which 1472, 1452 and 1326 bytes have failed and 1263 are under way. */
function searching(): PathMtu {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  for (const size of [1472, 1452, 1326]) {
    for (let i = 0; i < 3; i++) {
      assertEquals(mtu.nextProbe(0), size);
      mtu.onProbeSent(size);
      mtu.onProbeLost(size, 0);
    }
  }
  assertEquals(mtu.nextProbe(0), 1263);
  mtu.onProbeSent(1263);
  return mtu;
}

Deno.test("PathMtu begins again above a probe that came late, when the one under way has ended", () => {
  const mtu = searching();
  mtu.onProbeAcked(1326, 0);
  assertEquals([mtu.current, mtu.nextProbe(0)], [1326, undefined]);
  mtu.onProbeLost(1263, 0);
  // That was no failure of the size that is tried now.
  loseProbes(mtu, 2);
  assertEquals(mtu.nextProbe(0), 1472);
});

Deno.test("PathMtu takes no notice of the fate of a probe that is not under way", () => {
  const mtu = searching();
  for (let i = 0; i < 3; i++) mtu.onProbeLost(1472, 0);
  assertEquals(mtu.nextProbe(0), undefined);
  mtu.onProbeAcked(1263, 0);
  mtu.onProbeAcked(1250, 0);
  assertEquals(mtu.current, 1263);
});

Deno.test("PathMtu believes no late probe that is larger than what vanished", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  search(mtu, 1452);
  mtu.onPto(3);
  mtu.onProbeAcked(1472, 0);
  assertEquals(mtu.current, 1200);
  assertEquals(mtu.nextProbe(0), 1452);
});

Deno.test("PathMtu takes losses of packets before one that arrived for no black hole", () => {
  for (const [first, falls] of [[90, false], [101, true]] as const) {
    const mtu = found(1472);
    mtu.onPacketAcked({ number: 100, time: 0, size: 1472 });
    mtu.onPacketAcked({ number: 50, time: 0, size: 1472 });
    for (let i = 0; i < 3; i++) {
      const number = first + i;
      mtu.onPacketLost({ number, time: 10 * i, size: 1472 }, 10 * i + 5);
    }
    assertEquals(mtu.current, falls ? 1200 : 1472);
  }
});

Deno.test("PathMtu counts losses of packets sent at least when the last was noticed", () => {
  for (const [time, falls] of [[49, false], [50, true]] as const) {
    const mtu = found(1472);
    mtu.onPacketLost({ number: 1, time: 0, size: 1472 }, 20);
    mtu.onPacketLost({ number: 2, time: 20, size: 1472 }, 50);
    mtu.onPacketLost({ number: 3, time, size: 1472 }, 70);
    assertEquals(mtu.current, falls ? 1200 : 1472);
  }
});

Deno.test("PathMtu takes packets for large that are nearer to the present size than to the floor", () => {
  for (const [size, falls] of [[1336, false], [1337, true], [1473, false]]) {
    const mtu = found(1472);
    for (let i = 0; i < 3; i++) {
      const lost = { number: i, time: 10 * i, size: Number(size) };
      mtu.onPacketLost(lost, 10 * i + 5);
    }
    assertEquals(mtu.current, falls ? 1200 : 1472);
  }
});

Deno.test("PathMtu forgets suspicions with every search that begins", () => {
  const begins: ((mtu: PathMtu) => void)[] = [
    (mtu) => mtu.onPathChange(),
    (mtu) => mtu.onPto(3),
  ];
  for (const begin of begins) {
    const mtu = found(1472);
    for (const number of [1, 2]) {
      const time = 10 * number;
      mtu.onPacketLost({ number, time, size: 1472 }, time + 5);
    }
    begin(mtu);
    search(mtu, 1472);
    mtu.onPacketLost({ number: 3, time: 40, size: 1472 }, 45);
    assertEquals(mtu.current, 1472);
  }
});

Deno.test("PathMtu probes anew at once when it fell back with a probe under way", () => {
  for (const fall of ["onPathChange", "onPto"] as const) {
    const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
    search(mtu, 1452);
    assertEquals(mtu.nextProbe(600_000), 1472);
    mtu.onProbeSent(1472);
    if (fall === "onPto") mtu.onPto(3);
    else mtu.onPathChange();
    const expected = fall === "onPto" ? 1452 : 1472;
    assertEquals(mtu.nextProbe(600_000), expected);
  }
});

Deno.test("PathMtu has no smaller size than the floor to fall to", () => {
  const mtu = new PathMtu(DATAGRAM_MIN, () => 1472);
  loseProbes(mtu, 2);
  mtu.onPto(9);
  assertEquals(mtu.nextProbe(0), 1472);
  loseProbes(mtu, 1);
  assertEquals(mtu.nextProbe(0), 1452);
});
