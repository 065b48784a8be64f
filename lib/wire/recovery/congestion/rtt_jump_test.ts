import { assertEquals } from "@std/assert";
import { RttJump } from "./rtt_jump.ts";

/** Takes rounds of RTT samples; returns whether a jump was seen after each. */
function seenAfter(rounds: readonly (readonly number[])[]): boolean[] {
  const jump = new RttJump();
  return rounds.map((samples) => {
    samples.forEach((rtt, i) => jump.onRtt(rtt, i === 0));
    return jump.seen;
  });
}

Deno.test("RttJump sees a path that became longer two full rounds after the change", () => {
  assertEquals(
    seenAfter([[20, 22], [21, 20], [21, 300], [300, 301], [302], [300]]),
    [false, false, false, false, false, true],
  );
});

Deno.test("RttJump takes what is not three times and 5 ms longer for a queue", () => {
  const after = (rtt: number) =>
    seenAfter([[20], [20], [20], [rtt], [rtt], [rtt], [rtt]]).at(-1);
  assertEquals([after(65), after(66)], [false, true]);
});

Deno.test("RttJump does not take a queue that doubles each round for a jump", () => {
  assertEquals(
    seenAfter([[40], [40], [40, 80], [80, 160], [160, 320], [320], [320], [
      320,
    ]])
      .includes(true),
    false,
  );
});

Deno.test("RttJump forgets a round trip that was long only for one round, and what is known", () => {
  assertEquals(
    seenAfter([[20], [20], [20], [300], [20], [300], [20], [20]]).includes(
      true,
    ),
    false,
  );
  const jump = new RttJump();
  for (const rtt of [20, 20, 20, 300, 300, 300]) jump.onRtt(rtt, true);
  assertEquals(jump.seen, true);
  jump.reset();
  assertEquals(jump.seen, false);
  for (const rtt of [300, 300, 300]) jump.onRtt(rtt, true);
  assertEquals(jump.seen, false);
});
