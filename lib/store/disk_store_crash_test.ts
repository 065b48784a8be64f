import { assertEquals } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { toHex } from "../text/hex.ts";
import { DiskStore } from "./disk_store.ts";
import { decodeRecords } from "./store_record.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

const CHUNK = new TextEncoder().encode("what a crash must never change\n");
const HASH = blake3(CHUNK);
const FILES = [
  "manifest",
  "v0000000001/idx",
  "v0000000001/dat",
  "v0000000001/ts",
];

async function putAndCheck(store: DiskStore, what: string): Promise<void> {
  const before = await store.get(HASH);
  if (before !== undefined) assertEquals(before, CHUNK, what);
  try {
    await store.put(HASH, CHUNK);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return;
  }
  assertEquals(await store.get(HASH), CHUNK, `${what}, after storing again`);
}

Deno.test("a chunk cut at any byte of any file is right or not held, and storing it again repairs it", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  const directory = `${temp.path}/dataforts/blob/${toHex(HASH)}`;
  await store.put(HASH, CHUNK);
  for (const name of FILES) {
    const { size } = Deno.statSync(`${directory}/${name}`);
    for (let length = 0; length < size; length++) {
      Deno.truncateSync(`${directory}/${name}`, length);
      const before = await store.get(HASH);
      if (before !== undefined) assertEquals(before, CHUNK);
      await store.put(HASH, CHUNK);
      assertEquals(await store.get(HASH), CHUNK, `${name} cut to ${length}`);
      assertEquals(await store.has(HASH), true);
      Deno.removeSync(directory, { recursive: true });
      await store.put(HASH, CHUNK);
    }
    Deno.removeSync(`${directory}/${name}`);
    await store.put(HASH, CHUNK);
    assertEquals(await store.get(HASH), CHUNK, `${name} removed`);
  }
});

Deno.test("a chunk with any bit changed in any file is right or not held, and storing it again repairs or reports it", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  const directory = `${temp.path}/dataforts/blob/${toHex(HASH)}`;
  for (const name of FILES) {
    await store.put(HASH, CHUNK);
    const original = Deno.readFileSync(`${directory}/${name}`);
    for (let bit = 0; bit < original.length * 8; bit += 5) {
      const changed = original.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      Deno.writeFileSync(`${directory}/${name}`, changed);
      await putAndCheck(store, `${name}, bit ${bit}`);
      Deno.removeSync(directory, { recursive: true });
      await store.put(HASH, CHUNK);
    }
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("appending to a placeholder and dying after any byte leaves something that can be completed", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  const directory = `${temp.path}/dataforts/blob/${toHex(HASH)}`;
  await store.put(HASH, CHUNK);
  const [, idx, dat, ts] = FILES.map((name) =>
    Deno.readFileSync(`${directory}/${name}`)
  );
  const total = dat.length + idx.length + ts.length;
  for (let written = 0; written <= total; written++) {
    const ofIdx = Math.max(0, written - dat.length);
    const ofTs = Math.max(0, ofIdx - idx.length);
    const generation = `${directory}/v0000000001`;
    Deno.writeFileSync(`${generation}/dat`, dat.subarray(0, written));
    Deno.writeFileSync(`${generation}/idx`, idx.subarray(0, ofIdx));
    Deno.writeFileSync(`${generation}/ts`, ts.subarray(0, ofTs));
    const held = await store.get(HASH);
    assertEquals(held, ofIdx >= idx.length ? CHUNK : undefined);
    await store.put(HASH, CHUNK);
    assertEquals(await store.get(HASH), CHUNK, `${written} bytes written`);
  }
});

Deno.test("DiskStore appends a good copy where the checksum shows damage, as a node does", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  await store.put(HASH, CHUNK);
  const generation = `${temp.path}/dataforts/blob/${toHex(HASH)}/v0000000001`;
  const damaged = CHUNK.map((byte) => byte ^ 1);
  Deno.writeFileSync(`${generation}/dat`, damaged);
  assertEquals(await store.get(HASH), undefined);
  await store.put(HASH, CHUNK);
  assertEquals(await store.get(HASH), CHUNK);
  const record = decodeRecords(Deno.readFileSync(`${generation}/idx`))[0];
  assertEquals(decodeRecords(Deno.readFileSync(`${generation}/idx`)), [
    { ...record, offset: 0 },
    { ...record, offset: CHUNK.length },
  ]);
  assertEquals(
    Deno.readFileSync(`${generation}/dat`),
    new Uint8Array([...damaged, ...CHUNK]),
  );
  assertEquals(Deno.statSync(`${generation}/ts`).size, 16);
});
