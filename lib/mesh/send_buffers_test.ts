import { assert, assertEquals } from "@std/assert";
import { SendBuffers } from "./send_buffers.ts";

/** Takes every buffer there is. */
function takeAll(buffers: SendBuffers): Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (;;) {
    const buffer = buffers.take();
    if (buffer === undefined) return taken;
    taken.push(buffer);
  }
}

Deno.test("a few buffers circulate, and no more are ever made", () => {
  const buffers = new SendBuffers(100);
  const all = takeAll(buffers);
  assert(all.length > 1);
  assert(all.every((buffer) => buffer.length === 100));
  assertEquals(new Set(all).size, all.length);
  buffers.release(all[3]);
  assertEquals([buffers.take(), buffers.take()], [all[3], undefined]);
});

Deno.test("a buffer comes back when the socket has read it, at once when it already has", async () => {
  const buffers = new SendBuffers(1);
  const all = takeAll(buffers);
  buffers.releaseAfter(all[0], undefined);
  assertEquals(buffers.take(), all[0]);
  const { promise, resolve } = Promise.withResolvers<void>();
  buffers.releaseAfter(all[1], promise);
  assertEquals(buffers.take(), undefined);
  const waiting = buffers.next();
  resolve();
  assertEquals(await waiting, all[1]);
  assertEquals(buffers.take(), undefined);
});

Deno.test("idle waits for every send in progress, tracked or with a buffer", async () => {
  const buffers = new SendBuffers(1);
  await buffers.idle();
  const sends = [0, 1].map(() => Promise.withResolvers<void>());
  buffers.track(sends[0].promise);
  buffers.releaseAfter(buffers.take()!, sends[1].promise);
  buffers.track(undefined);
  let idle = false;
  const waiting = buffers.idle().then(() => idle = true);
  sends[0].resolve();
  await sends[0].promise;
  await Promise.resolve();
  assertEquals(idle, false);
  sends[1].resolve();
  await waiting;
});
