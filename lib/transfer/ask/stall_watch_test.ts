import { assertEquals, assertMatch } from "@std/assert";
import { PortClosedError, type Session } from "../../mesh/mod.ts";
import { StallWatch, type WatchedRequest } from "./stall_watch.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A request that only waits. */
class Waiting implements WatchedRequest {
  lastProgress = 0;
  started = true;
  received = false;
  failure: unknown;

  hasProgressed(): boolean {
    const { received } = this;
    this.received = false;
    return received;
  }

  fail(reason: unknown): void {
    this.failure ??= reason;
  }
}

/** A watch over one request, with a time that is set and a holder that comes and goes. */
function watching(timeoutMs?: number) {
  let now = 0;
  let check = () => {};
  let loss: { since: number; reason: string; error?: unknown } | undefined;
  const kept = {
    get loss() {
      return loss;
    },
  };
  const watch = new StallWatch({ kept } as unknown as Session, timeoutMs, {
    now: () => now,
    every: (_ms, callback) => {
      check = callback;
      return () => {};
    },
  });
  const request = new Waiting();
  watch.enter(request);
  return {
    request,
    watch,
    /** Lets so much time pass, in which the process runs. */
    run(ms: number): void {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + SECOND);
        check();
      }
    },
    /** Lets so much time pass, in which it does not. */
    sleep(ms: number): void {
      now += ms;
      check();
    },
    lose: (error?: unknown) => loss = { since: now, reason: "silent", error },
    find: () => loss = undefined,
  };
}

function messageOf({ failure }: Waiting): string | undefined {
  return failure instanceof Error ? failure.message : undefined;
}

Deno.test("a request without progress is late after its time, and bytes begin it anew", () => {
  const { request, run } = watching();
  run(29 * SECOND);
  request.received = true;
  run(30 * SECOND);
  assertEquals(request.failure, undefined);
  run(2 * SECOND);
  assertEquals(
    messageOf(request),
    "the holder made no progress for 30000 ms",
  );
});

Deno.test("time in which the process slept counts for nobody", () => {
  for (const timeoutMs of [10 * SECOND, 30 * SECOND, undefined]) {
    const { request, run, sleep } = watching(timeoutMs);
    run((timeoutMs ?? 30 * SECOND) - 5 * SECOND);
    sleep(10 * MINUTE);
    run(2 * SECOND);
    assertEquals(request.failure, undefined);
    run(3 * SECOND);
    assertMatch(messageOf(request) ?? "", /no progress/);
  }
});

Deno.test("a silent holder may sleep for five minutes, and has its time anew when it is back", () => {
  const { request, run, lose, find } = watching();
  run(5 * SECOND);
  lose();
  run(4 * MINUTE);
  find();
  run(20 * SECOND);
  assertEquals(request.failure, undefined);
  run(10 * SECOND);
  assertMatch(messageOf(request) ?? "", /no progress/);
});

Deno.test("a holder that does not come back is given up in the end", () => {
  const { request, run, lose } = watching();
  lose();
  run(5 * MINUTE - SECOND);
  assertEquals(request.failure, undefined);
  run(SECOND);
  assertMatch(messageOf(request) ?? "", /could not be attached to again/);
});

Deno.test("a holder that comes and goes and sends nothing is given up in the end", () => {
  const { request, run, lose, find } = watching();
  for (let i = 0; i < 10; i++) {
    lose();
    run(89 * SECOND);
    find();
    run(SECOND);
  }
  assertEquals(request.failure instanceof Error, true);
});

Deno.test("a machine that says that nobody listens does not sleep", () => {
  const { request, run, lose } = watching();
  lose(new PortClosedError("nothing listens there"));
  run(30 * SECOND);
  assertMatch(messageOf(request) ?? "", /nothing listens there/);
});

Deno.test("who waits less than usual wants to know soon that a holder is gone", () => {
  const { request, run, lose } = watching(8 * SECOND);
  lose();
  run(8 * SECOND);
  assertMatch(messageOf(request) ?? "", /could not be attached to again/);
});

Deno.test("a holder that excuses itself counts as one that is away", () => {
  const { request, run, watch } = watching();
  for (let i = 0; i < 6; i++) {
    run(20 * SECOND);
    watch.excuse(request);
  }
  assertEquals([request.failure, watch.isGivenUp], [undefined, false]);
  const strict = watching(8 * SECOND);
  strict.run(5 * SECOND);
  strict.watch.excuse(strict.request);
  strict.run(3 * SECOND);
  assertMatch(messageOf(strict.request) ?? "", /no progress/);
});
