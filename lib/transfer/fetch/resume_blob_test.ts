import { assertEquals, assertRejects } from "@std/assert";
import { blake3, type BlobRef, makeSmall } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  connect,
  connectTo,
  inTempDir,
  pattern,
  respond,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { fetchBlob } from "./fetch_blob.ts";
import type { ProgressEvent } from "./progress.ts";

/** A holder that notes which chunks it is asked for. */
function countingHolder(store: MemoryStore) {
  const asked: string[] = [];
  const connection = connectTo(async (request, stream) => {
    if (request.kind !== "get") return;
    asked.push(toHex(request.hash));
    await respond(stream, await store.get(request.hash));
  });
  return { asked, connection };
}

const names = (dir: string) => [...Deno.readDirSync(dir)].map((e) => e.name);

/** Content under a reference, and the length of its chunks. */
interface Case {
  what: string;
  store(store: MemoryStore, payload: Uint8Array): Promise<BlobRef>;
  size: number;
  chunk: number;
}

const CASES: Case[] = [
  {
    what: "of many chunks",
    store: storePayload,
    size: 3 * CHUNK_SIZE + 7,
    chunk: CHUNK_SIZE,
  },
  {
    what: "that is a Tree",
    store: (store, payload) => storeTree(store, payload, 1000),
    size: 20_500,
    chunk: 1000,
  },
  { what: "of one chunk", store: storePayload, size: 500, chunk: 500 },
  {
    what: "known by its hash alone",
    store: async (store, payload) => {
      await storePayload(store, payload);
      return makeSmall("", blake3(payload), 0n);
    },
    size: 500,
    chunk: 500,
  },
];

for (const { what, store: publish, size, chunk } of CASES) {
  Deno.test(`fetchBlob asks for no chunk of a blob ${what} that an earlier run left`, async () => {
    await using store = new MemoryStore();
    const payload = pattern(size);
    const ref = await publish(store, payload);
    const count = Math.ceil(size / chunk);
    for (const wrong of [-1, 0, count - 1]) {
      const left = payload.slice();
      if (wrong >= 0) left[wrong * chunk] ^= 1;
      const { asked, connection } = countingHolder(store);
      await using _ = connection;
      await inTempDir(async (dir) => {
        await Deno.writeFile(`${dir}/out.partial`, left);
        const result = await fetchBlob(connection.session, ref, `${dir}/out`);
        assertEquals(
          blake3(await Deno.readFile(`${dir}/out`)),
          blake3(payload),
        );
        assertEquals(names(dir), ["out"]);
        for (let i = 0; i < count; i++) {
          const hash = blake3(payload.subarray(i * chunk, (i + 1) * chunk));
          assertEquals(asked.includes(toHex(hash)), i === wrong, `chunk ${i}`);
        }
        const fetched = wrong < 0 ? 0 : Math.min(chunk, size - wrong * chunk);
        assertEquals(result.bytesFetched, BigInt(fetched));
        assertEquals(result.bytesReused, BigInt(size - fetched));
        assertEquals(result.resumed, size > fetched);
      });
    }
  });
}

Deno.test("fetchBlob goes on at another holder, and begins its progress with what is there", async () => {
  await using store = new MemoryStore();
  const payload = pattern(4 * CHUNK_SIZE);
  const ref = await storePayload(store, payload);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await using half = new MemoryStore();
    await storePayload(half, payload.subarray(0, 2 * CHUNK_SIZE));
    {
      await using first = connect(half);
      await assertRejects(
        () => fetchBlob(first.session, ref, out),
        TransferError,
      );
    }
    const { asked, connection } = countingHolder(store);
    await using _ = connection;
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => void events.push(event);
    await fetchBlob(connection.session, ref, out, { onProgress });
    assertEquals(asked.length, 2);
    const there = BigInt(2 * CHUNK_SIZE);
    const checking = events.filter((event) =>
      event.type === "stage" && event.stage === "checking"
    );
    assertEquals(checking[0], {
      type: "stage",
      stage: "checking",
      bytes: there,
      totalBytes: there,
    });
    const start = events.findIndex(({ type }) => type === "start");
    assertEquals(start, checking.length);
    assertEquals(events[start], {
      type: "start",
      totalBytes: 2n * there,
      bytes: there,
    });
    const done = events.flatMap((event) =>
      event.type === "bytes" ? [event.fetched + (event.copied ?? 0n)] : []
    );
    assertEquals(done.every((bytes) => bytes > there), true);
    assertEquals(done.at(-1), 2n * there);
  });
});

Deno.test("fetchBlob without resume fetches everything again", async () => {
  await using store = new MemoryStore();
  const payload = pattern(CHUNK_SIZE + 5);
  const ref = await storePayload(store, payload);
  const { asked, connection } = countingHolder(store);
  await using _ = connection;
  await inTempDir(async (dir) => {
    await Deno.writeFile(`${dir}/out.partial`, payload);
    const how = { resume: false };
    const { resumed } = await fetchBlob(
      connection.session,
      ref,
      `${dir}/out`,
      how,
    );
    assertEquals([asked.length, resumed], [2, false]);
  });
});
