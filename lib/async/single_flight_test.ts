import { assertEquals, assertRejects } from "@std/assert";
import { SingleFlight } from "./single_flight.ts";

Deno.test("SingleFlight runs once for all callers at the same time, and again for the next", async () => {
  const flights = new SingleFlight<string, number>();
  let runs = 0;
  const result = Promise.withResolvers<number>();
  const signals: AbortSignal[] = [];
  const start = (signal: AbortSignal) => {
    runs++;
    signals.push(signal);
    return result.promise;
  };
  const first = flights.run("a", start);
  const second = flights.run("a", start);
  assertEquals([runs, flights.size], [1, 1]);
  result.resolve(7);
  assertEquals(await Promise.all([first, second]), [7, 7]);
  assertEquals(flights.size, 0);
  await flights.run("a", start);
  assertEquals(runs, 2);
  assertEquals(signals.map(({ aborted }) => aborted), [false, false]);
});

Deno.test("SingleFlight goes on while one caller is left and stops when none is", async () => {
  const flights = new SingleFlight<string, void>();
  const seen: AbortSignal[] = [];
  const start = (signal: AbortSignal) => {
    seen.push(signal);
    return new Promise<void>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const first = flights.run("a", start, one.signal);
  const second = flights.run("a", start, two.signal);
  one.abort(new Error("first leaves"));
  await assertRejects(() => first, Error, "first leaves");
  assertEquals(seen[0].aborted, false);
  two.abort(new Error("second leaves"));
  await assertRejects(() => second, Error, "second leaves");
  assertEquals([seen[0].aborted, flights.size], [true, 0]);
  // What was given up is not joined.
  const three = new AbortController();
  const third = flights.run("a", start, three.signal);
  assertEquals(seen.length, 2);
  three.abort(new Error("third leaves"));
  await assertRejects(() => third, Error, "third leaves");
});

Deno.test("SingleFlight tells a failure to all and forgets it", async () => {
  const flights = new SingleFlight<string, number>();
  const fail = () => Promise.reject(new Error("no"));
  const both = [flights.run("a", fail), flights.run("a", fail)];
  for (const one of both) await assertRejects(() => one, Error, "no");
  assertEquals(await flights.run("a", () => Promise.resolve(1)), 1);
});
