import { assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { PeerClosedError } from "../errors.ts";
import type { Session } from "../mesh/mod.ts";
import { MemoryStore } from "../store/mod.ts";
import { ChunkFetcher } from "./chunk_fetcher.ts";
import { type NodeEvent, serveNode } from "./serve_node.ts";
import { pattern } from "./testing/fixture.ts";
import { memorySessionPair } from "./testing/memory_session.ts";

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

  /** Attaches a client. */
  attach(asHolder = (session: Session) => session): Session {
    const [client, holder] = memorySessionPair();
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

Deno.test("serveNode answers every peer until the node ends, and says who came and went", async () => {
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
