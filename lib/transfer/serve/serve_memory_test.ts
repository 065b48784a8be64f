import { assert, assertEquals, assertRejects } from "@std/assert";
import { SERVE_PROOF_BYTES } from "../../limits.ts";
import type { Permit } from "../../async/semaphore.ts";
import { settle } from "../testing/fixture.ts";
import { ResponseMemory } from "./response_memory.ts";
import { ServeMemory } from "./serve_memory.ts";
import { SessionMemory } from "./session_memory.ts";

const STALL_MS = 20;
const MIB = 2 ** 20;

/** Memory for so many bytes of what is not small. */
function memoryOf(bytes: number, stallMs?: number): ServeMemory {
  return new ServeMemory({
    maxBytes: bytes + 2,
    reserveBytes: 1,
    newcomerBytes: 1,
    stallMs,
  });
}

/** The part of a session whose peer takes what it is sent. */
function sessionOf(
  memory: ServeMemory,
  maxBytes?: number,
  key = `${++keys}`,
): SessionMemory {
  const network = key;
  const session = new SessionMemory(memory, { maxBytes, key, network });
  session.prove(SERVE_PROOF_BYTES);
  return session;
}

let keys = 0;

/** A response of a key of its own. */
function responseOf(memory: ServeMemory, maxBytes?: number): ResponseMemory {
  return new ResponseMemory(sessionOf(memory, maxBytes));
}

function giveBack(...permits: (Permit | undefined)[]): void {
  for (const permit of permits) permit?.[Symbol.dispose]();
}

Deno.test("all sessions together use no more than the common bound, each no more than its own", () => {
  const memory = memoryOf(10);
  const [a, b] = [responseOf(memory, 8), responseOf(memory, 8)];
  const permits = [a.tryAcquire(4), a.tryAcquire(4)];
  assert(permits.every((permit) => permit !== undefined));
  assertEquals(a.tryAcquire(1), undefined, "beyond its own bound");
  assertEquals(b.tryAcquire(4), undefined, "beyond the common bound");
  permits.push(b.tryAcquire(2));
  assertEquals(memory.used, 10);
  permits[0]?.resize(1);
  permits.push(b.tryAcquire(3));
  assertEquals(memory.used, 10);
  giveBack(...permits);
  assertEquals(memory.used, 0);
  // What a failed attempt took of one bound it has given back.
  assert(b.tryAcquire(8) !== undefined);
  assertEquals(b.tryAcquire(2), undefined);
});

Deno.test("a session with many requests does not keep one with few from its turn", async () => {
  const memory = memoryOf(4);
  const holder = responseOf(memory);
  const held = await holder.acquire(4);
  const order: string[] = [];
  const take = async (name: string, response: ResponseMemory) => {
    using _permit = await response.acquire(4);
    order.push(name);
  };
  const greedy = sessionOf(memory, 8);
  const taken = [1, 2, 3, 4, 5].map((i) =>
    take(`greedy ${i}`, new ResponseMemory(greedy))
  );
  await settle();
  taken.push(take("modest", responseOf(memory)));
  await settle();
  assertEquals(holder.tryAcquire(0), undefined, "somebody waits");
  giveBack(held);
  await Promise.all(taken);
  assertEquals(order.indexOf("modest"), 2);
  assertEquals(memory.used, 0);
});

Deno.test("a response that gives up waiting has taken nothing", async () => {
  const memory = memoryOf(4);
  const held = await responseOf(memory).acquire(4);
  const waiting = responseOf(memory, 4);
  const controller = new AbortController();
  const acquired = waiting.acquire(4, controller.signal);
  await settle();
  controller.abort(new Error("gone"));
  await assertRejects(() => acquired, Error, "gone");
  giveBack(held);
  assert(waiting.tryAcquire(4) !== undefined);
  assertEquals(memory.used, 4);
});

Deno.test("a response that holds memory does not wait in line for more", async () => {
  const memory = memoryOf(4);
  const response = responseOf(memory);
  const first = await response.acquire(4);
  const second = response.acquire(4);
  await settle();
  const other = responseOf(memory).acquire(4);
  giveBack(first);
  giveBack(await other);
  giveBack(await second);
  assertEquals(memory.used, 0);
});

Deno.test("a response that stands still lends its memory to those that wait, and to nobody else", async () => {
  const memory = memoryOf(4, STALL_MS);
  const ended: unknown[] = [];
  const still = responseOf(memory);
  still.onRecall = () => {
    ended.push("recalled");
    giveBack(held);
  };
  const held = await still.acquire(4);
  still.onWrite({ sent: 0 });
  await new Promise((resolve) => setTimeout(resolve, 3 * STALL_MS));
  assertEquals(ended, []);
  giveBack(await responseOf(memory).acquire(4));
  assertEquals(ended, ["recalled"]);
  assertEquals(memory.used, 0);
});

