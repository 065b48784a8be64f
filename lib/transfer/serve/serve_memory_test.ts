import { assert, assertEquals, assertRejects } from "@std/assert";
import { TimeoutError } from "../../errors.ts";
import { type AnswerMemory, ServeMemory } from "./serve_memory.ts";
import { settle } from "../testing/fixture.ts";

const NEVER = new AbortController().signal;
const STALL_MS = 20;

/** An answer that nobody ends. */
function answerOf(memory: ServeMemory, maxBytes?: number): AnswerMemory {
  return memory.forSession(maxBytes).forAnswer(() => {
    throw new Error("ended");
  });
}

/** Takes memory and loads a chunk that fills it. */
async function load(answer: AnswerMemory, bytes: number): Promise<void> {
  await answer.acquire(bytes, NEVER);
  answer.adjust(bytes, bytes);
}

Deno.test("all sessions together use no more than the common bound, each no more than its own", () => {
  const memory = new ServeMemory({ maxBytes: 10 });
  const [a, b] = [answerOf(memory, 8), answerOf(memory, 8)];
  assertEquals([a.tryAcquire(4), a.tryAcquire(4)], [true, true]);
  assertEquals(a.tryAcquire(1), false, "beyond its own bound");
  assertEquals(b.tryAcquire(4), false, "beyond the common bound");
  assertEquals([b.tryAcquire(2), memory.used], [true, 10]);
  a.adjust(4, 1);
  assertEquals([b.tryAcquire(3), memory.used], [true, 10]);
  a.adjust(4, 4);
  b.adjust(2, 2);
  b.adjust(3, 3);
  for (const [answer, held] of [[a, 5], [b, 5]] as const) answer.release(held);
  assertEquals(memory.used, 0);
  // What a failed attempt took of one bound it has given back.
  assertEquals([b.tryAcquire(8), b.tryAcquire(2)], [true, false]);
});

Deno.test("a session with many requests does not keep one with few from its turn", async () => {
  const memory = new ServeMemory({ maxBytes: 4 });
  const holder = answerOf(memory);
  await load(holder, 4);
  const order: string[] = [];
  const ask = async (name: string, answer: AnswerMemory) => {
    await load(answer, 4);
    order.push(name);
    answer.release(4);
  };
  const greedy = memory.forSession(8);
  const asked = [1, 2, 3, 4, 5].map((i) =>
    ask(`greedy ${i}`, greedy.forAnswer(() => {}))
  );
  await settle();
  asked.push(ask("modest", answerOf(memory)));
  await settle();
  assertEquals(holder.tryAcquire(0), false, "somebody waits");
  holder.release(4);
  await Promise.all(asked);
  assertEquals(order.indexOf("modest"), 2);
  assertEquals(memory.used, 0);
});

Deno.test("who gives up waiting has taken nothing", async () => {
  const memory = new ServeMemory({ maxBytes: 4 });
  const holder = answerOf(memory);
  await load(holder, 4);
  const waiting = answerOf(memory, 4);
  const controller = new AbortController();
  const acquired = waiting.acquire(4, controller.signal);
  await settle();
  controller.abort(new Error("gone"));
  await assertRejects(() => acquired, Error, "gone");
  holder.release(4);
  assertEquals([waiting.tryAcquire(4), memory.used], [true, 4]);
});

Deno.test("an answer that stands still is ended for those who wait, and for nobody else", async () => {
  const memory = new ServeMemory({ maxBytes: 4, stallMs: STALL_MS });
  const ended: unknown[] = [];
  const still = memory.forSession().forAnswer((reason) => {
    ended.push(reason);
    still.release(4);
  });
  await load(still, 4);
  await new Promise((resolve) => setTimeout(resolve, 3 * STALL_MS));
  assertEquals(ended, []);
  const other = answerOf(memory);
  await load(other, 4);
  assertEquals(ended.length, 1);
  assert(ended[0] instanceof TimeoutError);
  other.release(4);
  assertEquals(memory.used, 0);
});

Deno.test("an answer that moves, or whose chunk is still being read, does not stand still", async () => {
  const answer = answerOf(new ServeMemory());
  await answer.acquire(4, NEVER);
  assertEquals(answer.standsStillFor(performance.now() + 60_000), 0);
  answer.adjust(4, 4);
  const loaded = performance.now();
  assert(answer.standsStillFor(loaded + 60_000) >= 60_000);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const moved = performance.now();
  answer.onProgress();
  assert(answer.standsStillFor(moved + 60_000) <= 60_000);
});

Deno.test("answers that share a line have as many times as long", async () => {
  const memory = new ServeMemory({ maxBytes: 12 });
  const session = memory.forSession(12);
  const answers = [1, 2, 3].map(() => session.forAnswer(() => {}));
  const since = performance.now();
  for (const answer of answers) await load(answer, 4);
  const now = performance.now() + 3000;
  for (const answer of answers) {
    assert(answer.standsStillFor(now) <= (now - since) / 3);
    assert(answer.standsStillFor(now) >= 1000);
  }
  answers[0].release(4);
  assert(answers[1].standsStillFor(now) >= 1500);
});
