import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../content/hash.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { BlobLanding } from "./blob_landing.ts";
import {
  chunksOf,
  fileSystemOf,
  landTree,
  test,
  type TreeItems,
} from "./testing/trees.ts";

/** Two chunks and a bit, zeros but for a byte in each and the end. */
const CONTENT = new Uint8Array(2 * CHUNK_SIZE + 300_000);
CONTENT[1_000_000] = CONTENT[CHUNK_SIZE + 5] = 1;

const SMALL = CONTENT.subarray(0, 2_000_000);

/** Bytes that a file takes of the disk. */
function taken(path: string): number {
  return (Deno.lstatSync(path).blocks ?? 0) * 512;
}

async function landBlob(out: string, sparse: boolean): Promise<void> {
  await using landing = await BlobLanding.open({ out, sparse });
  let offset = 0;
  for (const chunk of chunksOf(CONTENT)) {
    const bytes = chunk.slice();
    await landing.write({ offset, hash: blake3(bytes), bytes });
    offset += chunk.length;
  }
  await landing.commit(CONTENT.length);
}

test("runs of zeros take no room where the file system has holes", async (dir) => {
  const items: TreeItems = [
    ["large", { file: CONTENT }],
    ["small", { file: SMALL }],
    ["zero", { file: new Uint8Array(500_000) }],
  ];
  for (const sparse of [true, false]) {
    const tree = `${dir}/tree`;
    await landTree(tree, items, { sparse, replace: true });
    await landBlob(`${dir}/blob`, sparse);
    assertEquals(Deno.readFileSync(`${tree}/large`), CONTENT);
    assertEquals(Deno.readFileSync(`${tree}/small`), SMALL);
    assertEquals(Deno.readFileSync(`${tree}/zero`), new Uint8Array(500_000));
    assertEquals(Deno.readFileSync(`${dir}/blob`), CONTENT);
    if (!fileSystemOf(dir).traits.holes) {
      console.log("skipped: the file system of the test has no holes");
      continue;
    }
    const most = sparse ? 200_000 : Infinity;
    const least = sparse ? 0 : CONTENT.length;
    for (const path of [`${tree}/large`, `${dir}/blob`]) {
      assert(taken(path) <= most && taken(path) >= least, `${taken(path)}`);
    }
    if (sparse) assert(taken(`${tree}/zero`) < 100_000);
  }
});