Deno.test("a response whose peer takes what is written, or has nothing to take, does not stand still", async () => {
  const response = responseOf(new ServeMemory());
  await response.acquire(4);
  assertEquals(response.standsStillFor(performance.now() + 60_000), 0);
  response.onWrite({ sent: 0 });
  const written = performance.now();
  assert(response.standsStillFor(written + 60_000) >= 60_000);
  response.onWritten();
  assertEquals(response.standsStillFor(written + 60_000), 0);
});

Deno.test("responses that share a line have as many times as long", async () => {
  const memory = memoryOf(12);
  const session = sessionOf(memory, 12);
  const responses = [1, 2, 3].map(() => new ResponseMemory(session));
  const since = performance.now();
  const permits = [];
  for (const response of responses) {
    permits.push(await response.acquire(4));
    response.onWrite({ sent: 0 });
  }
  const now = performance.now() + 3000;
  for (const response of responses) {
    assert(response.standsStillFor(now) <= (now - since) / 3);
    assert(response.standsStillFor(now) >= 1000);
  }
  giveBack(permits[0]);
  assert(responses[1].standsStillFor(now) >= 1500);
});

Deno.test("a small response takes of the reserve, and nothing else does", async () => {
  const memory = new ServeMemory({
    maxBytes: 110_001,
    reserveBytes: 10_000,
    newcomerBytes: 1,
  });
  const session = sessionOf(memory, 100_000);
  const large = new ResponseMemory(session, true);
  const many = new ResponseMemory(session);
  const held = [await large.acquire(90_000), many.tryAcquire(10_000)];
  assert(held.every((permit) => permit !== undefined));
  assertEquals(many.tryAcquire(1000), undefined);
  const small = [1, 2].map(() => new ResponseMemory(session, true));
  const permits = [await small[0].acquire(9000), small[1].tryAcquire(1000)];
  assert(permits.every((permit) => permit !== undefined));
  assertEquals(small[1].tryAcquire(1000), undefined, "the reserve has its end");
  assertEquals(memory.used, 110_000);
  giveBack(...permits, ...held);
  assertEquals(memory.used, 0);
});

Deno.test("sessions that hold less memory go first", async () => {
  const memory = memoryOf(12);
  const rich = sessionOf(memory, 12);
  const poor = sessionOf(memory, 12);
  const of = (session: SessionMemory) => new ResponseMemory(session);
  const held = await of(rich).acquire(4);
  const last = await of(rich).acquire(4);
  const other = await responseOf(memory).acquire(4);
  const order: string[] = [];
  const taken = [["rich", rich], ["poor", poor]].map(
    async ([name, session]) => {
      using _permit = await of(session as SessionMemory).acquire(4);
      order.push(name as string);
    },
  );
  await settle();
  giveBack(other);
  await Promise.all(taken);
  assertEquals(order, ["poor", "rich"]);
  giveBack(held, last);
});

Deno.test("a response that the peer takes slowly does not stand still", async () => {
  const response = responseOf(new ServeMemory());
  await response.acquire(4);
  const stream = { sent: 0 };
  response.onWrite(stream);
  const later = performance.now() + 60_000;
  stream.sent = 8 * 1024;
  assertEquals(response.standsStillFor(later), 0);
  stream.sent += 100;
  assert(response.standsStillFor(later + 60_001) >= 60_000);
});

Deno.test("what a process slept counts for no peer that was to read", () => {
  const memory = memoryOf(4);
  const response = responseOf(memory);
  const permit = response.tryAcquire(4);
  const before = performance.now();
  response.onWrite({ sent: 0 });
  assert(response.standsStillFor(before + 50_000) >= 49_000);
  response.excuse(45_000);
  assert(response.standsStillFor(before + 50_000) <= 5000);
  giveBack(permit);
});

/** A stream whose credit the test gives. */
function streamOf(credit: number) {
  let looking = () => {};
  return {
    acknowledged: 0,
    sent: 0,
    unsent: 0,
    credit,
    async until(isTrue: () => boolean): Promise<void> {
      while (!isTrue()) await new Promise<void>((go) => looking = () => go());
    },
    give(bytes: number): void {
      this.credit += bytes;
      looking();
    },
  };
}

Deno.test("a response without credit takes no memory, and its request waits for the peer", async () => {
  const memory = memoryOf(100_000);
  const stream = streamOf(0);
  const request = { isWaiting: false };
  const session = sessionOf(memory, 100_000);
  const response = new ResponseMemory(session, false, stream, request);
  assertEquals(response.tryAcquire(50_000), undefined);
  const acquired = response.acquire(50_000);
  await settle();
  assertEquals([memory.used, request.isWaiting], [0, true]);
  stream.give(20_000);
  const permit = await acquired;
  assertEquals([memory.used, request.isWaiting], [50_000, false]);
  assertEquals(response.tryAcquire(10), undefined, "not as far ahead");
  giveBack(permit);
});

