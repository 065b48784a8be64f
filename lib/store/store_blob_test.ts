import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, decodeBlobRef, encodeBlobRef } from "../content/mod.ts";
import { IoError, StoreError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { DiskStore } from "./disk_store.ts";
import { MemoryStore } from "./memory_store.ts";
import type { PublishWarning } from "./publish_notes.ts";
import type { PublishProgress } from "./publish_progress.ts";
import { storeBlob } from "./store_blob.ts";
import { makeTempDir, patternBytes } from "./testing/temp_tree.ts";
import { unless } from "../../tests/support/unless.ts";

const URI = "6d6573683a2f2f7472616e73666572";

Deno.test("storeBlob makes the references the reference makes", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/blob`;
  const full =
    "d839dbd6753bf60543d2ffbb29c98f08d7f1c6148931918b11839104ae1ae520";
  const filled = (length: number) => new Uint8Array(length).fill(0x42);
  const cases: [Uint8Array, string][] = [
    [
      new Uint8Array(),
      `b0b1b2b301af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f32620000000000000000${URI}`,
    ],
    [
      new TextEncoder().encode("hello\n"),
      `b0b1b2b3018e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a990600000000000000${URI}`,
    ],
    [filled(CHUNK_SIZE), `b0b1b2b301${full}0000400000000000${URI}`],
    [
      filled(CHUNK_SIZE + 1),
      `b0b1b2b302010f${URI}0002${full}808080029f9524ca18c0cc03aef1a0b84faed9375e5d19575e9328e65fea72991f0f58cf0181808002`,
    ],
    [
      patternBytes(204800, 7),
      `b0b1b2b301c047f74b3f3f95e9ceb543ae75682f72f58ae80418100bb92465f4b2e53be8240020030000000000${URI}`,
    ],
    [
      patternBytes(10485760, 21),
      `b0b1b2b302010f${URI}0003f5cebe108a25be60bbf2ecf2643dc1f9fae32d57454425384a922db0d6e3814d80808002` +
      "5e70aafa5a30074b3fac51f3f915c7151c63980416040cddac7926dfa5c459c080808002" +
      "c8bce1840b2fce3b743b5ac59f449c5846b1fce0cea1686a180c6046b76827cd8080800180808005",
    ],
  ];
  for (const [bytes, hex] of cases) {
    Deno.writeFileSync(path, bytes);
    const { ref } = await storeBlob(undefined, path);
    assertEquals(toHex(encodeBlobRef(ref)), hex);
  }
});

Deno.test("storeBlob stores the chunks of a file and of a stream alike", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/blob`;
  // Two equal chunks exactly: stored once, and no empty third one.
  const bytes = new Uint8Array(2 * CHUNK_SIZE).fill(3);
  Deno.writeFileSync(path, bytes);
  const fromFile = new MemoryStore();
  const fromStream = new MemoryStore();
  const a = await storeBlob(fromFile, path);
  const b = await storeBlob(fromStream, new Blob([bytes]).stream());
  assertEquals(a, b);
  assertEquals([a.size, a.chunks], [BigInt(bytes.length), 2]);
  for (const store of [fromFile, fromStream]) {
    assertEquals([store.size, store.bytes], [1, CHUNK_SIZE]);
    const chunk = await store.get(blake3(bytes.subarray(0, CHUNK_SIZE)));
    assertEquals(chunk?.length, CHUNK_SIZE);
  }
  assertEquals(decodeBlobRef(encodeBlobRef(a.ref)), a.ref);
});

Deno.test("storeBlob stores the one empty chunk of an empty file", async () => {
  using temp = makeTempDir();
  Deno.writeTextFileSync(`${temp.path}/empty`, "");
  await using store = await DiskStore.open(`${temp.path}/store`);
  const { size, chunks } = await storeBlob(store, `${temp.path}/empty`);
  assertEquals([size, chunks], [0n, 1]);
  assertEquals(await store.get(blake3(new Uint8Array())), new Uint8Array());
});

