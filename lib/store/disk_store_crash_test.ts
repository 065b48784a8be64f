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
  ...["idx", "dat", "ts"].map((n) => `v0000000001/${n}`),
];

/** A store with the chunk, and the directory of it. */
async function openStore(path: string) {
  const store = await DiskStore.open(path);
  await store.put(HASH, CHUNK);
  return { store, directory: `${path}/dataforts/blob/${toHex(HASH)}` };
}

function* cuts(bytes: Uint8Array) {
  for (let end = 0; end < bytes.length; end++) yield bytes.subarray(0, end);
}

function* flips(bytes: Uint8Array) {
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const changed = bytes.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    yield changed;
  }
}

for (
  const [what, outcome, damaged] of [
    ["cut at any byte", "repairs it", cuts],
    ["with any bit changed", "repairs or reports it", flips],
  ] as const
) {
  Deno.test(`a chunk ${what} of any file is right or not held, and storing it again ${outcome}`, async () => {
    using temp = makeTempDir();
    const { store, directory } = await openStore(temp.path);
    for (const name of FILES) {
      for (const bytes of damaged(Deno.readFileSync(`${directory}/${name}`))) {
        Deno.writeFileSync(`${directory}/${name}`, bytes);
        const about = `${name} as ${toHex(bytes)}`;
        assertEquals(await store.get(HASH) ?? CHUNK, CHUNK, about);
        let reported = false;
        await store.put(HASH, CHUNK).catch((error) => {
          if (damaged === cuts || !(error instanceof StoreError)) throw error;
          reported = true;
        });
        if (!reported) {
          assertEquals(await store.get(HASH), CHUNK, about);
          assertEquals(await store.has(HASH), true, about);
        }
        Deno.removeSync(directory, { recursive: true });
        await store.put(HASH, CHUNK);
      }
      Deno.removeSync(`${directory}/${name}`);
      await store.put(HASH, CHUNK);
      assertEquals(await store.get(HASH), CHUNK, `${name} removed`);
    }
  });
}

Deno.test("appending to a placeholder and dying after any byte leaves something that can be completed", async () => {
  using temp = makeTempDir();
  const { store, directory } = await openStore(temp.path);
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
  const { store, directory } = await openStore(temp.path);
  const generation = `${directory}/v0000000001`;
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
