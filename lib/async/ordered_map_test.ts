import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { orderedMap } from "./ordered_map.ts";
import { Semaphore } from "./semaphore.ts";

Deno.test("orderedMap yields in order whatever ends first, and runs no more than it may ahead", async () => {
  let running = 0;
  let peak = 0;
  const results: number[] = await Array.fromAsync(orderedMap(
    [5, 4, 3, 2, 1, 0],
    async (n) => {
      peak = Math.max(peak, ++running);
      await delay(n);
      running--;
      return n;
    },
    { ahead: 3 },
  ));
  assertEquals(results, [5, 4, 3, 2, 1, 0]);
  assertEquals(peak, 3);
});

Deno.test("orderedMap asks an async source for no more than it may work on, and closes it", async () => {
  let asked = 0;
  let closed = false;
  async function* source() {
    try {
      for (;;) yield await Promise.resolve(asked++);
    } finally {
      closed = true;
    }
  }
  const results: number[] = [];
  for await (const n of orderedMap(source(), (n) => n, { ahead: 2 })) {
    results.push(n);
    await delay(1);
    assertEquals(asked <= results.length + 2, true);
    if (n === 3) break;
  }
  assertEquals([results, closed], [[0, 1, 2, 3], true]);
});

Deno.test("orderedMap tells a failure in its turn, stops the rest and disposes of what nobody took", async () => {
  const disposed: number[] = [];
  const stopped: number[] = [];
  const map = orderedMap([0, 1, 2, 3], async (n, { signal }) => {
    if (n === 1) {
      await delay(2);
      throw new Error("one failed");
    }
    if (n === 3) {
      await delay(1000, { signal }).catch(() => stopped.push(n));
      throw signal.reason;
    }
    return { [Symbol.dispose]: () => void disposed.push(n) };
  }, { ahead: 4 });
  const taken: unknown[] = [];
  await assertRejects(
    async () => {
      for await (const item of map) taken.push(item);
    },
    Error,
    "one failed",
  );
  assertEquals([taken.length, disposed, stopped], [1, [2], [3]]);
});

Deno.test("orderedMap tells what its source failed with after the results before it", async () => {
  function* source() {
    yield 1;
    throw new Error("no more");
  }
  const taken: number[] = [];
  await assertRejects(
    async () => {
      for await (const n of orderedMap(source(), (n) => n, { ahead: 4 })) {
        taken.push(n);
      }
    },
    Error,
    "no more",
  );
  assertEquals(taken, [1]);
});

Deno.test("orderedMap waits for budget only with nothing in work, and hands it over", async () => {
  const semaphore = new Semaphore(10);
  const other = await semaphore.acquire(8);
  const permits: number[] = [];
  const map = orderedMap([4, 4, 4], (_, { permit }) => {
    permits.push(permit?.units ?? 0);
    return permit!;
  }, { ahead: 3, budget: { semaphore, units: (n) => n } });
  const first = map.next();
  await delay(1);
  assertEquals([permits, semaphore.waiting], [[], 1]);
  other[Symbol.dispose]();
  const { value } = await first;
  await delay(1);
  // Two fit; the third is asked for again when something is taken.
  assertEquals([permits, semaphore.used, semaphore.waiting], [[4, 4], 8, 0]);
  value?.[Symbol.dispose]();
  await map.return();
  assertEquals(semaphore.used, 0);
});

Deno.test("orderedMap ends with its signal", async () => {
  const controller = new AbortController();
  const map = orderedMap(
    [1, 2],
    (_, { signal }) => delay(10_000, { signal }),
    { ahead: 2, signal: controller.signal },
  );
  const next = map.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => next, Error, "enough");
  assertEquals((await map.next()).done, true);
});

Deno.test("orderedMap ends when it is aborted between taking from the budget and waiting for the consumer", async () => {
  const controller = new AbortController();
  const semaphore = new Semaphore(9);
  const budget = {
    units: () => 1,
    semaphore: {
      acquire: semaphore.acquire.bind(semaphore),
      tryAcquire(units: number) {
        if (semaphore.used > 0) queueMicrotask(() => controller.abort("over"));
        return semaphore.tryAcquire(units);
      },
    },
  };
  const untilAborted = async (_: number, { signal }: { signal: AbortSignal }) =>
    await new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const map = orderedMap([1, 2, 3], untilAborted, {
    ahead: 2,
    budget,
    signal: controller.signal,
  });
  let outcome: unknown;
  map.next().catch((reason) => outcome = reason);
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assertEquals(outcome, "over");
  assertEquals(semaphore.used, 0);
});
