import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { MemoryStore } from "../store/mod.ts";
import { ObjectUploads } from "./object_uploads.ts";

/** A store whose chunks wait until they are let through. */
class Slow extends MemoryStore {
  waiting: (() => void)[] = [];
  puts = 0;
  fails = false;

  isThere(hash: Uint8Array): Promise<boolean> {
    return this.has(hash);
  }

  override async put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.puts++;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.fails) throw new StoreError("full");
    await super.put(hash, bytes);
  }

  release(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}

const chunk = (fill: number, length = 10) => new Uint8Array(length).fill(fill);

Deno.test("put comes back before a chunk is uploaded, and finish after", async () => {
  const store = new Slow();
  const uploads = new ObjectUploads(store);
  const bytes = chunk(1);
  const hash = blake3(bytes);
  await uploads.put(hash, bytes);
  assert(!await store.has(hash));
  assert(await uploads.has(hash), "what is under way need not be put again");
  bytes.fill(0);
  const finished = uploads.finish();
  store.release();
  await finished;
  assertEquals(await store.get(hash), chunk(1));
});

Deno.test("a chunk that is under way is not uploaded a second time", async () => {
  const store = new Slow();
  const uploads = new ObjectUploads(store);
  for (let i = 0; i < 3; i++) await uploads.put(blake3(chunk(1)), chunk(1));
  store.release();
  await uploads.finish();
  assertEquals(store.puts, 1);
});

Deno.test("put waits when as many bytes, or chunks, are under way as may be", async () => {
  for (const bounds of [{ maxBytes: 25 }, { maxUploads: 2 }]) {
    const store = new Slow();
    const uploads = new ObjectUploads(store, bounds);
    await uploads.put(blake3(chunk(1)), chunk(1));
    await uploads.put(blake3(chunk(2)), chunk(2));
    let isThrough = false;
    const third = uploads.put(blake3(chunk(3)), chunk(3)).then(() => {
      isThrough = true;
    });
    await Promise.resolve();
    assert(!isThrough);
    assertEquals(store.puts, 2);
    store.release();
    await third;
    store.release();
    await uploads.finish();
    assertEquals(store.size, 3);
  }
});

Deno.test("a failed upload fails the next put, and finish", async () => {
  const store = new Slow();
  const uploads = new ObjectUploads(store, { maxUploads: 1 });
  await uploads.put(blake3(chunk(1)), chunk(1));
  store.fails = true;
  const next = uploads.put(blake3(chunk(2)), chunk(2));
  store.release();
  await assertRejects(() => next, StoreError, "full");
  await assertRejects(() => uploads.finish(), StoreError, "full");
});

Deno.test("a caller that is stopped does not wait for the last uploads", async () => {
  const store = new Slow();
  const caller = new AbortController();
  const uploads = new ObjectUploads(store, { signal: caller.signal });
  await uploads.put(blake3(chunk(1)), chunk(1));
  const finished = uploads.finish();
  caller.abort(new Error("stopped"));
  await assertRejects(() => finished, Error, "stopped");
  store.release();
  await uploads[Symbol.asyncDispose]();
});

Deno.test("a caller that is stopped does not wait for room", async () => {
  const store = new Slow();
  const caller = new AbortController();
  const { signal } = caller;
  const uploads = new ObjectUploads(store, { maxUploads: 1, signal });
  await uploads.put(blake3(chunk(1)), chunk(1));
  const next = uploads.put(blake3(chunk(2)), chunk(2));
  caller.abort(new Error("stopped"));
  await assertRejects(() => next, Error, "stopped");
  store.release();
  await uploads[Symbol.asyncDispose]();
});
