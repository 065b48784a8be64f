/**
 * Peers that take or get a few hundred bytes in a second are slow, not gone: what
 * moves is never ended, and what they hold is lent to whom can use it.
 */

import { assert, assertEquals } from "@std/assert";
import { blake3, makeSmall } from "../content/mod.ts";
import {
  CHUNK_SIZE,
  GET_MANY_MAX,
  REQUEST_TIMEOUT_MS,
  SERVE_BYTES,
} from "../limits.ts";
import { MemoryStore } from "../store/mod.ts";
import type { Session } from "../mesh/mod.ts";
import { ChunkFetcher } from "./ask/chunk_fetcher.ts";
import { fetchBlobStream } from "./fetch/fetch_blob_stream.ts";
import { encodeRequest } from "./protocol/request.ts";
import type { HolderEvent } from "./serve/holder_event.ts";
import { ServeMemory } from "./serve/serve_memory.ts";
import { serveSession } from "./serve/serve_session.ts";
import { CLIENT, HOLDER } from "./testing/announced.ts";
import { pattern } from "./testing/fixture.ts";
import { VirtualTime } from "./testing/virtual_time.ts";

/** A window so small that its reader decides how fast it gets anything. */
const TINY = { ...CLIENT, initialMaxStreamData: 2048 };

const FAST = { delay: 5 };
const HOUR = 3_600_000;

/** A holder of chunks, and what went wrong with its responses. */
class Holder {
  readonly store = new MemoryStore();
  readonly memory: ServeMemory;
  readonly failures: unknown[] = [];

  constructor(maxBytes?: number) {
    this.memory = new ServeMemory({ maxBytes });
  }

  async put(bytes: Uint8Array): Promise<Uint8Array> {
    const hash = blake3(bytes);
    await this.store.put(hash, bytes);
    return hash;
  }

  serve(session: Session): void {
    const onEvent = (event: HolderEvent) => {
      if (event.type === "failed") this.failures.push(event.error);
    };
    const { memory } = this;
    serveSession(session, this.store, { memory, onEvent });
  }
}

/** Asks for a chunk and reads so many bytes in each second; gives what it read. */
async function takeSlowly(
  session: Session,
  hash: Uint8Array,
  bytesPerSecond: number,
  onBytes: (count: number) => void = () => {},
): Promise<number> {
  const stream = await session.openStream();
  await stream.write(encodeRequest({ kind: "get", hash }));
  stream.finish();
  let taken = 0;
  for (const target = new Uint8Array(bytesPerSecond);;) {
    const count = await stream.read(target, 1);
    if (count === 0) return taken;
    taken += count;
    onBytes(count);
    const ms = 1000 * count / bytesPerSecond;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

for (const rate of [500, 1000]) {
  Deno.test(`a fetch that gets ${rate} bytes in a second is slow, and whole in the end`, async () => {
    using time = new VirtualTime();
    const holder = new Holder();
    const bytes = pattern(100_000);
    const hash = await holder.put(bytes);
    const link = { delay: 50, rate: rate / 1000, queue: 4000 };
    const [client, server] = time.connect(link, CLIENT, HOLDER);
    holder.serve(server);
    const ref = makeSmall("mesh://slow", hash, BigInt(bytes.length));
    const since = time.now;
    const fetched = await time.until(
      new Response(fetchBlobStream(client, ref)).bytes(),
      HOUR,
    );
    assertEquals(fetched, bytes);
    assert(time.now - since > 3 * REQUEST_TIMEOUT_MS);
    assertEquals(holder.failures, []);
  });

  Deno.test(`a request of many hashes that leaves at ${rate} bytes in a second is answered`, async () => {
    using time = new VirtualTime();
    const holder = new Holder();
    const hashes: Uint8Array[] = Array.from(
      { length: GET_MANY_MAX },
      (_, i) => new Uint8Array(32).fill(i),
    );
    hashes[7] = await holder.put(pattern(9));
    const link = { delay: 50, rate: rate / 1000, queue: 2500 };
    const [client, server] = time.connect(link, CLIENT, HOLDER);
    holder.serve(server);
    const since = time.now;
    const have = await time.until(new ChunkFetcher(client).have(hashes), HOUR);
    assertEquals(have.indexOf(true), 7);
    assert(time.now - since > REQUEST_TIMEOUT_MS);
    assertEquals(holder.failures, []);
  });
}

for (const rate of [200, 1000]) {
  Deno.test(`clients that take ${rate} bytes in a second are served to the end, and keep nobody waiting`, async () => {
    using time = new VirtualTime();
    // Room for two chunks, which four slow clients want.
    const holder = new Holder(2 * CHUNK_SIZE + CHUNK_SIZE / 2);
    const slow = await holder.put(pattern(100_000));
    const content = pattern(CHUNK_SIZE);
    const hash = await holder.put(content);
    const taken = [0, 0, 0, 0];
    const slowOnes = taken.map((_, i) => {
      const [client, server] = time.connect(FAST, TINY, HOLDER);
      holder.serve(server);
      return takeSlowly(client, slow, rate, (count) => taken[i] += count);
    });
    const [honest, server] = time.connect(FAST, CLIENT, HOLDER);
    holder.serve(server);
    await time.pass(10_000);
    const ref = makeSmall("mesh://fast", hash, BigInt(content.length));
    for (let fetch = 0; fetch < 5; fetch++) {
      const before = [...taken];
      const since = time.now;
      const response = new Response(fetchBlobStream(honest, ref));
      assertEquals(
        (await time.until(response.bytes(), HOUR)).length,
        CHUNK_SIZE,
      );
      assert(time.now - since < 5000, `it took ${time.now - since} ms`);
      await time.pass(10_000);
      assert(taken.every((count, i) => count > before[i]), taken.join());
    }
    const counts = await time.until(Promise.all(slowOnes), HOUR);
    assertEquals(counts.every((count) => count > 100_000), true);
    assertEquals(holder.failures, []);
    await time.pass(1000);
    assertEquals(holder.memory.used, 0);
  });
}

Deno.test("what slow clients of one session hold has a bound, however many chunks they ask for", async () => {
  using time = new VirtualTime();
  const holder = new Holder();
  const [client, server] = time.connect(FAST, TINY, HOLDER);
  holder.serve(server);
  const asked = [];
  let most = 0;
  for (let i = 0; i < 6; i++) {
    const hash = await holder.put(pattern(CHUNK_SIZE, i));
    asked.push(takeSlowly(client, hash, 500));
  }
  for (let second = 0; second < 20; second++) {
    await time.pass(1000);
    most = Math.max(most, holder.memory.used);
  }
  assert(most > 0 && most <= SERVE_BYTES, `${most} bytes`);
  assertEquals(holder.failures, []);
  const ended = Promise.allSettled(asked);
  await time.until(client.close(), 1000);
  await time.until(ended, 10_000);
  await time.pass(1000);
  assertEquals(holder.memory.used, 0);
});
