import { assertEquals } from "@std/assert";
import { Farewell } from "./farewell.ts";

const WORDS = { application: true, code: 0, reason: "done" };

Deno.test("a farewell is said at once, and again ever more rarely", () => {
  const farewell = new Farewell(WORDS, 0, 100);
  assertEquals([farewell.take(), farewell.take()], [true, false]);
  const said: number[] = [];
  for (let packet = 1; packet <= 1000; packet++) {
    farewell.onPacket();
    if (farewell.take()) said.push(packet);
  }
  assertEquals(said, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
});

Deno.test("a closing connection stays for three probe time-outs, however long the peer makes them for ten seconds", () => {
  assertEquals(new Farewell(WORDS, 50, 100).deadline, 350);
  assertEquals(new Farewell(WORDS, 50, 3_600_000).deadline, 10_050);
});
