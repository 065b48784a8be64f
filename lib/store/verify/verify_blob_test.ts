import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  blake3,
  type BlobRef,
  makeSmall,
  makeTree,
  REPLICATED,
  TreeBuilder,
} from "../../content/mod.ts";
import { IoError, UsageError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../memory_store.ts";
import { storeBlob } from "../store_blob.ts";
import { makeTempDir, patternBytes } from "../testing/temp_tree.ts";
import { verifyBlob } from "./verify_blob.ts";

/** Some chunks and a bit. */
const BYTES = patternBytes(3 * CHUNK_SIZE + 1000, 7);

async function refOf(bytes: Uint8Array): Promise<BlobRef> {
  const { ref } = await storeBlob(
    undefined,
    new Blob([bytes.slice()]).stream(),
  );
  return ref;
}

/** Flips a bit in each of the places. */
function damaged(bytes: Uint8Array, ...places: number[]): Uint8Array {
  const copy = bytes.slice();
  for (const place of places) copy[place] ^= 1;
  return copy;
}

function withOneMore(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  return longer;
}

Deno.test("a file that is what its reference names is right", async () => {
  using temp = makeTempDir();
  for (const bytes of [new Uint8Array(), BYTES.subarray(0, 10), BYTES]) {
    const path = `${temp.path}/file`;
    Deno.writeFileSync(path, bytes);
    for (const jobs of [1, 2]) {
      const verdict = await verifyBlob(path, await refOf(bytes), { jobs });
      assertEquals(verdict, {
        isRight: true,
        ranges: [],
        bytes: bytes.length,
        expectedBytes: BigInt(bytes.length),
        isChanging: false,
      });
    }
  }
});

Deno.test("the chunks that differ are told by their places, whatever the length", async () => {
  using temp = makeTempDir();
  const ref = await refOf(BYTES);
  const path = `${temp.path}/file`;
  const last = { offset: 3 * CHUNK_SIZE, length: 1000 };
  const second = { offset: CHUNK_SIZE, length: CHUNK_SIZE };
  const cases: [Uint8Array, { offset: number; length: number }[]][] = [
    [damaged(BYTES, CHUNK_SIZE), [second]],
    [damaged(BYTES, CHUNK_SIZE, BYTES.length - 1), [second, last]],
    // What is right of a file that is too long or too short is right.
    [withOneMore(BYTES), []],
    [BYTES.subarray(0, -1), [last]],
    [BYTES.subarray(0, CHUNK_SIZE), [
      second,
      { offset: 2 * CHUNK_SIZE, length: CHUNK_SIZE },
      last,
    ]],
  ];
  for (const [bytes, ranges] of cases) {
    Deno.writeFileSync(path, bytes);
    const verdict = await verifyBlob(path, ref);
    assertEquals([verdict.isRight, verdict.ranges], [false, ranges]);
    assertEquals(verdict.bytes, bytes.length);
  }
});

Deno.test("a file is held against a bare hash, of which nobody knows the length", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/file`;
  const bytes = BYTES.subarray(0, CHUNK_SIZE + 1);
  const ref = makeSmall("mesh://x", blake3(bytes), 0n);
  Deno.writeFileSync(path, bytes);
  const right = await verifyBlob(path, ref);
  assertEquals([right.isRight, right.expectedBytes], [true, undefined]);
  Deno.writeFileSync(path, damaged(bytes, 5));
  assertEquals((await verifyBlob(path, ref)).isRight, false);
});

Deno.test("the chunks of a Tree are known where its nodes are, else only whether it is right", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/file`;
  await using store = new MemoryStore();
  // Cut as others may cut.
  const cut = 1_000_000;
  const bytes = BYTES.subarray(0, 3 * cut + 17);
  const builder = new TreeBuilder((hash, node) => store.put(hash, node));
  for (let at = 0; at < bytes.length; at += cut) {
    const chunk = bytes.subarray(at, at + cut);
    await builder.add({ hash: blake3(chunk), size: chunk.length });
  }
  const { rootHash, totalSize, depth } = await builder.finish();
  const ref = makeTree("mesh://x", REPLICATED, rootHash, totalSize, depth);
  Deno.writeFileSync(path, bytes);
  assert((await verifyBlob(path, ref, { nodes: store })).isRight);
  Deno.writeFileSync(path, damaged(bytes, cut));
  const wrong = await verifyBlob(path, ref, { nodes: store });
  assertEquals(wrong.ranges, [{ offset: cut, length: cut }]);
  assertEquals(wrong.isRight, false);
  const unknown = await verifyBlob(path, ref);
  assertEquals([unknown.isRight, unknown.ranges], [false, undefined]);
});

Deno.test("a link, a directory, a pipe and nothing are no file to verify", async () => {
  using temp = makeTempDir();
  const ref = await refOf(BYTES.subarray(0, 1));
  Deno.writeFileSync(`${temp.path}/file`, BYTES.subarray(0, 1));
  Deno.symlinkSync("file", `${temp.path}/link`);
  for (const name of ["", "link"]) {
    await assertRejects(
      () => verifyBlob(`${temp.path}/${name}`, ref),
      UsageError,
      "neither a file nor a directory",
    );
  }
  await assertRejects(() => verifyBlob(`${temp.path}/none`, ref), IoError);
});
