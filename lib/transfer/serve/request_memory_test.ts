import { assertEquals } from "@std/assert";
import { RequestMemory } from "./request_memory.ts";

Deno.test("the peer whose unfinished requests hold most loses the oldest of them, and nobody else any", () => {
  const memory = new RequestMemory(10);
  const ended: string[] = [];
  const open = (peer: string, name: string, bytes: number) => {
    const room = memory.room(peer, () => ended.push(name));
    room.resize(bytes);
    return room;
  };
  const honest = open("honest", "honest", 3);
  open("greedy", "first", 2);
  const second = open("greedy", "second", 2);
  open("greedy", "third", 3);
  assertEquals(ended, []);
  open("other", "other", 1);
  assertEquals(ended, ["first"]);
  assertEquals(memory.used, 9);
  second.resize(4);
  assertEquals(ended, ["first", "second"]);
  honest[Symbol.dispose]();
  honest[Symbol.dispose]();
  assertEquals(memory.used, 4);
});
