import { assert, assertEquals } from "@std/assert";
import {
  HALF_OPEN_MAX,
  HALF_OPEN_MS,
  RESPONSE_REPEATS_MAX,
} from "../../limits.ts";
import { HalfOpen } from "./half_open.ts";

function handshake(id: number, source: string) {
  const name = String(id);
  const packet = new Uint8Array(1);
  const hostname = source;
  return { attempt: name, key: name, packet, source, hostname, peer: name };
}

Deno.test("where half-open handshakes fill the room, the source with most of them makes room", () => {
  const table = new HalfOpen();
  for (let i = 0; i < HALF_OPEN_MAX; i++) {
    const source = i < 10 ? "few" : `many ${i % 3}`;
    assertEquals(table.add(handshake(i, source), 0), undefined);
  }
  const left = new Set<string>();
  for (let i = 0; i < 200; i++) {
    assert(table.hasRoom(`new ${i}`));
    left.add(table.add(handshake(HALF_OPEN_MAX + i, `new ${i}`), 0)!);
    assertEquals(table.size, HALF_OPEN_MAX);
  }
  assertEquals(left.size, 200);
  for (const key of left) assert(Number(key) >= 10 && Number(key) < 400, key);
  for (let i = 0; i < 10; i++) {
    assertEquals(table.take(String(i))?.hostname, "few");
  }
});

Deno.test("a source that has most of all half-open handshakes gets no more when there is no room", () => {
  const table = new HalfOpen();
  for (let i = 0; i < HALF_OPEN_MAX; i++) table.add(handshake(i, "one"), 0);
  assert(!table.hasRoom("one"));
  assert(table.hasRoom("another"));
  table.expire(HALF_OPEN_MS);
  assertEquals(table.size, 0);
  assert(table.hasRoom("one"));
});

Deno.test("a half-open handshake is answered again until it is taken, some times", () => {
  const table = new HalfOpen();
  table.add(handshake(1, "one"), 0);
  for (let i = 0; i < RESPONSE_REPEATS_MAX; i++) {
    assertEquals(table.repeat("1"), new Uint8Array(1));
  }
  assertEquals(table.repeat("1"), undefined);
  assert(table.has("1"));
  assertEquals(table.take("1")?.hostname, "one");
  assertEquals(table.take("1"), undefined);
  assert(!table.has("1"));
});
