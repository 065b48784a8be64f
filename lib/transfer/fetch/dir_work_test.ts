import { assertEquals, assertRejects } from "@std/assert";
import {
  blake3,
  type DirEntry,
  makeManifest,
  makeSmall,
  REPLICATED,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { SessionSource } from "../ask/session_source.ts";
import { dirWork } from "./dir_work.ts";
import { connect, fileEntry, pattern, storeTree } from "../testing/fixture.ts";
import { MemoryStore } from "../../store/mod.ts";

/** A fetcher that nothing is asked of. */
const nobody = new SessionSource(connect(new MemoryStore()).session);

function hashOf(seed: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, seed, true);
  return hash;
}

function file(seed: number, size: number): DirEntry {
  return fileEntry(`f${seed}`, makeSmall("", hashOf(seed), BigInt(size)));
}

async function shapes(
  entries: DirEntry[],
  batchBytes: number,
  fetcher = nobody,
): Promise<string[]> {
  const works = dirWork(entries, { fetcher, batchBytes });
  return await Array.fromAsync(
    works,
    (work) =>
      work.kind === "batch"
        ? `batch of ${work.wanted.length} for ${work.chunks.length}: ${work.bytes}`
        : `chunk of ${work.bytes} at ${work.treeOffset}`,
  );
}

Deno.test("dirWork fills batches up to their bytes and their number", async () => {
  const sizes = [300, 300, 300, 300, 1];
  assertEquals(await shapes(sizes.map((size, i) => file(i, size)), 1000), [
    "batch of 3 for 3: 900",
    "batch of 2 for 2: 301",
  ]);
  const many = Array.from({ length: 600 }, (_, i) => file(i, 1));
  assertEquals(await shapes(many, 1000), [
    "batch of 256 for 256: 256",
    "batch of 256 for 256: 256",
    "batch of 88 for 88: 88",
  ]);
});

Deno.test("dirWork asks for large chunks and for those of trees on their own", async () => {
  await using store = new MemoryStore();
  await using connection = connect(store);
  const fetcher = new SessionSource(connection.session);
  const chunks = [
    { hash: hashOf(1), size: CHUNK_SIZE },
    { hash: hashOf(2), size: 7 },
  ];
  const entries = [
    file(0, 10),
    fileEntry("large", makeManifest("", REPLICATED, chunks)),
    { path: "dir", kind: { type: "dir" as const, mode: 0 } },
    fileEntry("tree", await storeTree(store, pattern(11), 10)),
    file(4, 501),
    file(5, 500),
  ];
  assertEquals(await shapes(entries, 1000, fetcher), [
    `chunk of ${CHUNK_SIZE} at undefined`,
    "chunk of 10 at 0",
    "chunk of 1 at 10",
    "chunk of 501 at undefined",
    "batch of 3 for 3: 517",
  ]);
});

Deno.test("dirWork asks once for what a batch needs twice, and never for nothing", async () => {
  const empty = makeSmall("", blake3(new Uint8Array()), 0n);
  // The same beginning of the hash, not the same hash.
  const alike = hashOf(1);
  alike[31] = 9;
  const entries = [
    file(1, 10),
    fileEntry("empty", empty),
    file(1, 10),
    fileEntry("alike", makeSmall("", alike, 10n)),
    // The same hash with another size is a lie to be found out.
    file(1, 11),
  ];
  const works = dirWork(entries, { fetcher: nobody, batchBytes: 1000 });
  const [batch, ...rest] = await Array.fromAsync(works);
  assertEquals(rest, []);
  if (batch.kind !== "batch") throw new Error(`a ${batch.kind}`);
  assertEquals(batch.places, [0, -1, 0, 1, 2]);
  assertEquals(batch.bytes, 31);
  assertEquals(batch.chunks.map(({ entry }) => entry), [0, 1, 2, 3, 4]);
});

Deno.test("dirWork refuses a file without a reference", async () => {
  const blob = new Uint8Array([1, 2, 3]);
  const entry: DirEntry = { path: "x", kind: { type: "file", mode: 0, blob } };
  await assertRejects(() => shapes([entry], 1000), ManifestError, "entry x");
});
