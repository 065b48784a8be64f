import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { PeerClosedError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { MemoryStore, type ReadContext } from "../../store/mod.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { encodeRequest } from "../protocol/request.ts";
import { ServeMemory } from "./serve_memory.ts";
import { type NodeEvent, serveNode } from "./serve_node.ts";
import { pattern, settle } from "../testing/fixture.ts";
import { type CountedSession, sessionPair } from "../testing/session_pair.ts";

const CHUNK = pattern(1000);
const HASH = blake3(CHUNK);

async function storeOfOne(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put(HASH, CHUNK);
  return store;
}

/** What a node is to serveNode: sessions that arrive until `end`. */
class Sessions {
  #push!: (session: Session) => void;
  #close!: () => void;
  readonly #stream = new ReadableStream<Session>({
    start: (controller) => {
      this.#push = (session) => controller.enqueue(session);
      this.#close = () => controller.close();
    },
  });

  /** All that attached. */
  readonly clients: CountedSession[] = [];

  readonly holders: CountedSession[] = [];

  /** Attaches a client. */
  attach(asHolder = (session: Session) => session): CountedSession {
    const [client, holder] = sessionPair();
    this.clients.push(client);
    this.holders.push(holder);
    this.#push(asHolder(holder));
    return client;
  }

  end(): void {
    this.#close();
  }

  sessions(): AsyncIterable<Session> {
    return this.#stream;
  }
}

async function fetchChunk(session: Session): Promise<Uint8Array> {
  return await new ChunkFetcher(session).fetchChunk(HASH);
}

Deno.test("serveNode serves every peer until the node ends, and tells which came and went", async () => {
  await using store = await storeOfOne();
  const node = new Sessions();
  const seen: NodeEvent["type"][] = [];
  const served = serveNode(node, store, {
    onEvent: ({ type }) => seen.push(type),
  });
  const first = node.attach();
  const second = node.attach();
  assertEquals(await fetchChunk(first), CHUNK);
  assertEquals(await fetchChunk(second), CHUNK);
  await first.close();
  await second.close();
  node.end();
  await served;
  const count = (type: NodeEvent["type"]) =>
    seen.filter((other) => other === type).length;
  assertEquals(
    [count("attached"), count("answered"), count("detached")],
    [2, 2, 2],
  );
});

Deno.test("serveNode tells the store for whom it reads, with a bound of its own for each session", async () => {
  await using store = await storeOfOne();
  const contexts: ReadContext[] = [];
  const { get } = store;
  store.get = (hash, context?: ReadContext) => {
    contexts.push(context!);
    return get.call(store, hash);
  };
  const node = new Sessions();
  const holders: Session[] = [];
  const served = serveNode(node, store);
  for (let i = 0; i < 2; i++) {
    const client = node.attach((holder) => {
      holders.push(holder);
      return holder;
    });
    await fetchChunk(client);
    await fetchChunk(client);
    await client.close();
  }
  node.end();
  await served;
  assertEquals(
    contexts.map(({ publicKey }) => publicKey),
    [0, 0, 1, 1].map((i) => holders[i].remote.publicKey),
  );
  const bounds = contexts.map(({ requests }) => requests);
  assert(bounds[0] !== undefined && bounds[0] === bounds[1]);
  assert(bounds[2] !== bounds[0] && bounds[2] === bounds[3]);
});

Deno.test("serveNode goes on with the others when one session fails", async () => {
  await using store = await storeOfOne();
  const node = new Sessions();
  const failures: unknown[] = [];
  const served = serveNode(node, store, {
    onEvent: (event) => {
      if (event.type === "peer_failed") failures.push(event.error);
    },
  });
  const failure = new Error("the session is broken");
  const broken = node.attach((holder) =>
    Object.assign(holder, {
      incomingStreams() {
        throw failure;
      },
    })
  );
  await broken.closed;
  const good = node.attach();
  assertEquals(await fetchChunk(good), CHUNK);
  await good.close();
  node.end();
  await served;
  assertEquals(failures, [failure]);
});

Deno.test("serveNode closes its sessions when a signal ends it", async () => {
  await using store = await storeOfOne();
  for (const name of ["signal", "drain"] as const) {
    const node = new Sessions();
    const controller = new AbortController();
    const served = serveNode(node, store, { [name]: controller.signal });
    const client = node.attach();
    assertEquals(await fetchChunk(client), CHUNK);
    controller.abort();
    await served;
    await client.closed;
    await assertRejects(() => fetchChunk(client), PeerClosedError);
  }
});

Deno.test("serveNode keeps the chunks of all its peers within one bound, and those that read are served", async () => {
  await using store = new MemoryStore();
  const chunk = pattern(CHUNK_SIZE);
  const hash = blake3(chunk);
  await store.put(hash, chunk);
  const node = new Sessions();
  const memory = new ServeMemory({
    maxBytes: 3 * CHUNK_SIZE + 1,
    reserveBytes: 1,
    stallMs: 50,
  });
  let peak = 0;
  const served = serveNode(node, store, {
    memory,
    onEvent: () => peak = Math.max(peak, memory.used),
  });
  // Each asks for more than the whole bound, and reads nothing.
  for (let i = 0; i < 4; i++) {
    const session = node.attach();
    for (let j = 0; j < 4; j++) {
      const stream = await session.openStream();
      await stream.write(encodeRequest({ kind: "get", hash }));
      stream.finish();
    }
  }
  await settle();
  assert(memory.used <= 3 * CHUNK_SIZE, `${memory.used} bytes`);
  const reader = new ChunkFetcher(node.attach());
  for (let read = 0; read < 3; read++) await reader.fetchChunk(hash);
  assert(peak <= 3 * CHUNK_SIZE, `${peak} bytes`);
  const reset = node.holders.flatMap(({ accepted }) => accepted)
    .map(({ send }) => send.resetCode).filter((code) => code !== undefined);
  assertEquals(reset, [], "those that read later are served later");
  node.end();
  for (const session of node.clients) await session.close();
  await served;
  assertEquals(memory.used, 0);
});