Deno.test("storeBlob reports progress after each chunk and at the end, and reads none ahead with one job", async () => {
  let pulled = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(out) {
      const length = [CHUNK_SIZE, 5].at(pulled++);
      if (length === undefined) out.close();
      else out.enqueue(new Uint8Array(length));
    },
  }, { highWaterMark: 0 });
  const seen: (PublishProgress & { pulled: number })[] = [];
  await storeBlob(undefined, stream, {
    onProgress: (progress) => seen.push({ ...progress, pulled }),
  });
  assertEquals(seen, [
    { path: "-", files: 0, bytes: CHUNK_SIZE, pulled: 1 },
    { path: "-", files: 0, bytes: CHUNK_SIZE + 5, pulled: 3 },
    { path: "-", files: 1, bytes: CHUNK_SIZE + 5, pulled: 3 },
  ]);
});

Deno.test("storeBlob names a file it cannot open, and says what reading failed with", async () => {
  using temp = makeTempDir();
  const broken = new ReadableStream<Uint8Array>({
    pull: () => Promise.reject(new Error("cable cut")),
  });
  for (
    const [source, type, message] of [
      ["/no/such/file", IoError, "/no/such/file"],
      [temp.path, StoreError, "read source: "],
      [broken, StoreError, "read source: cable cut"],
    ] as const
  ) {
    await assertRejects(() => storeBlob(undefined, source), type, message);
  }
});

Deno.test("storeBlob stores what it read of a file that changes, and refuses it when strict", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/living`;
  const size = 2 * CHUNK_SIZE + 10;
  const bytes = new Uint8Array(patternBytes(size, 5));
  // To the length that it had when it was opened, or to its end.
  for (const [change, length] of [[1, size], [-1, size - 1]]) {
    Deno.writeFileSync(path, bytes);
    const warnings: string[] = [];
    const options = {
      onProgress: () => Deno.truncateSync(path, size + change),
      onWarning: ({ kind, path }: PublishWarning) =>
        void warnings.push(`${kind} ${path}`),
    };
    const { ref, changed } = await storeBlob(undefined, path, options);
    const read = new Blob([bytes.slice(0, length)]);
    const expected = await storeBlob(undefined, read.stream());
    assertEquals(ref, expected.ref);
    assertEquals([changed, expected.changed], [1, 0]);
    assertEquals(warnings, [`changed ${path}`]);
    Deno.writeFileSync(path, bytes);
    const storing = storeBlob(undefined, path, { ...options, strict: true });
    await assertRejects(() => storing, IoError, "publish it when nobody");
  }
});

Deno.test({
  ...unless(
    Deno.build.os === "linux" ? undefined : "there is no /proc",
    "storeBlob reads a file of the kernel, which has no length, to its end",
  ),
  fn: async () => {
    // The second refuses to be read into as much room as a chunk has.
    for (const path of ["/proc/version", "/proc/sys/kernel/ostype"]) {
      const bytes = Deno.readFileSync(path);
      const { size, changed } = await storeBlob(undefined, path);
      assertEquals([size, changed], [BigInt(bytes.length), 0]);
    }
  },
});

Deno.test("storeBlob stops at once, also while a stream says nothing, and cancels it", async () => {
  const controller = new AbortController();
  let cancelled = false;
  const silent = new ReadableStream<Uint8Array>({
    pull() {
      controller.abort(new Error("enough"));
      return new Promise(() => {});
    },
    cancel() {
      cancelled = true;
    },
  });
  const storing = storeBlob(undefined, silent, { signal: controller.signal });
  await assertRejects(() => storing, Error, "enough");
  assert(cancelled);
});

Deno.test("storeBlob gives up when a chunk cannot be stored and closes the file", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/blob`;
  Deno.writeFileSync(path, new Uint8Array(3 * CHUNK_SIZE));
  const store = new MemoryStore();
  store.put = () => Promise.reject(new StoreError("disk full"));
  await assertRejects(() => storeBlob(store, path), StoreError, "disk full");
});
