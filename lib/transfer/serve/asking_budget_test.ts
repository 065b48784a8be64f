import { assert, assertEquals } from "@std/assert";
import { ASKING_PER_SECOND, CONTENT_PER_LOOKUP } from "../../limits.ts";
import { AskingBudgets } from "./asking_budget.ts";

/** Lookups that a key gets done in so many milliseconds, one after another. */
function doneIn(
  ms: number,
  budget: ReturnType<AskingBudgets["join"]>,
  lookups: number,
  from = 0,
): number {
  let done = 0;
  for (let now = from; now < from + ms; now += 0.01) {
    now += budget.spend(lookups, now);
    if (now < from + ms) done += lookups;
  }
  return done;
}

Deno.test("one who asks alone never waits", () => {
  const budget = new AskingBudgets().join("a");
  for (let i = 0; i < 1000; i++) assertEquals(budget.spend(1024, 0), 0);
});

Deno.test("one who asked alone waits for half a second's worth at most when others come", () => {
  const budgets = new AskingBudgets();
  const budget = budgets.join("a");
  for (let i = 0; i < 1000; i++) budget.spend(1024, 0);
  budgets.join("b");
  assert(budget.spend(64, 0) <= 1000 * 64 / ASKING_PER_SECOND);
});

Deno.test("beside others a key gets its rate, and no more with more sessions", () => {
  const budgets = new AskingBudgets();
  budgets.join("other");
  const one = budgets.join("a");
  budgets.join("a");
  const done = doneIn(10_000, one, 1024);
  assert(done <= 10.5 * ASKING_PER_SECOND + 1024, `${done}`);
  assert(done >= 9.5 * ASKING_PER_SECOND, `${done}`);
});

Deno.test("many greedy keys share what two may have, and a modest one does not wait", () => {
  const budgets = new AskingBudgets();
  const greedy = Array.from({ length: 16 }, (_, i) => budgets.join(`${i}`));
  const modest = budgets.join("modest");
  const next = greedy.map(() => 0);
  let done = 0;
  for (let now = 0; now < 20_000; now += 5) {
    for (const [i, budget] of greedy.entries()) {
      while (next[i] <= now) {
        next[i] = now + Math.max(0.1, budget.spend(1024, now));
        if (now > 10_000) done += 1024;
      }
    }
    assertEquals(modest.spend(64, now), 0);
  }
  assert(done <= 10 * 2.2 * ASKING_PER_SECOND, `${done}`);
});

Deno.test("content that is taken pays for requests", () => {
  const budgets = new AskingBudgets();
  budgets.join("other");
  const budget = budgets.join("a");
  for (let i = 0; i < 10_000; i++) {
    assertEquals(budget.spend(64, 0), 0);
    budget.earn(64 * CONTENT_PER_LOOKUP);
  }
});

Deno.test("nothing is kept of who has left", () => {
  const budgets = new AskingBudgets();
  budgets.join("other");
  const first = budgets.join("a");
  first.spend(10 * ASKING_PER_SECOND, 0);
  first[Symbol.dispose]();
  assertEquals(budgets.join("a").spend(64, 0), 0);
});
