import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { REPLAY_WINDOW } from "../../limits.ts";
import { ReplayWindow } from "./replay_window.ts";

Deno.test("a number is fresh once", () => {
  const window = new ReplayWindow();
  assert(window.isFresh(0));
  assert(window.isFresh(0), "asking commits nothing");
  window.commit(0);
  assert(!window.isFresh(0));
  assert(window.isFresh(1));
});

Deno.test("numbers behind the window are stale, the window itself is whole", () => {
  const window = new ReplayWindow();
  window.commit(10_000);
  assert(window.isFresh(10_000 - REPLAY_WINDOW + 1));
  assert(!window.isFresh(10_000 - REPLAY_WINDOW));
});

Deno.test("a number stays known while the window slides over it", () => {
  const window = new ReplayWindow();
  for (let number = 0; number < 3 * REPLAY_WINDOW; number++) {
    window.commit(number);
    const oldest = Math.max(0, number - REPLAY_WINDOW + 1);
    for (const known of [oldest, number - 33, number - 1, number]) {
      assert(known < 0 || !window.isFresh(known), `${known} of ${number}`);
    }
  }
});

Deno.test("nothing in a full window makes a later number stale", () => {
  for (const jump of [1, 31, 32, 33, 1000, REPLAY_WINDOW, 3 * REPLAY_WINDOW]) {
    const window = new ReplayWindow();
    const last = 2 * REPLAY_WINDOW;
    for (let number = 0; number <= last; number++) window.commit(number);
    for (let ahead = 1; ahead <= 2 * REPLAY_WINDOW; ahead++) {
      assert(window.isFresh(last + ahead), `${ahead} ahead`);
    }
    window.commit(last + jump);
    const oldest = Math.max(last, last + jump - REPLAY_WINDOW) + 1;
    for (let number = oldest; number < last + jump; number++) {
      assert(window.isFresh(number), `${number} after a jump of ${jump}`);
    }
  }
});

Deno.test("the window agrees with a plain set of numbers", () => {
  const base = Number.MAX_SAFE_INTEGER - 200_000;
  fc.assert(fc.property(
    fc.boolean(),
    fc.array(
      fc.oneof(
        fc.integer({ min: -40, max: 40 }),
        fc.integer({ min: -5000, max: 3000 }),
        fc.integer({ min: 3000, max: 9000 }),
      ),
      { maxLength: 60 },
    ),
    (far, steps) => {
      const window = new ReplayWindow();
      let highest = far ? base : 5000;
      window.commit(highest);
      const seen = new Set([highest]);
      for (const step of steps) {
        const number = highest + step;
        if (number < 0 || number > Number.MAX_SAFE_INTEGER) continue;
        const fresh = number > highest - REPLAY_WINDOW && !seen.has(number);
        assertEquals(window.isFresh(number), fresh);
        window.commit(number);
        seen.add(number);
        highest = Math.max(highest, number);
      }
    },
  ));
});
