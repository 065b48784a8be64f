/** Small requests beside large ones, and the memory that both take. */

import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { CHUNK_SIZE, SERVE_NODE_BYTES } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import type { Request } from "../protocol/request.ts";
import { until } from "../testing/cache.ts";
import { connect, pattern, settle } from "../testing/fixture.ts";
import { send } from "../testing/requests.ts";
import { ServeMemory } from "./serve_memory.ts";

const MISSING: Request = { kind: "get", hash: new Uint8Array(32).fill(1) };

/** A chunk of 4 MiB and one of 1 KiB. */
async function largeAndSmall(): Promise<
  { store: MemoryStore; large: Uint8Array; small: Uint8Array }
> {
  const store = new MemoryStore();
  const [large, small] = [CHUNK_SIZE, 1024].map((size) => pattern(size));
  for (const bytes of [large, small]) await store.put(blake3(bytes), bytes);
  return { store, large: blake3(large), small: blake3(small) };
}

Deno.test("serveSession answers small requests while readers of large chunks stand still", async () => {
  const { store, large, small } = await largeAndSmall();
  await using connection = connect(store);
  const { session } = connection;
  const hashes = [large, small, large];
  await send(session, { kind: "get_many", hashes });
  for (let i = 0; i < 20; i++) {
    await send(session, { kind: "get", hash: large });
  }
  await settle();
  const streams = [
    await send(session, { kind: "get", hash: small }),
    await send(session, {
      kind: "get_range",
      hash: small,
      offset: 0n,
      length: 9n,
    }),
    await send(session, MISSING),
  ];
  const lengths = [1024 + 3, 9 + 2, 1];
  for (const [i, stream] of streams.entries()) {
    const target = new Uint8Array(2000);
    assertEquals(await stream.read(target, lengths[i]), lengths[i]);
  }
});

Deno.test("serveSession answers a small request while other sessions hold all the memory for large ones", async () => {
  const { store, large, small } = await largeAndSmall();
  const memory = new ServeMemory();
  await using stack = new AsyncDisposableStack();
  const attach = () => stack.use(connect(store, { memory })).session;
  for (let i = 0; i < 16; i++) {
    const session = attach();
    for (let j = 0; j < 3; j++) {
      await send(session, { kind: "get", hash: large });
    }
  }
  await settle();
  assert(memory.used <= SERVE_NODE_BYTES, `${memory.used} bytes`);
  const stream = await send(attach(), { kind: "get", hash: small });
  await settle();
  assertEquals(await stream.read(new Uint8Array(2000), 0), 1024 + 3);
});

Deno.test("serveSession takes as much memory as the chunks have", async () => {
  const store = new MemoryStore();
  const hashes: Uint8Array[] = [];
  for (let seed = 0; seed < 10; seed++) {
    const bytes = pattern(1 << 20, seed);
    hashes.push(blake3(bytes));
    await store.put(hashes[seed], bytes);
  }
  const memory = new ServeMemory();
  await using connection = connect(store, { memory });
  for (const hash of hashes) {
    await send(connection.session, { kind: "get", hash });
  }
  // The first shows that its peer takes what it is sent.
  await until(() => memory.used === 8 << 20);
});
