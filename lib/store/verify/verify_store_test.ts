import { assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { toHex } from "../../text/hex.ts";
import { unless } from "../../../tests/support/unless.ts";
import { DiskStore } from "../disk_store.ts";
import { makeTempDir, patternBytes, snapshot } from "../testing/temp_tree.ts";
import { verifyStore } from "./verify_store.ts";

/** A store of some chunks, and where each lies. */
async function makeStore(path: string, lengths: readonly number[]) {
  await using store = await DiskStore.open(path);
  const chunks = [];
  for (const [index, length] of lengths.entries()) {
    const bytes = patternBytes(length, index);
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    const directory = store.directoryOf(hash);
    chunks.push({
      name: toHex(hash),
      directory,
      live: `${directory}/v0000000001`,
    });
  }
  return chunks;
}

/** Changes a byte of a file. */
function flip(path: string, at: number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at] ^= 1;
  Deno.writeFileSync(path, bytes);
}

const LENGTHS = [0, 1, 1000, 300_000, 5 * 2 ** 20];

Deno.test("all chunks of a store are read, and nothing of it is changed", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/store`;
  await makeStore(path, LENGTHS);
  const before = snapshot(path);
  const bytes = LENGTHS.reduce((sum, length) => sum + length, 0);
  for (const jobs of [1, 2]) {
    const verdict = await verifyStore(path, { jobs });
    const { length: chunks } = LENGTHS;
    assertEquals(verdict, { chunks, bytes, empty: 0, problems: [] });
  }
  assertEquals(snapshot(path), before);
});

Deno.test("what is wrong with a chunk is told", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/store`;
  const chunks = await makeStore(path, [100, 200, 300, 400, 500, 300_000, 600]);
  const [bytes, cut, gone, sum, torn, large] = chunks;
  flip(`${bytes.live}/dat`, 50);
  Deno.truncateSync(`${cut.live}/dat`, 199);
  Deno.removeSync(`${gone.live}/dat`);
  flip(`${sum.live}/idx`, 16);
  Deno.truncateSync(`${torn.live}/idx`, 10);
  flip(`${large.live}/dat`, 299_999);
  const verdict = await verifyStore(path, { jobs: 2 });
  assertEquals([verdict.chunks, verdict.bytes], [1, 600]);
  const found = new Map(
    verdict.problems.map(({ name, problem, reason }) => [
      name,
      `${problem}: ${reason}`,
    ]),
  );
  assertEquals(
    chunks.map(({ name }) => found.get(name)),
    [
      "damaged: its bytes are others",
      "damaged: it has 199 of 200 bytes",
      "damaged: it has 0 of 300 bytes",
      "damaged: its record has another checksum",
      "damaged: its index names no bytes",
      "damaged: its bytes are others",
      undefined,
    ],
  );
});

Deno.test("a chunk that was repaired is right, and a place without one is no problem", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/store`;
  const [{ live }] = await makeStore(path, [1000]);
  flip(`${live}/dat`, 0);
  assertEquals((await verifyStore(path)).problems.length, 1);
  await makeStore(path, [1000]);
  // As a lookup of the reference implementation leaves it.
  Deno.mkdirSync(`${path}/dataforts/blob/${"0".repeat(64)}`);
  const { chunks, bytes, empty, problems } = await verifyStore(path);
  assertEquals([chunks, bytes, empty, problems], [1, 1000, 1, []]);
});

Deno.test("what is no chunk is foreign, links in the place of one included", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/store`;
  const [{ name, directory }, other] = await makeStore(path, [10, 20]);
  const blobs = `${path}/dataforts/blob`;
  Deno.renameSync(directory, `${temp.path}/aside`);
  Deno.symlinkSync(`${temp.path}/aside`, directory);
  Deno.writeTextFileSync(`${blobs}/notes.txt`, "");
  Deno.writeTextFileSync(`${blobs}/${"1".repeat(64)}`, "");
  // A link to the right bytes is nothing that this program would read.
  Deno.renameSync(`${other.live}/dat`, `${temp.path}/dat`);
  Deno.symlinkSync(`${temp.path}/dat`, `${other.live}/dat`);
  const { chunks, problems } = await verifyStore(path);
  assertEquals(chunks, 0);
  const kinds = new Map(problems.map(({ name, problem }) => [name, problem]));
  assertEquals(kinds.get(name), "foreign");
  assertEquals(kinds.get("notes.txt"), "foreign");
  assertEquals(kinds.get("1".repeat(64)), "foreign");
  assertEquals(kinds.get(other.name), "damaged");
  assertEquals(kinds.size, 4);
});

Deno.test("chunks that come and go while a store is read are no problem", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/store`;
  const lengths = Array.from({ length: 60 }, (_, i) => 1000 + i);
  const chunks = await makeStore(path, lengths);
  await using store = await DiskStore.open(path);
  let seen = 0;
  const puts: Promise<void>[] = [];
  const { problems } = await verifyStore(path, {
    onProgress: () => {
      const { directory } = chunks[seen++ % chunks.length];
      // As a collection has it: by a rename first.
      try {
        Deno.renameSync(directory, `${temp.path}/gone${seen}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      const bytes = patternBytes(50 + seen, 200);
      puts.push(store.put(blake3(bytes), bytes));
    },
  });
  await Promise.all(puts);
  assertEquals(problems, []);
});

Deno.test("a store that is not there has no chunks, and one that is a file is told of", async () => {
  using temp = makeTempDir();
  const { chunks } = await verifyStore(`${temp.path}/none`);
  assertEquals(chunks, 0);
  Deno.mkdirSync(`${temp.path}/store/dataforts`, { recursive: true });
  Deno.writeTextFileSync(`${temp.path}/store/dataforts/blob`, "");
  assertEquals((await verifyStore(`${temp.path}/store`)).chunks, 0);
  const signal = AbortSignal.abort(new StoreError("enough"));
  await makeStore(`${temp.path}/other`, [1]);
  await assertRejects(
    () => verifyStore(`${temp.path}/other`, { signal }),
    StoreError,
    "enough",
  );
});

Deno.test({
  ...unless(
    Deno.build.os === "windows" || Deno.uid() === 0
      ? "root may read everything"
      : undefined,
    "what may not be read is told of, and the rest is read",
  ),
  async fn() {
    using temp = makeTempDir();
    const path = `${temp.path}/store`;
    const [{ name, live }] = await makeStore(path, [10, 20]);
    Deno.chmodSync(live, 0o000);
    const { chunks, problems } = await verifyStore(path);
    Deno.chmodSync(live, 0o700);
    assertEquals(chunks, 1);
    assertEquals(problems.map(({ name, problem }) => [name, problem]), [
      [name, "unreadable"],
    ]);
  },
});
