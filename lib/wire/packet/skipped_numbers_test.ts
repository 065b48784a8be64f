import { assert, assertEquals } from "@std/assert";
import { SkippedNumbers } from "./skipped_numbers.ts";

/** The numbers up to `count` that are left out. */
function skipped(random: () => number, count: number): number[] {
  const numbers = new SkippedNumbers(random);
  const left: number[] = [];
  for (let n = 0; n < count; n++) if (numbers.isNext(n)) left.push(n);
  return left;
}

Deno.test("numbers are left out now and then, ever more rarely", () => {
  assertEquals(skipped(() => 0, 40_000), [
    512,
    1536,
    3584,
    7680,
    15_872,
    24_064,
    32_256,
  ]);
  const late = skipped(() => 255 / 256, 200_000);
  const gaps = late.map((n, i) => n - (late[i - 1] ?? 0));
  assert(gaps.every((gap) => gap >= 512 && gap <= 24_576), gaps.join());
});

Deno.test("nobody can tell before which number is left out", () => {
  const first = new Set<number>();
  for (let byte = 0; byte < 256; byte++) {
    let draws = 0;
    first.add(skipped(() => (draws++ % 2 === 0 ? byte : 77) / 256, 2000)[0]);
  }
  assertEquals(first.size, 256);
});
