/** Whole fetches from sources of all kinds, on a clock that nothing waits for. */

import { assert, assertEquals } from "@std/assert";
import { SOURCE_STALL_MS } from "../../limits.ts";
import {
  type SimulatedFetchOptions,
  type SimulatedFetchResult,
  type SimulatedSource,
  simulateFetch,
} from "./testing/simulated_fetch.ts";

const CHUNK = 4 * 2 ** 20;
const INFLIGHT = 32 * 2 ** 20;
/** Bytes in a millisecond of a line of 50 Mbit/s. */
const LINE = 6250;
const LIMIT_MS = 600_000;

function fetching(
  sources: readonly SimulatedSource[],
  count = 60,
  more: Partial<SimulatedFetchOptions> = {},
): SimulatedFetchResult {
  const chunks = new Array<number>(count).fill(CHUNK);
  const inflightBytes = Math.max(INFLIGHT, sources.length * CHUNK * 2);
  const options = { sources, chunks, inflightBytes, limitMs: LIMIT_MS };
  return checked({ ...options, verifyMs: 20, ...more });
}

/** Every chunk lands once. */
function checked(options: SimulatedFetchOptions): SimulatedFetchResult {
  const result = simulateFetch(options);
  assertEquals(result.failed, []);
  const each = new Set(result.landed);
  assertEquals([each.size, result.landed.length], [
    options.chunks.length,
    options.chunks.length,
  ]);
  return result;
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** How fast it was, as a part of what the lines carry together. */
function share({ ms }: SimulatedFetchResult, rate: number, count = 60): number {
  return count * CHUNK / rate / ms;
}

Deno.test("two equal lines bring nearly twice what one brings", () => {
  const line = { rate: LINE, delayMs: 40 };
  const both = fetching([line, line]);
  assert(share(both, 2 * LINE) > 0.96, `${share(both, 2 * LINE)}`);
  const [one, other] = both.bytes;
  assert(Math.abs(one - other) <= 3 * CHUNK);
});

Deno.test("a third source that lies, stalls, trickles or is not there takes nothing from two that do not", () => {
  const line = { rate: LINE, delayMs: 40 };
  const thirds: Record<string, SimulatedSource> = {
    lies: { rate: 10 * LINE, lies: true },
    "lies slowly": { rate: LINE / 4, lies: true },
    stalls: { rate: LINE, silent: [[0, LIMIT_MS]] },
    "stalls later": { rate: 4 * LINE, silent: [[1000, LIMIT_MS]] },
    trickles: { rate: 2 },
    "is not there": { rate: 0, missesAt: 15_000 },
    "never answers": { rate: 0, joinsAt: LIMIT_MS },
    dies: { rate: LINE, goneAt: 2000 },
    "has nothing": { rate: LINE, lacks: () => true },
  };
  for (const [name, third] of Object.entries(thirds)) {
    const result = fetching([line, line, third]);
    const got = share(result, 2 * LINE);
    assert(got > 0.93, `${name}: ${got}`);
  }
});

Deno.test("slow sources hold a chunk or two, and a fast one is never idle for them", () => {
  const fast = { rate: 20 * LINE, delayMs: 10 };
  const slow = { rate: LINE / 10, delayMs: 10 };
  const result = fetching([slow, fast, slow], 400);
  const got = share(result, 20.2 * LINE, 400);
  assert(got > 0.85, `${got}`);
  assert(result.peaks[0] <= 2 * CHUNK && result.peaks[2] <= 2 * CHUNK);
});

Deno.test("a reader that wants chunks in order does not wait for a slow source", () => {
  const fast = { rate: 4 * LINE, delayMs: 10 };
  const slow = { rate: LINE / 20, delayMs: 10 };
  const result = fetching([slow, fast], 60, { inOrder: true });
  assert(share(result, 4 * LINE) > 0.75, `${share(result, 4 * LINE)}`);
});

Deno.test("sources that have half of it each bring all of it", () => {
  const line = { rate: LINE, delayMs: 40 };
  const result = fetching([
    { ...line, lacks: (chunk) => chunk % 2 === 0 },
    { ...line, lacks: (chunk) => chunk % 2 === 1 },
  ]);
  assert(share(result, 2 * LINE) > 0.85, `${share(result, 2 * LINE)}`);
  assertEquals(result.dropped, []);
});

Deno.test("a source that has half of it and was there first leaves the rest to the other", () => {
  const line = { rate: LINE, delayMs: 40 };
  const half = { ...line, lacks: (chunk: number) => chunk >= 30 };
  const result = fetching([half, { ...line, joinsAt: 1000 }]);
  // The second half comes from one.
  assert(share(result, 2 * LINE) > 0.6, `${share(result, 2 * LINE)}`);
});

Deno.test("a source that comes back is used again", () => {
  const line = { rate: LINE, delayMs: 40 };
  const away = { ...line, silent: [[3000, 9000]] } as const;
  const result = fetching([line, away], 200);
  const missed = 6000 + 2 * SOURCE_STALL_MS + 4000;
  const ideal = 200 * CHUNK / LINE / 2;
  assert(result.ms < ideal * 1.05 + missed / 2, `${result.ms}`);
  assertEquals(result.dropped, []);
});

Deno.test("when all are silent for a while, the fetch goes on with all of them", () => {
  const line = { rate: LINE, silent: [[2000, 42_000]] } as const;
  const result = fetching([line, line]);
  assertEquals(result.dropped, []);
  assert(result.ms < 42_000 + 25_000, `${result.ms}`);
});

Deno.test("a source that is silent for too long is dropped, and costs the others nothing meanwhile", () => {
  const line = { rate: LINE, delayMs: 40 };
  const dead = { rate: LINE, silent: [[0, LIMIT_MS]] } as const;
  const result = fetching([line, dead], 400, { silentMs: 5000 });
  assertEquals(result.dropped, [1]);
  assert(share(result, LINE, 400) > 0.97, `${share(result, LINE, 400)}`);
});

/** Numbers that look random and follow from a seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A source that may have any fault. */
function anySource(next: () => number): SimulatedSource {
  const source: SimulatedSource = {
    rate: 50 * 400 ** next(),
    delayMs: Math.floor(next() * 60) * 5,
    joinsAt: next() < 0.5 ? 0 : Math.floor(next() * 1000) * 5,
  };
  const at = Math.floor(next() * 2000) * 5;
  const half = Math.floor(next() * 2);
  const faults: Partial<SimulatedSource>[] = [
    {},
    { lies: true },
    { silent: [[at, LIMIT_MS * 10]] },
    { silent: [[at, at + 5000]] },
    { goneAt: at },
    { missesAt: at },
    { lacks: (want) => want % 2 === half },
    { lacks: () => true },
    { rate: 1 },
  ];
  return { ...source, ...faults[Math.floor(next() * faults.length)] };
}

function playSeed(seed: number): void {
  const next = numbers(seed);
  const good = {
    rate: 500 * 40 ** next(),
    delayMs: Math.floor(next() * 60) * 5,
  };
  const sources = [
    ...Array.from({ length: Math.floor(next() * 6) }, () => anySource(next)),
    good,
  ];
  const sizes = [CHUNK, 1_000_000, 20_000];
  const chunks = Array.from(
    { length: 5 + Math.floor(next() * 120) },
    () => sizes[Math.floor(next() * sizes.length)],
  );
  const inflightBytes = Math.max(INFLIGHT, sources.length * 2 * CHUNK);
  const content = sum(chunks);
  const limitMs = 1.3 * content / good.rate + 5 * CHUNK / good.rate + 20_000;
  const result = checked({
    sources,
    chunks,
    inflightBytes,
    limitMs,
    verifyMs: 10,
    inOrder: next() < 0.3,
  });
  assert(!result.dropped.includes(sources.length - 1), "the good one is kept");
}

Deno.test("a source that is good brings everything in its own time, whatever the others do", () => {
  const given = Deno.env.get("SOURCES_SEED");
  const first = given === undefined
    ? Math.floor(Math.random() * 2 ** 31)
    : Number(given);
  const runs = given === undefined ? 40 : 1;
  for (let seed = first; seed < first + runs; seed++) {
    try {
      playSeed(seed);
    } catch (error) {
      throw new Error(`SOURCES_SEED=${seed}`, { cause: error });
    }
  }
});

Deno.test("what comes twice is what the sources had to do when they failed, or at the end", () => {
  const next = numbers(7);
  for (let run = 0; run < 15; run++) {
    const sources = Array.from({ length: 2 + run % 4 }, () => ({
      rate: 500 * 40 ** next(),
      delayMs: Math.floor(next() * 40) * 5,
      ...(next() < 0.3 ? { goneAt: Math.floor(next() * 1000) * 5 } : {}),
    }));
    sources.push({ rate: LINE, delayMs: 20 });
    const result = fetching(sources, 80);
    const most = 80 * CHUNK + sum(result.peaks);
    assert(
      sum(result.bytes) <= most,
      `run ${run}: ${sum(result.bytes)} > ${most}`,
    );
  }
});
