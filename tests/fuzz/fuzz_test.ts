import { assert, assertEquals, assertRejects } from "@std/assert";
import { Random } from "../../lib/wire/testing/random.ts";
import { Coverage } from "./coverage.ts";
import { Finding, Fuzzer, readCorpus, type Target } from "./engine.ts";
import { TARGETS } from "./targets.ts";

/** Wall time for all targets together. */
const ALL_MS = 60_000;
/** Cases between two looks at the clock, of a decoder. */
const SLICE = 2000;

function newSeed(): number {
  const given = Deno.env.get("FUZZ_SEED");
  return Number(given ?? Math.floor(Math.random() * 2 ** 31));
}

for (const target of TARGETS) {
  Deno.test(`fuzzing ${target.name} breaks no promise`, async () => {
    const fuzzer = new Fuzzer(target, new Random(newSeed()));
    await fuzzer.begin(readCorpus(target.name));
    const end = performance.now() + ALL_MS / TARGETS.length;
    do await fuzzer.run(Math.ceil(SLICE / (target.cost ?? 1))); while (
      performance.now() < end
    );
    assert(fuzzer.features.size > 0);
  });
}

/** A lock of four bytes, one after the other. */
const LOCK: Target = {
  name: "lock",
  seeds: () => [new Uint8Array(4)],
  run(bytes) {
    const right = [0xc3, 0x5a, 0x99, 0x17];
    const opened = right.findIndex((byte, i) => bytes[i] !== byte);
    if (opened === -1) throw new Error("open");
    return String(opened);
  },
};

Deno.test("what was reached is built upon, and a finding says how to repeat it", async () => {
  const fuzzer = new Fuzzer(LOCK, new Random(5));
  const error = await assertRejects(async () => {
    await fuzzer.begin();
    // By chance alone it takes four thousand million.
    await fuzzer.run(2_000_000);
  }, Finding);
  assertEquals([...error.bytes.subarray(0, 4)], [0xc3, 0x5a, 0x99, 0x17]);
  assert(error.message.includes("FUZZ_SEED=5"));
  assert(error.message.includes("--case lock:c35a9917"), error.message);
});

Deno.test("the coverage tells of code that had not run before", async () => {
  const coverage = await Coverage.start();
  // The oldest version tells nothing.
  if (coverage === undefined) return;
  const target = TARGETS.find(({ name }) => name === "blob_ref")!;
  await coverage.take();
  target.run(new Uint8Array(3));
  assert((await coverage.take()).size > 0);
  target.run(new Uint8Array(3));
  assertEquals((await coverage.take()).size, 0);
  coverage.stop();
});
