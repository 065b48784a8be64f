import { assert, assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../async/semaphore.ts";
import { blake3 } from "../content/mod.ts";
import { HashMismatchError, PeerClosedError, StoreError } from "../errors.ts";
import { MemoryStore } from "../store/mod.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkReader, ReadChunkOptions } from "./chunk_reader.ts";
import { ObjectCache, type ObjectCacheOptions } from "./object_cache.ts";
import type { RecentChunks } from "./recent_chunks.ts";

const chunk = (fill: number, length = 100) => new Uint8Array(length).fill(fill);
const hashOf = (fill: number, length?: number) => blake3(chunk(fill, length));

/** A reader that counts what it is asked, and waits when it is told to. */
class Remote extends MemoryStore implements ChunkReader {
  readonly name = "https://mirror.example/";
  reads: string[] = [];
  running = 0;
  most = 0;
  gate?: Promise<void>;
  failure?: Error;
  /** What is given instead of the chunks. */
  lie?: Uint8Array;

  async read(
    hash: Uint8Array,
    _size: number | undefined,
    { signal, beforeBody, onBytes }: ReadChunkOptions = {},
  ): Promise<Uint8Array | undefined> {
    this.reads.push(toHex(hash));
    this.most = Math.max(this.most, ++this.running);
    try {
      const bytes = this.lie ?? await this.get(hash);
      if (bytes !== undefined) await beforeBody?.(bytes.length);
      await Promise.race([this.gate, aborted(signal)]);
      signal?.throwIfAborted();
      if (this.failure) throw this.failure;
      onBytes?.(bytes?.length ?? 0);
      return bytes;
    } finally {
      this.running--;
    }
  }
}

function aborted(signal?: AbortSignal): Promise<void> | undefined {
  if (signal === undefined) return undefined;
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

async function cacheOf(
  fills: number[],
  options: ObjectCacheOptions = {},
  local: MemoryStore | RecentChunks = new MemoryStore(),
) {
  const remote = new Remote();
  for (const fill of fills) await remote.put(hashOf(fill), chunk(fill));
  const events: string[] = [];
  const cache = new ObjectCache(local, remote, {
    ...options,
    onEvent: ({ type }) => events.push(type),
  });
  return { cache, remote, local, events };
}

Deno.test("what is missing is fetched once, kept and answered", async () => {
  const { cache, remote, local, events } = await cacheOf([1]);
  assertEquals(await cache.get(hashOf(1)), chunk(1));
  assertEquals(await cache.get(hashOf(1)), chunk(1));
  assert(await local.has(hashOf(1)));
  assertEquals(remote.reads.length, 1);
  assertEquals(events, ["miss", "fetched", "hit"]);
});

Deno.test("callers at the same moment share one fetch", async () => {
  const { cache, remote } = await cacheOf([1]);
  await Promise.all(Array.from({ length: 5 }, () => cache.get(hashOf(1))));
  assertEquals(remote.reads.length, 1);
});

Deno.test("what is not there either is not held", async () => {
  const { cache, events } = await cacheOf([]);
  assertEquals(await cache.get(hashOf(1)), undefined);
  assert(!await cache.has(hashOf(1)));
  assertEquals(events, ["miss", "absent"]);
});

Deno.test("wrong bytes are neither kept nor given", async () => {
  const { cache, remote, local } = await cacheOf([1]);
  remote.lie = chunk(9);
  await assertRejects(() => cache.get(hashOf(1)), HashMismatchError);
  assert(!await local.has(hashOf(1)));
});

Deno.test("what is out of reach is an error of its own, and not asked for again at once", async () => {
  class Unavailable extends Error {}
  const { cache, remote } = await cacheOf([1], {
    unavailable: (cause) => new Unavailable(cause.message),
  });
  remote.failure = new PeerClosedError("gone");
  await assertRejects(() => cache.get(hashOf(1)), Unavailable, "gone");
  await assertRejects(() => cache.get(hashOf(2)), Unavailable, "gone");
  assertEquals(remote.reads.length, 1);
  const prepared = cache.prepare([hashOf(3)], {});
  await assertRejects(() => prepared.next(), Unavailable);
});

Deno.test("prepare fetches several at once, in order, and tells what is not there", async () => {
  const { cache, remote } = await cacheOf([1, 2, 4, 5, 6, 7]);
  const hashes = [1, 2, 3, 4, 5, 6, 7].map((fill) => hashOf(fill));
  const held = await Array.fromAsync(cache.prepare(hashes, {}));
  assertEquals(held, [true, true, false, true, true, true, true]);
  assert(remote.most > 1);
  for (const fill of [1, 2, 4]) {
    assertEquals(await cache.get(hashOf(fill)), chunk(fill));
  }
  assertEquals(remote.reads.length, 7);
});

Deno.test("prepare takes one turn of its session for all, and gives it back", async () => {
  const { cache } = await cacheOf([1, 2, 3]);
  const requests = new Semaphore(1);
  const hashes = [1, 2, 3].map((fill) => hashOf(fill));
  await Array.fromAsync(cache.prepare(hashes, { requests }));
  assertEquals(requests.used, 0);
  await Array.fromAsync(cache.prepare(hashes, { requests }));
});

Deno.test("no more bytes are fetched at once than there may be", async () => {
  const { cache, remote } = await cacheOf([1, 2, 3, 4], { maxBytes: 250 });
  const gate = Promise.withResolvers<void>();
  remote.gate = gate.promise;
  let done = 0;
  const all = [1, 2, 3, 4].map((fill) =>
    cache.get(hashOf(fill)).then(() => done++)
  );
  gate.resolve();
  await Promise.all(all);
  assertEquals(done, 4);
});

Deno.test("a fetch that nobody waits for any more is given up", async () => {
  const { cache, remote } = await cacheOf([1]);
  remote.gate = new Promise(() => {});
  const caller = new AbortController();
  const { signal } = caller;
  const reading = cache.get(hashOf(1), { signal });
  await Promise.resolve();
  caller.abort(new Error("left"));
  await assertRejects(() => reading, Error, "left");
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(remote.running, 0);
});

Deno.test("a fetch is shown while it runs, and can be cancelled", async () => {
  let cancel = (_reason: unknown) => {};
  const shown: string[] = [];
  const owner = new Uint8Array(32).fill(7);
  let isOwn = (_key: Uint8Array) => false;
  const { cache, remote } = await cacheOf([1], {
    begin(_hash, cancelled, isOwnedBy) {
      cancel = cancelled;
      isOwn = isOwnedBy;
      return {
        update: (received, total) => shown.push(`${received}/${total}`),
        end: () => shown.push("end"),
      };
    },
  });
  remote.gate = new Promise(() => {});
  const reading = cache.get(hashOf(1), { publicKey: owner });
  await new Promise((resolve) => setTimeout(resolve));
  assert(isOwn(owner) && !isOwn(new Uint8Array(32)));
  cancel(new StoreError("cancelled"));
  await assertRejects(() => reading, StoreError, "cancelled");
  assertEquals(shown, ["0/100", "end"]);
});

Deno.test("a local store that takes nothing is bypassed", async () => {
  class Full extends MemoryStore {
    override put(): Promise<void> {
      return Promise.reject(new StoreError("full"));
    }
  }
  const { cache, remote, events } = await cacheOf([1], {}, new Full());
  const prepared = await Array.fromAsync(cache.prepare([hashOf(1)], {}));
  assertEquals(prepared, [true]);
  assertEquals(await cache.get(hashOf(1)), chunk(1));
  assertEquals(remote.reads.length, 1);
  assert(events.includes("local_failed"));
});

Deno.test("has asks for what is not here", async () => {
  const { cache, remote } = await cacheOf([1, 2]);
  await cache.get(hashOf(1));
  const hashes = [1, 2, 3].map((fill) => hashOf(fill));
  assertEquals(await cache.hasEach(hashes), [true, true, false]);
  assertEquals(remote.reads.length, 1);
});
