import { assertEquals } from "@std/assert";
import { ClosingState } from "./closing_state.ts";

const CLOSE = { application: true, code: 0, reason: "done" };

Deno.test("a CLOSE is sent at once, and again for later packets ever more rarely", () => {
  const closing = new ClosingState(CLOSE, 0, 100);
  assertEquals([closing.take(), closing.take()], [CLOSE, undefined]);
  const repeated: number[] = [];
  for (let packet = 1; packet <= 1000; packet++) {
    closing.onPacket();
    if (closing.take() !== undefined) repeated.push(packet);
  }
  assertEquals(repeated, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
});

Deno.test("the closing state lasts three probe time-outs, however long the peer makes them for ten seconds", () => {
  assertEquals(new ClosingState(CLOSE, 50, 100).deadline, 350);
  assertEquals(new ClosingState(CLOSE, 50, 3_600_000).deadline, 10_050);
});
