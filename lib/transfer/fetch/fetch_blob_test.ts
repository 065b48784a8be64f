import { assertEquals, assertRejects } from "@std/assert";
import { equals } from "@std/bytes/equals";
import {
  blake3,
  type BlobRef,
  encodeDirManifest,
  makeManifest,
  makeSmall,
  REPLICATED,
  SEND_URI,
} from "../../content/mod.ts";
import { HashMismatchError, NotFoundError, RefError } from "../../errors.ts";
import { CHUNK_MAX, CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { previewBlob } from "./preview_fetch.ts";
import { fetchBlobStream } from "./fetch_blob_stream.ts";
import type { ProgressEvent } from "./progress.ts";
import {
  connect,
  connectTo,
  inTempDir,
  pattern,
  respond,
  settle,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";

/** Fetches into a file and as a stream, and compares both with the payload. */
async function assertArrives(
  store: MemoryStore,
  ref: BlobRef,
  payload: Uint8Array,
): Promise<void> {
  await using connection = connect(store);
  const { session } = connection;
  await inTempDir(async (dir) => {
    const out = `${dir}/out.bin`;
    const result = await fetchBlob(session, ref, out);
    assertSame(await Deno.readFile(out), payload);
    assertEquals(result.bytes, BigInt(payload.length));
    assertEquals(result.bytesFetched, BigInt(payload.length));
  });
  const stream = fetchBlobStream(session, ref);
  assertSame(await new Response(stream as BodyInit).bytes(), payload);
  assertEquals(session.open, 0, "no stream is left open");
}

/** `assertEquals` is too slow for megabytes. */
function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assertEquals(blake3(actual), blake3(expected));
}

for (const size of [0, 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE]) {
  Deno.test(`fetchBlob and fetchBlobStream bring ${size} bytes`, async () => {
    await using store = new MemoryStore();
    const payload = pattern(size, size);
    await assertArrives(store, await storePayload(store, payload), payload);
  });
}

Deno.test("fetchBlob and fetchBlobStream bring a Tree of several leaves", async () => {
  await using store = new MemoryStore();
  const payload = pattern(9_800_001);
  const ref = await storeTree(store, payload, 70_000);
  assertEquals(ref.depth, 2);
  await assertArrives(store, ref, payload);
});

Deno.test("fetchBlob and fetchBlobStream bring a bare hash, whatever its size", async () => {
  await using store = new MemoryStore();
  const payload = pattern(100_000);
  await storePayload(store, payload);
  await assertArrives(store, makeSmall("", blake3(payload), 0n), payload);
});

Deno.test("fetchBlob brings a blob whose chunks are all the same", async () => {
  await using store = new MemoryStore();
  const payload = new Uint8Array(3 * CHUNK_SIZE).fill(7);
  await assertArrives(store, await storePayload(store, payload), payload);
});

Deno.test("fetchBlob brings a file with the longest name there is", async () => {
  await using store = new MemoryStore();
  const ref = await storePayload(store, pattern(1000));
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/${"n".repeat(255)}`;
    await fetchBlob(connection.session, ref, out);
    assertSame(await Deno.readFile(out), pattern(1000));
  });
});

Deno.test("fetchBlob reports progress that begins, grows and ends", async () => {
  await using store = new MemoryStore();
  const payload = pattern(CHUNK_SIZE + 5);
  const ref = await storePayload(store, payload);
  await using connection = connect(store);
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => void events.push(event);
  await inTempDir(async (dir) => {
    await fetchBlob(connection.session, ref, `${dir}/out`, { onProgress });
  });
  const total = BigInt(payload.length);
  assertEquals(events[0], { type: "start", totalBytes: total });
  const fetched = events.flatMap((event) =>
    event.type === "bytes" ? [event.fetched] : []
  );
  assertEquals(fetched.at(-1), total);
  assertEquals(fetched, [...fetched].sort((a, b) => a < b ? -1 : 1));
  assertEquals(fetched.length < 60, true, "not one event per packet");
  const done = events.at(-1);
  assertEquals(done?.type === "done" && done.bytes, total);
});

Deno.test("fetchBlob refuses one chunk that is too long to be transferred", async () => {
  await using connection = connect(new MemoryStore());
  const { session } = connection;
  const ref = makeSmall("", new Uint8Array(32), BigInt(CHUNK_MAX + 1));
  await assertRejects(() => fetchBlob(session, ref, "/nowhere/x"), RefError);
  assertEquals(session.opened, 0);
});

Deno.test("fetchBlob names the chunk that the holder lacks, and keeps the target", async () => {
  await using store = new MemoryStore();
  const payload = pattern(CHUNK_SIZE + 1);
  const ref = await storePayload(new MemoryStore(), payload);
  await storePayload(store, payload.subarray(0, CHUNK_SIZE));
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await Deno.writeTextFile(out, "old");
    const error = await assertRejects(
      () => fetchBlob(connection.session, ref, out, { fsync: false }),
      NotFoundError,
    ) as NotFoundError;
    assertEquals(error.fields.chunk, 1);
    assertEquals(await Deno.readTextFile(out), "old");
  });
  assertEquals(connection.session.open, 0);
});

for (const alsoMissing of [false, true]) {
  const name = alsoMissing
    ? "fetchBlob tells of the first missing chunk in order, not in time"
    : "fetchBlob writes the chunks before a missing one that were asked for, and waits for none behind it";
  Deno.test(name, async () => {
    await using store = new MemoryStore();
    const payload = pattern(4000);
    const ref = await storeTree(store, payload, 1000);
    const hashes = [0, 1, 2, 3].map((i) =>
      toHex(blake3(payload.subarray(i * 1000, (i + 1) * 1000)))
    );
    await using connection = connectTo(async (request, stream) => {
      const hash = request.kind === "get" ? request.hash : new Uint8Array();
      const index = hashes.indexOf(toHex(hash));
      if (index === 3) return;
      if (index === 1) await settle();
      const missing = index === 2 || index === 1 && alsoMissing;
      await respond(stream, missing ? undefined : await store.get(hash));
    });
    await inTempDir(async (dir) => {
      const error = await assertRejects(
        () => fetchBlob(connection.session, ref, `${dir}/out`),
        NotFoundError,
      ) as NotFoundError;
      assertEquals(error.fields.chunk, alsoMissing ? 1 : 2);
      const kept = payload.slice(0, alsoMissing ? 1000 : 2000);
      assertEquals(await Deno.readFile(`${dir}/out.partial`), kept);
    });
    assertEquals(connection.session.open, 0);
  });
}

Deno.test("fetchBlob and fetchBlobStream tell which chunk has wrong bytes", async () => {
  const good = pattern(CHUNK_SIZE);
  const goodHash = blake3(good);
  const bad = Uint8Array.of(9);
  const ref = makeManifest("", REPLICATED, [
    { hash: goodHash, size: good.length },
    { hash: blake3(Uint8Array.of(8)), size: 1 },
  ]);
  await using connection = connectTo((request, stream) => {
    const first = request.kind === "get" && equals(request.hash, goodHash);
    return respond(stream, first ? good : bad);
  });
  const { session } = connection;
  await inTempDir(async (dir) => {
    const fetching = fetchBlob(session, ref, `${dir}/out`);
    const error = await assertRejects(() => fetching, HashMismatchError);
    assertEquals((error as HashMismatchError).fields.chunk, 1);
  });
  const reader = fetchBlobStream(session, ref).getReader();
  const first = await reader.read();
  assertSame(first.value ?? new Uint8Array(), good);
  const error = await assertRejects(() => reader.read(), HashMismatchError);
  assertEquals((error as HashMismatchError).fields.chunk, 1);
  assertEquals(session.open, 0);
});

Deno.test("fetchBlob keeps what it asked for within its budget", async () => {
  await using store = new MemoryStore();
  const ref = await storePayload(store, new Uint8Array(6 * CHUNK_SIZE));
  await using connection = connect(store);
  const registry = new TransferRegistry();
  let peak = 0;
  await inTempDir(async (dir) => {
    await fetchBlob(connection.session, ref, `${dir}/out`, {
      inflightBytes: 2 * CHUNK_SIZE,
      registry,
      onProgress: () => peak = Math.max(peak, registry.list().length),
    });
  });
  assertEquals(peak <= 2, true, `${peak} chunks were in flight`);
  assertEquals(registry.list(), []);
});

Deno.test("fetchBlob ends at once when its signal aborts, with nothing left behind", async () => {
  const ref = makeSmall("", new Uint8Array(32), 1000n);
  await using connection = connectTo(() => {});
  const { session } = connection;
  const controller = new AbortController();
  const { signal } = controller;
  await inTempDir(async (dir) => {
    const fetching = fetchBlob(session, ref, `${dir}/out`, { signal });
    while (session.open === 0) await new Promise((r) => setTimeout(r, 1));
    controller.abort(new Error("enough"));
    await assertRejects(() => fetching, Error, "enough");
    await assertRejects(() => Deno.stat(`${dir}/out`), Deno.errors.NotFound);
  });
  assertEquals(session.open, 0);
});

Deno.test("fetchBlobStream fetches nothing before the first read and stops when cancelled", async () => {
  await using store = new MemoryStore();
  const ref = await storePayload(store, pattern(3 * CHUNK_SIZE));
  await using connection = connect(store);
  const { session } = connection;
  const stream = fetchBlobStream(session, ref, { inflightBytes: CHUNK_SIZE });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(session.opened, 0);
  const reader = stream.getReader();
  await reader.read();
  assertEquals(session.opened, 1, "one chunk is all the budget allows");
  await reader.cancel();
  assertEquals(session.open, 0);
});

Deno.test("fetchBlobStream fails with its signal's reason", async () => {
  const ref = makeSmall("", new Uint8Array(32), 1000n);
  await using connection = connectTo(() => {});
  const controller = new AbortController();
  const { signal } = controller;
  const stream = fetchBlobStream(connection.session, ref, { signal });
  const reading = stream.getReader().read();
  controller.abort(new Error("enough"));
  await assertRejects(() => reading, Error, "enough");
  assertEquals(connection.session.open, 0);
});

Deno.test("TransferRegistry shows a fetch while it runs and cancels it by id", async () => {
  const hash = new Uint8Array(32).fill(3);
  await using connection = connectTo((_request, stream) => {
    stream.write(encodeResponseHeader(1000));
    stream.write(new Uint8Array(600));
  });
  const registry = new TransferRegistry();
  const ref = makeSmall("", hash, 0n);
  const stream = fetchBlobStream(connection.session, ref, { registry });
  const reading = stream.getReader().read();
  const refused = assertRejects(() => reading, Error, "was cancelled");
  while (registry.list().every((row) => row.totalBytes === undefined)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const [row] = registry.list();
  assertEquals(row.transferId, (1n << 61n) + 1n);
  assertEquals(row.peer, connection.session.remote.nodeId);
  assertEquals([row.hash, row.totalBytes], [hash, 1000]);
  assertEquals(registry.status(row.transferId), row);
  assertEquals(registry.cancel(row.transferId), true);
  assertEquals(registry.cancel(row.transferId), false);
  await refused;
  assertEquals(registry.list(), []);
});

Deno.test("fetchBlob brings the manifest of a directory, and says that it is one", async () => {
  await using store = new MemoryStore();
  const payload = encodeDirManifest({
    version: 1,
    entries: [{ path: "a", kind: { type: "dir", mode: 0o755 } }],
  });
  const hash = blake3(payload);
  await store.put(hash, payload);
  await using connection = connect(store);
  const uris = [`mesh://${toHex(hash)}`, SEND_URI];
  await inTempDir(async (dir) => {
    const warned: number[] = [];
    for (const uri of uris) {
      const out = `${dir}/out`;
      const ref = makeSmall(uri, hash, payload.length);
      const { warnings } = await fetchBlob(connection.session, ref, out);
      warned.push(warnings.filter((text) => text.includes("recv-dir")).length);
      assertEquals(await Deno.readFile(out), payload);
    }
    assertEquals(warned, [1, 0]);
  });
});

Deno.test("fetchBlob fetches no chunk that the old file has, and leaves an equal file in place", async () => {
  await using store = new MemoryStore();
  await using connection = connect(store);
  const { session } = connection;
  const payload = pattern(3 * CHUNK_SIZE + 5, 1);
  const ref = await storePayload(store, payload);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await fetchBlob(session, ref, out);
    const { ino } = await Deno.lstat(out);
    const would = await previewBlob(session, ref, out);
    assertEquals([would.bytesToFetch, would.replaces], [0n, false]);
    assertEquals(would.bytesReused, BigInt(payload.length));
    for (const fsync of [false, true]) {
      const { bytesFetched, bytesReused, bytes } = await fetchBlob(
        session,
        ref,
        out,
        { fsync },
      );
      assertEquals([bytesFetched, bytesReused], [0n, bytes]);
      assertEquals((await Deno.lstat(out)).ino, ino);
    }
    const changed = new Uint8Array(payload.length + 7);
    changed.set(payload);
    changed[CHUNK_SIZE] ^= 1;
    const next = await storePayload(store, changed);
    const result = await fetchBlob(session, next, out);
    assertEquals(result.bytesFetched, BigInt(CHUNK_SIZE + 12));
    assertEquals(result.bytesReused, BigInt(2 * CHUNK_SIZE));
    assertSame(await Deno.readFile(out), changed);
    assertEquals([...Deno.readDirSync(dir)].length, 1);
  });
});
