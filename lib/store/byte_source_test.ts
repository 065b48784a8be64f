import { assertEquals, assertRejects } from "@std/assert";
import { CHUNK_SIZE } from "../limits.ts";
import { type ByteSource, readParts } from "./byte_source.ts";
import { HashPool } from "./hash_pool.ts";

/** A source that gives parts of these lengths, then an error if there is one. */
function sourceOf(lengths: number[], error?: Error) {
  const state = { begun: 0, ended: 0 };
  const read: ByteSource = async () => {
    const length = lengths[state.begun++];
    await Promise.resolve();
    state.ended++;
    if (length === undefined && error !== undefined) throw error;
    return length ?? 0;
  };
  return { read, state };
}

for (const ahead of [false, true]) {
  const how = ahead ? "read ahead" : "read when they are wanted";
  Deno.test(`parts of a source that are ${how} come in order, with where they lie`, async () => {
    using pool = new HashPool(1);
    const { read } = sourceOf([CHUNK_SIZE, CHUNK_SIZE, 5]);
    const parts: number[][] = [];
    for await (const batch of readParts(read, 7, pool, ahead)) {
      parts.push(batch.chunks.flatMap(({ file, offset, length }) => [
        file,
        offset,
        length,
      ]));
      pool.recycle(batch);
    }
    assertEquals(parts, [
      [7, 0, CHUNK_SIZE],
      [7, CHUNK_SIZE, CHUNK_SIZE],
      [7, 2 * CHUNK_SIZE, 5],
    ]);
  });

  Deno.test(`a source of whole chunks, or of nothing, ends when parts are ${how}`, async () => {
    using pool = new HashPool(1);
    for (const [lengths, expected] of [[[CHUNK_SIZE], 1], [[], 1]] as const) {
      const { read } = sourceOf([...lengths]);
      const parts = await Array.fromAsync(readParts(read, 0, pool, ahead));
      assertEquals(parts.length, expected);
    }
  });

  Deno.test(`an error comes after what was read before it when parts are ${how}`, async () => {
    using pool = new HashPool(1);
    const { read } = sourceOf([CHUNK_SIZE, CHUNK_SIZE], new Error("bad disk"));
    const parts = readParts(read, 0, pool, ahead);
    assertEquals([(await parts.next()).done, (await parts.next()).done], [
      false,
      false,
    ]);
    await assertRejects(() => parts.next(), Error, "bad disk");
  });

  Deno.test(`one part is on its way, or none, when parts are ${how}`, async () => {
    using pool = new HashPool(1);
    const { read, state } = sourceOf([CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE]);
    const parts = readParts(read, 0, pool, ahead);
    await parts.next();
    assertEquals(state.begun, ahead ? 2 : 1);
    await parts.return();
    assertEquals(
      state.ended,
      state.begun,
      "who gives up leaves no read behind",
    );
  });
}
