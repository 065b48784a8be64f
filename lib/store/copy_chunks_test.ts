import { assertEquals } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import { copyChunks } from "./copy_chunks.ts";
import { DiskStore } from "./disk_store.ts";
import { PlainStore } from "./plain_store.ts";
import { makeTempDir, patternBytes } from "./testing/temp_tree.ts";

const CHUNKS = [10, 2000, 300_000, 5_000_000].map((length, index) => {
  const bytes = patternBytes(length, index);
  return { hash: blake3(bytes), bytes };
});
const BYTES = CHUNKS.reduce((sum, { bytes }) => sum + bytes.length, 0);

async function filled(path: string): Promise<DiskStore> {
  const store = await DiskStore.open(path);
  for (const { hash, bytes } of CHUNKS) await store.put(hash, bytes);
  return store;
}

Deno.test("chunks are copied out of a store and into another", async () => {
  using temp = makeTempDir();
  await using store = await filled(`${temp.path}/store`);
  await using plain = await PlainStore.open(`${temp.path}/plain`);
  await using other = await DiskStore.open(`${temp.path}/other`);
  const options = { atOnce: 3, isMissing: () => true };
  const all = { chunks: CHUNKS.length, bytes: BYTES };
  const none = { chunks: 0, bytes: 0 };
  const out = await copyChunks(store, plain, store.hashes(), options);
  assertEquals(out, { copied: all, present: none, missing: [] });
  const back = await copyChunks(plain, other, plain.hashes(), options);
  assertEquals(back, { copied: all, present: none, missing: [] });
  for (const { hash, bytes } of CHUNKS) {
    assertEquals(await other.get(hash), bytes);
  }
});

Deno.test("what is there and right is not written again, what is damaged is", async () => {
  using temp = makeTempDir();
  await using store = await filled(`${temp.path}/store`);
  await using plain = await PlainStore.open(`${temp.path}/plain`);
  const options = { atOnce: 2, isMissing: () => true };
  await copyChunks(store, plain, store.hashes(), options);
  const fileOf = (index: number) =>
    `${temp.path}/plain/blob/${toHex(CHUNKS[index].hash)}`;
  const { ino } = Deno.lstatSync(fileOf(0));
  Deno.truncateSync(fileOf(1), 5);
  Deno.removeSync(fileOf(2));
  const { copied, present } = await copyChunks(
    store,
    plain,
    store.hashes(),
    options,
  );
  assertEquals(copied, { chunks: 2, bytes: 302_000 });
  assertEquals(present.chunks, 2);
  assertEquals(Deno.lstatSync(fileOf(0)).ino, ino);
});

Deno.test("what a reference names and is not there is missing, what vanished meanwhile is not", async () => {
  using temp = makeTempDir();
  await using store = await filled(`${temp.path}/store`);
  await using plain = await PlainStore.open(`${temp.path}/plain`);
  const [gone, damaged] = CHUNKS;
  const dat = `${store.directoryOf(damaged.hash)}/v0000000001/dat`;
  Deno.writeTextFileSync(dat, "");
  await store.delete(gone.hash);
  const hashes = CHUNKS.map(({ hash }) => hash);
  const listed = await copyChunks(store, plain, hashes, {
    atOnce: 2,
    isMissing: (hash) => store.hasTrace(hash),
  });
  const all = await copyChunks(store, plain, hashes, {
    atOnce: 2,
    isMissing: () => true,
  });
  assertEquals(
    all.missing,
    [gone, damaged].map(({ hash }) => toHex(hash)).sort(),
  );
  assertEquals(listed.missing, [toHex(damaged.hash)]);
  assertEquals(all.present.chunks, 2);
});

Deno.test("of a far place that tells what it has nothing is read, and nothing of what it has is read here", async () => {
  using temp = makeTempDir();
  await using store = await filled(`${temp.path}/store`);
  const [there] = CHUNKS;
  const asked: string[] = [];
  const put: string[] = [];
  const far = {
    isThere: (hash: Uint8Array) => {
      asked.push(toHex(hash));
      return Promise.resolve(toHex(hash) === toHex(there.hash));
    },
    put: (hash: Uint8Array) => Promise.resolve(void put.push(toHex(hash))),
    has: () => Promise.reject(new Error("asked twice")),
    get: () => Promise.reject(new Error("read")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { copied, present, missing } = await copyChunks(
    store,
    far,
    CHUNKS.map(({ hash }) => hash),
    { atOnce: 2, isMissing: () => true },
  );
  const names = CHUNKS.map(({ hash }) => toHex(hash));
  assertEquals([asked, missing], [names, []]);
  assertEquals(put.sort(), names.slice(1).sort());
  assertEquals(present, { chunks: 1, bytes: there.bytes.length });
  assertEquals(copied.bytes, BYTES - there.bytes.length);
});
