import { assertEquals, assertRejects } from "@std/assert";
import type { BidiStream } from "../../mesh/mod.ts";
import { ResponseWriter } from "./response_writer.ts";
import { ResponseMemory } from "./response_memory.ts";
import { ServeMemory } from "./serve_memory.ts";
import { SessionMemory } from "./session_memory.ts";

/** A writer, the lengths of its writes, and how many leases it has given back. */
function writerTo(write: () => Promise<void> = () => Promise.resolve()) {
  const writes: (number | "end" | "bulk")[] = [];
  const stop = new AbortController();
  const stream: Partial<BidiStream> = {
    unsent: 0,
    credit: 2 ** 40,
    until: () => Promise.resolve(),
    write: (bytes) => {
      writes.push(bytes.length);
      return write();
    },
    finish: () => writes.push("end"),
    setPriority: () => writes.push("bulk"),
  };
  const writer = new ResponseWriter({
    stream: stream as BidiStream,
    memory: new ResponseMemory(new SessionMemory(new ServeMemory())),
    signal: stop.signal,
    abort: (reason) => stop.abort(reason),
    onSent: () => {},
  });
  let disposed = 0;
  const add = (length: number | undefined, isLast = false) =>
    writer.add({
      bytes: length === undefined ? undefined : new Uint8Array(length),
      isDropped: false,
      drop: () => {},
      renew: () => Promise.resolve(),
      [Symbol.dispose]: () => void disposed++,
    }, isLast);
  return { writer, writes, add, disposed: () => disposed };
}

Deno.test("ResponseWriter writes small chunks together, up to a bound, and the end with the last", async () => {
  const { writer, writes, add, disposed } = writerTo();
  for (let i = 0; i < 6; i++) add(60_000);
  add(undefined);
  add(10, true);
  await writer.flush();
  assertEquals(writes, [4 * 60_004, 2 * 60_004 + 1 + 12, "end"]);
  assertEquals(disposed(), 8);
  assertEquals([writer.chunks, writer.missing], [7, 1]);
});

Deno.test("ResponseWriter writes a large chunk behind what came before it, in parts", async () => {
  const { writer, writes, add } = writerTo();
  for (const length of [1, 300_000]) add(length);
  add(2, true);
  await writer.flush();
  assertEquals(writes, [3, "bulk", 4, 262_144, 300_000 - 262_144, 4, "end"]);
});

Deno.test("ResponseWriter gives every lease back when it cannot write", async () => {
  const { writer, writes, add, disposed } = writerTo(() =>
    Promise.reject(new Error("gone"))
  );
  add(100_000);
  for (let i = 0; i < 3; i++) add(1, i === 2);
  await assertRejects(() => writer.flush(), Error, "gone");
  writer[Symbol.dispose]();
  assertEquals(disposed(), 4);
  assertEquals(writes, ["bulk", 4, 100_000]);
});
