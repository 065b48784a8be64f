import { assert, assertEquals } from "@std/assert";
import { UnreadBudget } from "./unread_budget.ts";

Deno.test("who has most unread data of all ends, the largest of its connections first", () => {
  const budget = new UnreadBudget(100);
  const ended: string[] = [];
  const join = (group: string, name: string) =>
    budget.join(group, () => ended.push(name));
  const honest = join("honest", "honest");
  const [small, large] = [join("greedy", "small"), join("greedy", "large")];
  assert(honest.set(40));
  assert(small.set(25));
  assert(large.set(30));
  assertEquals(ended, []);
  assert(honest.set(50), "it is another's turn to pay");
  assertEquals(ended, ["large"]);
  assertEquals(budget.total, 75);
  assertEquals(small.set(60), false, "it is the one itself");
  assertEquals(budget.total, 50);
  assertEquals(ended, ["large"]);
  honest.leave();
  honest.leave();
  assertEquals(budget.total, 0);
});
