import { assert, assertEquals } from "@std/assert";
import { type Guest, SessionRoom } from "./session_room.ts";

const LATER = 10_000;

function guest(peerKey: string, hostname: string, bytesMoved = 0): Guest {
  return { peerKey, hostname, createdAt: 0, bytesMoved };
}

function none(): never {
  throw new Error("nobody has to go");
}

Deno.test("a key has no more sessions than its bound, and others get in beside it", () => {
  const room = new SessionRoom(10, 2);
  const first = guest("a", "x");
  assert(room.admit(first, LATER, none));
  assert(room.admit(guest("a", "y"), LATER, none));
  assert(!room.admit(guest("a", "z"), LATER, none));
  assert(room.admit(guest("b", "x"), LATER, none));
  room.delete(first);
  room.delete(first);
  assert(room.admit(guest("a", "z"), LATER, none));
});

Deno.test("a new key gets in although one key, or one address with many keys, has filled the rest", () => {
  for (const keys of [1, 8]) {
    const room = new SessionRoom<Guest>(8, 8);
    const honest = guest("honest", "home");
    assert(room.admit(honest, LATER, none));
    for (let i = 0; i < 7; i++) {
      const bytes = i === 3 ? 10 : 1000;
      const one = guest(`greedy ${i % keys}`, "elsewhere", bytes);
      assert(room.admit(one, LATER, none));
    }
    const gone: Guest[] = [];
    const add = (one: Guest) =>
      room.admit(one, LATER, (evicted) => gone.push(evicted));
    assert(add(guest("new", "elsewhere")));
    assertEquals(gone.map(({ bytesMoved }) => bytesMoved), [10]);
    if (keys === 1) assert(!add(guest("greedy 0", "elsewhere")));
  }
});

Deno.test("no session that is used, or has just begun, goes for a new one", () => {
  const room = new SessionRoom(2, 2);
  assert(room.admit(guest("a", "x", 1e6), LATER, none));
  const young = { ...guest("b", "x"), createdAt: LATER - 10 };
  assert(room.admit(young, LATER, none));
  assert(!room.admit(guest("c", "y"), LATER, none));
});

Deno.test("who fills the node with sessions that are used makes way for a key without any, down to what a fetch needs", () => {
  const room = new SessionRoom<Guest>(20, 20);
  for (let i = 0; i < 20; i++) {
    const one = guest("greedy", "elsewhere", 1e6 + i);
    assert(room.admit(one, LATER, none));
  }
  const gone: Guest[] = [];
  const add = (one: Guest) =>
    room.admit(one, LATER, (evicted) => gone.push(evicted));
  for (let i = 0; i < 4; i++) assert(add(guest(`new ${i}`, "home", 1e6)));
  assertEquals(gone.map(({ bytesMoved }) => bytesMoved - 1e6), [0, 1, 2, 3]);
  assert(!add(guest("late", "home")), "sixteen are left");
  assert(!add(guest("new 0", "home")), "it has one");
});
