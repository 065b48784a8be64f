import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { CHUNK_SIZE } from "../limits.ts";
import { type BlobRef, encodeBlobRef } from "./blob_ref.ts";
import { chunkStream, SEND_URI } from "./chunk_stream.ts";
import { blake3 } from "./hash.ts";
import { toHex } from "../text/hex.ts";
import { patternBytes } from "./testing/arbitraries.ts";
import { chunkPayload } from "./testing/chunk_payload.ts";

/** A source that gives `bytes` in pieces of these lengths, over and over. */
function streamOf(
  bytes: Uint8Array,
  lengths: number[],
): ReadableStream<Uint8Array> {
  let start = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= bytes.length) return controller.close();
      const end = start + lengths[turn++ % lengths.length];
      controller.enqueue(bytes.subarray(start, end));
      start = Math.min(end, bytes.length);
    },
  });
}

/** The reference of bytes that come in pieces of these lengths. */
async function cut(
  bytes: Uint8Array,
  uri: string,
  lengths: number[] = [65_536],
): Promise<BlobRef> {
  let total = 0;
  const source = streamOf(bytes, lengths);
  const ref = await chunkStream(source, uri, (hash, chunk) => {
    assertEquals(hash, blake3(chunk));
    total += chunk.length;
  });
  assertEquals(total, bytes.length);
  return ref;
}

Deno.test("chunkStream gives the references that send-blob prints", async () => {
  const cases: [Uint8Array, string][] = [
    [
      new Uint8Array(),
      "b0b1b2b301af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f326200000000000000006d6573683a2f2f7472616e73666572",
    ],
    [
      new TextEncoder().encode("hello\n"),
      "b0b1b2b3018e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a9906000000000000006d6573683a2f2f7472616e73666572",
    ],
    [
      new Uint8Array(CHUNK_SIZE).fill(0x42),
      "b0b1b2b301d839dbd6753bf60543d2ffbb29c98f08d7f1c6148931918b11839104ae1ae52000004000000000006d6573683a2f2f7472616e73666572",
    ],
    [
      new Uint8Array(CHUNK_SIZE + 1).fill(0x42),
      "b0b1b2b302010f6d6573683a2f2f7472616e736665720002d839dbd6753bf60543d2ffbb29c98f08d7f1c6148931918b11839104ae1ae520808080029f9524ca18c0cc03aef1a0b84faed9375e5d19575e9328e65fea72991f0f58cf0181808002",
    ],
    [
      patternBytes(204_800, 7),
      "b0b1b2b301c047f74b3f3f95e9ceb543ae75682f72f58ae80418100bb92465f4b2e53be82400200300000000006d6573683a2f2f7472616e73666572",
    ],
    [
      patternBytes(307_200, 5),
      "b0b1b2b30120977ebc31b5e448b0f47c2438899dadeed50037a5aa879624aa52e971c7dc9d00b00400000000006d6573683a2f2f7472616e73666572",
    ],
    [
      patternBytes(10_485_760, 21),
      "b0b1b2b302010f6d6573683a2f2f7472616e736665720003f5cebe108a25be60bbf2ecf2643dc1f9fae32d57454425384a922db0d6e3814d808080025e70aafa5a30074b3fac51f3f915c7151c63980416040cddac7926dfa5c459c080808002c8bce1840b2fce3b743b5ac59f449c5846b1fce0cea1686a180c6046b76827cd8080800180808005",
    ],
  ];
  for (const [bytes, hex] of cases) {
    assertEquals(toHex(encodeBlobRef(await cut(bytes, SEND_URI))), hex);
  }
});

Deno.test("chunkStream agrees with the reference at the boundaries", async () => {
  for (
    const row of [
      "0 53 c772ea9c9e2b2431127d4b46ca3dc7e422e5e62e68321c1a4e6badc6e4f5b0d6",
      "1 53 551fcc05328c27e350f1ddf9f076b6257520095530feb4b21932ca2d84d1704d",
      "4194303 53 921d5a718e02768af66aa94296641b4fced6d84dc29cbe9271d1d771a349d5af",
      "4194304 53 6c877a9a1360bc255292aae1016bbd6d97601bf769619c6ae2e887da450ae83a",
      "4194305 90 fcef42b9da3cb38280aa66d6216401fd13821ac5f20f6745a9a05919bab365d4",
      "8388608 93 06a5831163cb9f146c5eb2b1627e62e21a542019b744a95f49fa16a58fb9c933",
      "8388615 126 90b2a2045162da37c3cec20b65cc260c412299e229bf3e561843c9ac76924525",
    ]
  ) {
    const [length, frameLength, hash] = row.split(" ");
    const bytes = patternBytes(Number(length));
    const frame = encodeBlobRef(await cut(bytes, "mesh://x"));
    assertEquals([`${frame.length}`, toHex(blake3(frame))], [
      frameLength,
      hash,
    ]);
  }
});

Deno.test("chunkStream cuts the same however the source is cut", async () => {
  const bytes = patternBytes(2 * CHUNK_SIZE + 77);
  const expected = chunkPayload(bytes, "u").ref;
  const length = fc.oneof(
    fc.integer({ min: 50_000, max: 3 * CHUNK_SIZE }),
    fc.constantFrom(0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1),
  );
  // At least one piece is not tiny, so that the source ends.
  const lengths = fc.tuple(
    fc.array(length, { maxLength: 4 }),
    fc.integer({ min: 300_000, max: 9_000_000 }),
  );
  await fc.assert(
    fc.asyncProperty(lengths, async ([some, last]) => {
      assertEquals(await cut(bytes, "u", [...some, last]), expected);
    }),
    { numRuns: 12 },
  );
});

Deno.test("chunkStream copies nothing that comes in whole chunks, and all else into one window", async () => {
  const bytes = patternBytes(3 * CHUNK_SIZE);
  for (const [piece, copies] of [[3 * CHUNK_SIZE, false], [1 << 20, true]]) {
    const buffers = new Set<ArrayBufferLike>();
    const source = streamOf(bytes, [Number(piece)]);
    await chunkStream(source, "", (_, { buffer }) => void buffers.add(buffer));
    assertEquals(buffers.size, 1);
    assertEquals(!buffers.has(bytes.buffer), copies);
  }
});

Deno.test("chunkStream gives each chunk to its sink before it reads on", async () => {
  const bytes = patternBytes(CHUNK_SIZE + 5);
  const sizes: number[] = [];
  await chunkStream(streamOf(bytes, [70_000]), "", async (_, bytes) => {
    const copy = bytes.slice();
    await Promise.resolve();
    assertEquals(bytes, copy);
    sizes.push(bytes.length);
  });
  assertEquals(sizes, [CHUNK_SIZE, 5]);
});

Deno.test("chunkStream gives one empty chunk for empty content", async () => {
  const sizes: number[] = [];
  const source = streamOf(new Uint8Array(), [1]);
  await chunkStream(source, "", (_, bytes) => void sizes.push(bytes.length));
  assertEquals(sizes, [0]);
});

Deno.test("chunkStream fails with its source, and cancels it when the sink fails", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull() {
      throw new Error("disk on fire");
    },
  });
  await assertRejects(
    () => chunkStream(broken, "", () => {}),
    Error,
    "disk on fire",
  );

  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(CHUNK_SIZE)),
    cancel() {
      cancelled = true;
      throw new Error("and this is not reported");
    },
  });
  const full = () => {
    throw new Error("disk full");
  };
  await assertRejects(() => chunkStream(endless, "", full), Error, "disk full");
  assert(cancelled);
  assert(!endless.locked);
});