Deno.test("a response that is out of credit lends its memory at once", async () => {
  const memory = memoryOf(100);
  const stream = streamOf(1000);
  const session = sessionOf(memory, 100);
  const closed = new ResponseMemory(session, false, stream);
  const held = await closed.acquire(100);
  closed.onRecall = () => giveBack(held);
  stream.unsent = 50;
  stream.credit = 0;
  closed.onWrite(stream);
  const other = await responseOf(memory).acquire(100);
  assert(closed.isRecalled);
  giveBack(other);
  stream.unsent = 0;
  stream.credit = 1000;
  giveBack(await closed.reacquire(100));
  assert(!closed.isRecalled);
});

Deno.test("sessions of one key count together, and those that wasted memory wait behind others", async () => {
  const memory = memoryOf(12 * MIB);
  const first = sessionOf(memory, 12 * MIB, "same");
  const held = await new ResponseMemory(first).acquire(4 * MIB);
  const second = new ResponseMemory(sessionOf(memory, 12 * MIB, "same"));
  const slow = new ResponseMemory(sessionOf(memory, 12 * MIB, "slow"));
  giveBack(await slow.acquire(8 * MIB));
  const all = await responseOf(memory).acquire(8 * MIB);
  const order: string[] = [];
  const take = async (name: string, acquired: Promise<Permit>) => {
    using _permit = await acquired;
    order.push(name);
  };
  const taken = [
    take("slow", slow.reacquire(8 * MIB)),
    take("same", second.acquire(8 * MIB)),
  ];
  await settle();
  taken.push(take("new", responseOf(memory).acquire(8 * MIB)));
  await settle();
  giveBack(all);
  await Promise.all(taken);
  assertEquals(order, ["new", "same", "slow"]);
  giveBack(held);
});

/** What a newcomer writes to: it can be sent anything. */
function openStream() {
  return { ...streamOf(2 ** 40), unsent: 100 };
}

Deno.test("of a session that has acknowledged nothing one response is read at a time", async () => {
  const memory = new ServeMemory();
  const session = new SessionMemory(memory);
  const stream = openStream();
  const first = new ResponseMemory(session, false, stream);
  const second = new ResponseMemory(session);
  const held = await first.acquire(MIB);
  assertEquals(second.tryAcquire(MIB), undefined);
  const waiting = second.acquire(MIB);
  await settle();
  assertEquals(memory.used, MIB);
  stream.acknowledged = SERVE_PROOF_BYTES;
  giveBack(await waiting, held);
  assertEquals(memory.used, 0);
});

Deno.test("a response that is over leaves its turn to another one of a session that has acknowledged nothing", async () => {
  const memory = new ServeMemory();
  const session = new SessionMemory(memory);
  const second = new ResponseMemory(session);
  let waiting: Promise<Permit>;
  {
    using first = new ResponseMemory(session);
    giveBack(await first.acquire(MIB));
    waiting = second.acquire(MIB);
    await settle();
    assertEquals(memory.used, 0);
  }
  giveBack(await waiting);
});

Deno.test("newcomers keep memory from each other until it is written, and from others not at all", async () => {
  const memory = new ServeMemory({ maxBytes: 4 * MIB, newcomerBytes: MIB });
  const recalled: number[] = [];
  const permits: Permit[] = [];
  const waiting: Promise<unknown>[] = [];
  for (let i = 0; i < 3; i++) {
    const stream = openStream();
    const response = new ResponseMemory(
      new SessionMemory(memory, { key: `newcomer ${i}` }),
      false,
      stream,
    );
    response.onRecall = () => {
      recalled.push(i);
      giveBack(permits[i]);
    };
    waiting.push((async () => {
      permits[i] = await response.acquire(MIB);
      response.onWrite(stream);
      response.onHandedOver();
    })());
    await settle();
  }
  await Promise.all(waiting);
  assertEquals(recalled, [0, 1]);
  assertEquals(memory.used, MIB);
  const proven = responseOf(memory).tryAcquire(2 * MIB);
  assert(proven !== undefined);
  giveBack(permits[2], proven);
});

Deno.test("who takes what is read for it is the next in the line, and gets the slice of one who does not", async () => {
  const memory = memoryOf(4 * MIB, STALL_MS);
  const stream = openStream();
  const session = sessionOf(memory);
  // It moves all the time, but hardly.
  const trickling = new ResponseMemory(session, false, stream);
  const held = await trickling.acquire(4 * MIB);
  trickling.onRecall = () => giveBack(held);
  trickling.onWrite(stream);
  const moving = setInterval(() => stream.sent += 8 * 1024, 1);
  try {
    giveBack(await responseOf(memory).acquire(4 * MIB));
  } finally {
    clearInterval(moving);
  }
  assert(trickling.isRecalled);
  assert(session.wasted() > 0);
});
