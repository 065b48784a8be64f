import { assertEquals } from "@std/assert";
import { CHUNK_SIZE } from "../limits.ts";
import { unless } from "../../tests/support/unless.ts";
import { toHex } from "../text/hex.ts";
import { FileHoles } from "./file_holes.ts";
import { hashFiles } from "./hash_files.ts";
import { HashPool } from "./hash_pool.ts";
import { PublishNotes } from "./publish_notes.ts";
import { rawPaths } from "./raw_paths.ts";
import { SourceFile } from "./source_file.ts";

const SIZE = 6 * CHUNK_SIZE;
const DATA_AT = 3 * CHUNK_SIZE + 100;

/** A file with a few bytes in the middle of nothing. */
async function withImage(
  use: (path: string) => Promise<void> | void,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.truncate(path, SIZE);
    using file = await Deno.open(path, { write: true });
    await file.seek(DATA_AT, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode("data"));
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test({
  ...unless(
    rawPaths === undefined ? "no native calls here" : undefined,
    "places where a file has nothing are told, and those behind its end are none",
  ),
  fn: () =>
    withImage(async (path) => {
      using holes = FileHoles.of(path, Deno.statSync(path));
      if (holes === undefined) throw new Error("it has no holes");
      const chunks = Array.from({ length: 6 }, (_, i) => i * CHUNK_SIZE);
      assertEquals(
        chunks.map((at) => holes.isHole(at, CHUNK_SIZE)),
        [true, true, true, false, true, true],
      );
      assertEquals(holes.isHole(5 * CHUNK_SIZE, CHUNK_SIZE + 1), false);
      await Deno.truncate(path, 5 * CHUNK_SIZE);
      assertEquals(holes.isHole(5 * CHUNK_SIZE, CHUNK_SIZE), false);
    }),
});

Deno.test("a file with holes is read as what it is", () =>
  withImage(async (path) => {
    using file = await SourceFile.open(path, undefined);
    const bytes = new Uint8Array(SIZE).fill(1);
    for (let at = 0; at < SIZE; at += CHUNK_SIZE) {
      const target = bytes.subarray(at, at + CHUNK_SIZE);
      assertEquals(await file.read(target), CHUNK_SIZE);
    }
    assertEquals(file.reading().length, SIZE);
    const expected = new Uint8Array(SIZE);
    expected.set(new TextEncoder().encode("data"), DATA_AT);
    assertEquals(indexOfDifference(bytes, expected), -1);
  }));

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, i) => byte !== b[i]);
}

Deno.test("another file at the path, or one without holes, has none to tell of", async () => {
  const [path, other] = [await Deno.makeTempFile(), await Deno.makeTempFile()];
  try {
    await Deno.truncate(path, SIZE);
    assertEquals(FileHoles.of(other, Deno.statSync(path)), undefined);
    await Deno.writeFile(other, new Uint8Array(2 * CHUNK_SIZE).fill(1));
    assertEquals(FileHoles.of(other, Deno.statSync(other)), undefined);
  } finally {
    for (const each of [path, other]) await Deno.remove(each);
  }
});

Deno.test({
  ...unless(
    rawPaths === undefined ? "no native calls here" : undefined,
    "a chunk in a hole has the hash of its zeros",
  ),
  fn: () =>
    withImage(async (path) => {
      const hashes = async (file: string) => {
        const found: string[] = [];
        const sink = {
          chunk: (_f: number, offset: number, hash: Uint8Array) => {
            found.push(`${offset} ${toHex(hash)}`);
          },
          node: () => {},
        };
        using pool = new HashPool(1);
        const options = { pool, notes: new PublishNotes() };
        const files = [{ file: 0, source: file, size: SIZE }];
        await Array.fromAsync(hashFiles(files, sink, options));
        return found;
      };
      const dense = `${path}.dense`;
      await Deno.writeFile(dense, await Deno.readFile(path));
      try {
        assertEquals(await hashes(path), await hashes(dense));
      } finally {
        await Deno.remove(dense);
      }
    }),
});
