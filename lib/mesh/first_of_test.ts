import { assert, assertEquals, assertRejects } from "@std/assert";
import { HandshakeError, TimeoutError } from "../errors.ts";
import { PortClosedError } from "./attempt.ts";
import { firstOf } from "./first_of.ts";

/** Ends when it is given up. */
function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

const discard = () => {};

Deno.test("firstOf starts the next candidate as soon as one has failed", async () => {
  const tried: number[] = [];
  const winner = await firstOf([1, 2, 3], {
    staggerMs: 1e9,
    discard,
    attempt(candidate) {
      tried.push(candidate);
      return candidate === 2
        ? Promise.resolve(candidate)
        : Promise.reject(new HandshakeError("no"));
    },
  });
  assertEquals([winner, tried], [2, [1, 2]]);
});

Deno.test("firstOf tries the next candidate beside one that takes long, and gives that up", async () => {
  const given: string[] = [];
  const winner = await firstOf(["slow", "quick"], {
    staggerMs: 1,
    discard,
    attempt: (candidate, signal) =>
      candidate === "quick" ? Promise.resolve(candidate) : never(signal)
        .catch((error) => {
          given.push(candidate);
          throw error;
        }),
  });
  assertEquals(winner, "quick");
  await Promise.resolve();
  assertEquals(given, ["slow"]);
});

Deno.test("firstOf throws the one failure as it is, and tells of several", async () => {
  const late = new TimeoutError("no answer from a", { hint: "look" });
  const attempt = (error: Error) => Promise.reject(error);
  const options = { staggerMs: 1, discard, attempt };
  assertEquals(await assertRejects(() => firstOf([late], options)), late);
  const error = await assertRejects(
    () => firstOf([late, late, new HandshakeError("b is shut")], options),
    TimeoutError,
    "no answer from a; b is shut",
  );
  assertEquals(error.hint, "look");
});

Deno.test("firstOf says that nobody listens only when that is so everywhere", async () => {
  const closed = new PortClosedError("nothing listens at a");
  const attempt = (error: Error) => Promise.reject(error);
  const options = { staggerMs: 1, discard, attempt };
  const other = new PortClosedError("nothing listens at b");
  await assertRejects(() => firstOf([closed, other], options), PortClosedError);
  const error = await assertRejects(
    () => firstOf([closed, new TimeoutError("no answer from b")], options),
    TimeoutError,
    "nothing listens at a; no answer from b",
  );
  assert(!(error instanceof PortClosedError));
});

Deno.test("firstOf ends with the reason of its signal", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const running = assertRejects(() =>
    firstOf([1, 2], {
      signal: controller.signal,
      staggerMs: 1e9,
      discard,
      attempt: (_, signal) => never(signal),
    })
  );
  controller.abort(reason);
  assertEquals(await running, reason);
});
