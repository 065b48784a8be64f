import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { encodeBlobRef } from "../content/mod.ts";
import { IoError, TransferError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { hashFiles } from "./hash_files.ts";
import type { FileToHash } from "./read_files.ts";
import { HashPool } from "./hash_pool.ts";
import { PublishNotes } from "./publish_notes.ts";
import { makeTempDir, patternBytes } from "./testing/temp_tree.ts";

/** What a publisher sees of some files: every call, the references, the failure. */
async function trace(
  files: FileToHash[],
  pool: HashPool,
  notes = new PublishNotes({ strict: true }),
): Promise<string[]> {
  const seen: string[] = [];
  const sink = {
    chunk(file: number, offset: number, hash: Uint8Array, bytes: Uint8Array) {
      seen.push(`${file}+${offset}: ${toHex(hash)} ${bytes.length}`);
    },
    node: (hash: Uint8Array) => void seen.push(toHex(hash)),
  };
  try {
    for await (const { file, ref } of hashFiles(files, sink, { pool, notes })) {
      seen.push(`${file} is ${toHex(encodeBlobRef(ref))}`);
    }
  } catch (error) {
    if (!(error instanceof IoError)) throw error;
    seen.push(error.message);
  }
  return seen;
}

function writeFiles(dir: string, sizes: readonly number[]): FileToHash[] {
  return sizes.map((size, file) => {
    const source = `${dir}/${file}`;
    Deno.writeFileSync(source, patternBytes(size, file));
    return { file, source, size };
  });
}

const SIZES = [
  ...[0, 1, 4096, 70_000, 262_144, 262_145, CHUNK_SIZE - 1, CHUNK_SIZE],
  ...[CHUNK_SIZE + 1, 2 * CHUNK_SIZE, 2 * CHUNK_SIZE + 5, 3, 0],
];

Deno.test("hashFiles gives the same in the same order, however many workers hash", async () => {
  using temp = makeTempDir();
  const files = writeFiles(temp.path, [
    ...SIZES,
    ...Array.from({ length: 600 }, (_, n) => n % 300),
    ...SIZES.slice(0, 6),
  ]);
  const expected = await trace(files, new HashPool());
  assertEquals(expected.length, 2 * files.length + 4);
  for (const jobs of [2, 4]) {
    using pool = new HashPool(jobs);
    await pool.start();
    assert(pool.ahead > 1);
    assertEquals(await trace(files, pool), expected);
  }
});

Deno.test("hashFiles leaves out what vanished, and gives what was read of what changed, however many workers hash", async () => {
  using temp = makeTempDir();
  const sizes = [3, 300_000, CHUNK_SIZE, 2 * CHUNK_SIZE + 1, 0, 70_000];
  const files = writeFiles(temp.path, [...sizes, ...sizes, ...sizes]);
  for (const [n, file] of files.entries()) {
    if (n >= sizes.length && n < 2 * sizes.length) {
      Deno.removeSync(`${temp.path}/${n}`);
    } else if (n >= 2 * sizes.length) {
      // Listed with other lengths than those that are read.
      file.size = n % 2 === 0 ? file.size + 7 : 1;
    }
  }
  const gone = files.slice(sizes.length, 2 * sizes.length);
  const kept = files.filter((file) => !gone.includes(file));
  const expected = await trace(kept, new HashPool(), new PublishNotes());
  for (const jobs of [1, 2]) {
    using pool = new HashPool(jobs);
    await pool.start();
    const notes = new PublishNotes();
    assertEquals(await trace(files, pool, notes), expected);
    const { vanished, changed, unreadable } = notes.counts;
    assertEquals([vanished, changed, unreadable], [
      sizes.length,
      sizes.length,
      0,
    ]);
  }
});

Deno.test("hashFiles fails where the first bad file is, with everything before handed out", async () => {
  using temp = makeTempDir();
  using pool = new HashPool(2);
  await pool.start();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 5, 300_000), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
      async (sizes, bad) => {
        const files = writeFiles(temp.path, sizes);
        for (const at of bad) {
          const file = files.at(at % files.length);
          if (file !== undefined) file.size++;
        }
        const expected = await trace(files, new HashPool());
        assertEquals(await trace(files, pool), expected);
        const first = Math.min(...bad.map((at) => at % files.length));
        assertEquals(expected.length, 2 * first + 1);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a HashPool starts workers by itself when there is enough to do", async () => {
  using temp = makeTempDir();
  const files = writeFiles(temp.path, Array(14).fill(CHUNK_SIZE / 2));
  using pool = new HashPool(2);
  using idle = new HashPool(2);
  await trace(files, pool);
  await trace(files.slice(0, 2), idle);
  await pool.start();
  assertEquals(pool.ahead, 4);
  assertEquals(idle.ahead, 1);
});

Deno.test("disposing of a HashPool ends its workers and what they work on", async () => {
  const pool = new HashPool(2);
  await pool.start();
  const batch = pool.batch("files");
  batch.chunks.push({ file: 0, offset: 0, start: 0, length: CHUNK_SIZE });
  const hashed = pool.hash(batch);
  pool[Symbol.dispose]();
  await assertRejects(() => hashed, TransferError, "hashing has ended");
});

Deno.test("hashFiles closes its file when the caller stops in the middle", async () => {
  using temp = makeTempDir();
  const files = writeFiles(temp.path, [3 * CHUNK_SIZE, 5]);
  using pool = new HashPool(2);
  await pool.start();
  const enough = new Error("enough");
  const sink = {
    chunk: () => Promise.reject(enough),
    node: () => {},
  };
  const notes = new PublishNotes();
  const refs = hashFiles(files, sink, { pool, notes });
  await assertRejects(() => refs.next(), Error, "enough");
});
