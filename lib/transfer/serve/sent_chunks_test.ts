import { assertEquals } from "@std/assert";
import { AllSentChunks, SentChunks } from "./sent_chunks.ts";

const MAX = 100;

/** The chunks of a response, of which so much has been acknowledged. */
function chunksOf(all: AllSentChunks, ended: string[], name: string) {
  const stream = { acknowledged: 0 };
  const chunks = new SentChunks(stream, () => ended.push(name));
  const add = (end: number, length: number, now: number) => {
    chunks.add(end, length, now);
    all.add(chunks);
  };
  return { stream, add };
}

Deno.test("chunks count from when they were sent until all of them is acknowledged", () => {
  const all = new AllSentChunks(MAX);
  const { stream, add } = chunksOf(all, [], "");
  add(10, 10, 0);
  add(30, 20, 0);
  stream.acknowledged = 9;
  all.look(1);
  assertEquals(all.bytes, 30);
  stream.acknowledged = 29;
  all.look(2);
  assertEquals(all.bytes, 20);
  stream.acknowledged = 30;
  all.look(3);
  assertEquals([all.bytes, all.size], [0, 0]);
});

Deno.test("whose peer holds acknowledgements back loses its response when others need the room, and nobody else", () => {
  const all = new AllSentChunks(MAX);
  const ended: string[] = [];
  const still = chunksOf(all, ended, "still");
  const slow = chunksOf(all, ended, "slow");
  const fast = chunksOf(all, ended, "fast");
  still.add(40, 40, 0);
  slow.add(40, 40, 0);
  all.look(2000);
  slow.stream.acknowledged = 1;
  all.look(4000);
  assertEquals(ended, [], "nobody needs it");
  fast.add(40, 40, 4000);
  all.look(4001);
  assertEquals(ended, ["still"]);
  assertEquals(all.bytes, 80);
  fast.add(80, 40, 4001);
  fast.stream.acknowledged = 30;
  all.look(5100);
  assertEquals(ended, ["still", "slow"]);
});

Deno.test("those who all acknowledge soon may have twice the bound, and no more", () => {
  const all = new AllSentChunks(MAX);
  const ended: string[] = [];
  const peers = ["a", "b", "c"].map((name) => chunksOf(all, ended, name));
  for (const { add } of peers) add(140, 70, 0);
  for (const { stream } of peers.slice(1)) stream.acknowledged = 139;
  peers[0].stream.acknowledged = 100;
  all.look(1000);
  assertEquals(ended, ["a"]);
  assertEquals(all.bytes, 140);
});

Deno.test("time in which this process slept is nobody's", () => {
  const all = new AllSentChunks(MAX);
  const ended: string[] = [];
  const { add } = chunksOf(all, ended, "peer");
  add(150, 150, 0);
  all.excuse(60_000);
  all.look(60_500);
  assertEquals(ended, []);
  all.look(61_500);
  assertEquals(ended, ["peer"]);
});
