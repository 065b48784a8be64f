import { assert, assertEquals } from "@std/assert";
import { GET_MANY_BYTES_MAX, OBJECT_REQUESTS_MAX } from "../limits.ts";
import { FetchesAhead } from "./fetches_ahead.ts";

const hashes = Array.from(
  { length: 200 },
  (_, i) => new Uint8Array(32).fill(i),
);

/** Takes all of them; gives how many were begun at a time, and how many are ahead at most. */
async function takeAll(lengthOf: (index: number) => number | undefined) {
  const begun: number[] = [];
  let started = 0;
  let most = 0;
  const ahead = new FetchesAhead(hashes, (some) => {
    begun.push(some.length);
    return some.map(() => Promise.resolve(lengthOf(started++)));
  });
  const held: boolean[] = [];
  for (const _ of hashes) {
    held.push(await ahead.next());
    most = Math.max(most, started - held.length);
  }
  return { begun, most, held };
}

Deno.test("small chunks are fetched many at once, each one time", async () => {
  const { begun, held } = await takeAll(() => 100);
  assertEquals(begun.reduce((sum, count) => sum + count), hashes.length);
  assertEquals(Math.max(...begun), OBJECT_REQUESTS_MAX);
  assert(held.every((isHeld) => isHeld));
});

Deno.test("of long chunks no more are ahead than there is room for, after the first", async () => {
  const { begun } = await takeAll(() => GET_MANY_BYTES_MAX / 2);
  assert(begun.slice(1).every((count) => count <= 2), `${begun}`);
  const { begun: huge } = await takeAll(() => GET_MANY_BYTES_MAX * 2);
  assert(huge.slice(1).every((count) => count === 1), `${huge}`);
});

Deno.test("what is not to be had is told in its place", async () => {
  const { held } = await takeAll((index) => index % 3 === 0 ? undefined : 7);
  assertEquals(held, hashes.map((_, i) => i % 3 !== 0));
});
