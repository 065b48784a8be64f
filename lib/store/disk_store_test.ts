import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { blake3 } from "../content/mod.ts";
import { HashMismatchError, StoreError, UsageError } from "../errors.ts";
import { CHUNK_MAX, CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { DiskStore } from "./disk_store.ts";
import {
  encodePointer,
  encodeRecord,
  generationName,
  RecordChecksum,
} from "./store_record.ts";
import {
  makeTempDir,
  openFilesBelow,
  patternBytes,
  snapshot,
} from "./testing/temp_tree.ts";

const VECTORS = decodeURIComponent(
  new URL("../../tests/vectors/store/", import.meta.url).pathname,
);
const HELLO = new TextEncoder().encode("hello\n");
const HELLO_HASH = blake3(HELLO);
const HELLO_HEX = toHex(HELLO_HASH);
const checksum = await RecordChecksum.load();

function chunkDirectory(root: string, hash = HELLO_HASH): string {
  return `${root}/dataforts/blob/${toHex(hash)}`;
}

/** A chunk directory written file by file. */
function writeFiles(
  directory: string,
  files: Record<string, Uint8Array>,
): void {
  for (const [name, bytes] of Object.entries(files)) {
    const path = `${directory}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(path, bytes);
  }
}

function recordOf(bytes: Uint8Array, offset = 0, seq = 0n): Uint8Array {
  const { length } = bytes;
  return encodeRecord({ seq, offset, length, sum: checksum.low28(bytes) });
}

const NONE = new Uint8Array();

/** The files of a generation. */
function generation(
  idx: Uint8Array,
  dat?: Uint8Array,
  ts?: Uint8Array,
  number = 1,
): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries({ idx, dat, ts }).flatMap(([name, bytes]) =>
      bytes === undefined ? [] : [[`${generationName(number)}/${name}`, bytes]]
    ),
  );
}

Deno.test("DiskStore reads what the reference wrote, and writes the same bytes", async () => {
  using temp = makeTempDir();
  await using theirs = await DiskStore.open(VECTORS, { mustExist: true });
  await using ours = await DiskStore.open(temp.path);
  const before = snapshot(VECTORS);
  let chunks = 0;
  for await (const hash of theirs.hashes()) {
    chunks++;
    assertEquals(await theirs.has(hash), true);
    const bytes = await theirs.get(hash);
    if (bytes === undefined) throw new Error("the chunk is not held");
    assertEquals(blake3(bytes), hash);
    await ours.put(hash, bytes);
    const to = chunkDirectory(temp.path, hash);
    for (const name of ["manifest", "v0000000001/idx", "v0000000001/dat"]) {
      const from = `${chunkDirectory(VECTORS, hash)}/${name}`;
      const [made, given] = [`${to}/${name}`, from].map(Deno.readFileSync);
      assertEquals(made, given, name);
    }
    assertEquals(Deno.statSync(`${to}/v0000000001/ts`).size, 8);
    assertEquals([...Deno.readDirSync(to)].length, 2);
    assertEquals([...Deno.readDirSync(`${to}/v0000000001`)].length, 3);
  }
  assertEquals(chunks, 2);
  assertEquals(snapshot(VECTORS), before);
});

Deno.test("DiskStore writes the empty chunk and an eight byte chunk as ordinary records", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  const eight = new Uint8Array(8).fill(7);
  for (const bytes of [NONE, eight]) {
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    assertEquals(await store.get(hash), bytes);
    assertEquals(await store.has(hash), true);
    const generation = `${chunkDirectory(temp.path, hash)}/v0000000001`;
    assertEquals(Deno.readFileSync(`${generation}/dat`), bytes);
    assertEquals(Deno.readFileSync(`${generation}/idx`), recordOf(bytes));
  }
  const empty = `${chunkDirectory(temp.path, blake3(NONE))}/v0000000001/idx`;
  assertEquals(
    toHex(Deno.readFileSync(empty)),
    "000000000000000000000000000000" + "00c294d308",
  );
});

Deno.test("DiskStore misses without creating anything, and finds what another store of the directory took later", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(`${temp.path}/none`);
  assertEquals(await store.get(HELLO_HASH), undefined);
  assertEquals(await store.has(HELLO_HASH), false);
  assertEquals(await Array.fromAsync(store.hashes()), []);
  assertEquals([...Deno.readDirSync(temp.path)], []);
  await using writer = await DiskStore.open(store.path);
  await writer.put(HELLO_HASH, HELLO);
  assertEquals(await store.get(HELLO_HASH), HELLO);
});

Deno.test("DiskStore.open refuses a file, and on request a directory that is not there", async () => {
  using temp = makeTempDir();
  writeFiles(temp.path, { file: NONE });
  const file = DiskStore.open(`${temp.path}/file`);
  await assertRejects(() => file, StoreError, "is not a directory");
  const none = DiskStore.open(`${temp.path}/none`, { mustExist: true });
  await assertRejects(() => none, StoreError, "none");
});

Deno.test("DiskStore leaves no staging directory behind", async () => {
  using temp = makeTempDir();
  {
    await using store = await DiskStore.open(temp.path, { fsync: true });
    await store.put(HELLO_HASH, HELLO);
    const large = patternBytes(CHUNK_SIZE, 3);
    await store.put(blake3(large), large);
    assertEquals(await store.get(blake3(large)), large);
  }
  const names = [...Deno.readDirSync(`${temp.path}/dataforts`)];
  assertEquals(names.map((entry) => entry.name), ["blob"]);
});

Deno.test("DiskStore takes one chunk from many callers at once", async () => {
  using temp = makeTempDir();
  const stores = await Promise.all(
    [1, 2, 3, 4].map(() => DiskStore.open(temp.path)),
  );
  const large = patternBytes(1 << 20, 5);
  const hash = blake3(large);
  await Promise.all(stores.flatMap((store) => [
    store.put(hash, large),
    store.put(hash, large),
    store.put(HELLO_HASH, HELLO),
  ]));
  for (const store of stores) {
    assertEquals(await store.get(hash), large);
    assertEquals(await store.get(HELLO_HASH), HELLO);
    await store[Symbol.asyncDispose]();
  }
  const generation = `${chunkDirectory(temp.path, hash)}/v0000000001`;
  assertEquals(Deno.statSync(`${generation}/dat`).size, large.length);
});

Deno.test("DiskStore resolves the generation as a node does", async (t) => {
  const good = recordOf(HELLO);
  const ts = new Uint8Array(8);
  const fifth = generation(good, HELLO, ts, 5);
  const empty = generation(NONE, NONE, NONE);
  const incomplete = generation(good, undefined, undefined, 6);
  const cases: [string, Record<string, Uint8Array>][] = [
    ["the one the pointer names", {
      manifest: encodePointer(5, checksum),
      ...fifth,
      ...empty,
      ...generation(NONE, NONE, NONE, 6),
    }],
    ["the highest complete one without a pointer", {
      ...fifth,
      ...empty,
      ...incomplete,
    }],
    ["the highest complete one when the pointer names an incomplete one", {
      manifest: encodePointer(6, checksum),
      ...fifth,
      ...incomplete,
    }],
    ["the highest complete one when the pointer is damaged", {
      manifest: new Uint8Array(16),
      ...fifth,
    }],
    ["the flat files of the old layout", { idx: good, dat: HELLO, ts }],
    ["the first one though it has no time stamps", generation(good, HELLO)],
  ];
  for (const [name, files] of cases) {
    await t.step(name, async () => {
      using temp = makeTempDir();
      writeFiles(chunkDirectory(temp.path), files);
      const before = snapshot(temp.path);
      await using store = await DiskStore.open(temp.path);
      assertEquals(await store.has(HELLO_HASH), true);
      assertEquals(await store.get(HELLO_HASH), HELLO);
      await store.put(HELLO_HASH, HELLO);
      assertEquals(snapshot(temp.path), before);
    });
  }
});

Deno.test("DiskStore takes the first record that proves itself and believes no other", async (t) => {
  const garbage = new Uint8Array([9, 9, 9, 9]);
  const joined = new Uint8Array([...garbage, ...HELLO]);
  const two = new Uint8Array([...recordOf(garbage), ...recordOf(HELLO, 4)]);
  const wrongSum = recordOf(garbage).fill(6, 12, 13);
  const torn = new Uint8Array([...recordOf(HELLO), 1, 2, 3]);
  const tooLong = { seq: 0n, offset: 0, length: 0xffff_ffff, sum: 0 };
  const cases: [string, Uint8Array, Uint8Array, boolean][] = [
    ["a good copy behind garbage", two, joined, true],
    ["a record with a wrong checksum", wrongSum, HELLO, true],
    ["a partial record at the end", torn, HELLO, true],
    ["a record beyond the end", recordOf(HELLO, 1), HELLO, false],
    ["a record longer than any chunk", encodeRecord(tooLong), HELLO, false],
    ["other bytes", recordOf(garbage), garbage, false],
    ["an empty index", NONE, HELLO, false],
  ];
  for (const [name, idx, dat, held] of cases) {
    await t.step(name, async () => {
      using temp = makeTempDir();
      const files = generation(idx, dat, new Uint8Array(8));
      writeFiles(chunkDirectory(temp.path), files);
      const before = snapshot(temp.path);
      await using store = await DiskStore.open(temp.path);
      assertEquals(await store.get(HELLO_HASH), held ? HELLO : undefined);
      assertEquals(snapshot(temp.path), before);
    });
  }
});

Deno.test("DiskStore completes the placeholder that a lookup of the reference leaves", async () => {
  using temp = makeTempDir();
  writeFiles(chunkDirectory(temp.path), {
    manifest: encodePointer(1, checksum),
    ...generation(NONE, NONE, NONE),
  });
  await using store = await DiskStore.open(temp.path);
  assertEquals(await store.has(HELLO_HASH), false);
  assertEquals(await store.get(HELLO_HASH), undefined);
  await store.put(HELLO_HASH, HELLO);
  assertEquals(await store.get(HELLO_HASH), HELLO);
  const first = `${chunkDirectory(temp.path)}/${generationName(1)}`;
  assertEquals(Deno.readFileSync(`${first}/idx`), recordOf(HELLO));
  assertEquals(Deno.readFileSync(`${first}/dat`), HELLO);
  assertEquals(Deno.statSync(`${first}/ts`).size, 8);
});

Deno.test("DiskStore reports a chunk whose checksum is right and whose bytes are others", async () => {
  using temp = makeTempDir();
  const other = new TextEncoder().encode("hullo\n");
  const files = generation(recordOf(other), other, new Uint8Array(8));
  writeFiles(chunkDirectory(temp.path), files);
  const before = snapshot(temp.path);
  const problems: string[] = [];
  await using store = await DiskStore.open(temp.path, {
    onProblem: (message) => problems.push(message),
  });
  assertEquals(await store.get(HELLO_HASH), undefined);
  assertEquals(problems.length, 1);
  assert(problems[0].includes(HELLO_HEX));
  const putting = store.put(HELLO_HASH, HELLO);
  const error = await assertRejects(() => putting, StoreError, "other bytes");
  assertInstanceOf(error.cause, HashMismatchError);
  assert(error.hint?.includes(HELLO_HEX));
  assertEquals(snapshot(temp.path), before);
});

Deno.test("DiskStore names the store when it cannot write", async () => {
  using temp = makeTempDir();
  writeFiles(temp.path, { dataforts: HELLO });
  await using store = await DiskStore.open(temp.path);
  const putting = store.put(HELLO_HASH, HELLO);
  await assertRejects(() => putting, StoreError, temp.path);
  assertEquals(await store.get(HELLO_HASH), undefined);
});

Deno.test("DiskStore deletes a chunk whole", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  await store.put(HELLO_HASH, HELLO);
  assertEquals(await store.delete(HELLO_HASH), true);
  assertEquals(await store.delete(HELLO_HASH), false);
  assertEquals(await store.has(HELLO_HASH), false);
  assertEquals(await Array.fromAsync(store.hashes()), []);
});

Deno.test("DiskStore removes what killed processes were building, and nothing else", async () => {
  using temp = makeTempDir();
  const staging = `${temp.path}/dataforts/tmp`;
  const [stale, live] = [123, 124].map((pid) => `${pid}-0123456789abcdef`);
  const foreign = "notes";
  for (const name of [stale, live, foreign]) {
    Deno.mkdirSync(`${staging}/${name}/0/v0000000001`, { recursive: true });
    if (name !== live) Deno.utimeSync(`${staging}/${name}`, 0, 0);
  }
  await using store = await DiskStore.open(temp.path);
  await store.put(HELLO_HASH, HELLO);
  const left = [...Deno.readDirSync(staging)].map((entry) => entry.name);
  const kept = [stale, live, foreign].map((name) => left.includes(name));
  assertEquals(kept, [false, true, true]);
});

Deno.test("DiskStore goes on when its staging directory or its blobs are taken away", async () => {
  using temp = makeTempDir();
  await using store = await DiskStore.open(temp.path);
  await store.put(HELLO_HASH, HELLO);
  Deno.removeSync(`${temp.path}/dataforts`, { recursive: true });
  const other = patternBytes(100, 1);
  await store.put(blake3(other), other);
  assertEquals(await store.get(blake3(other)), other);
  assertEquals(await store.get(HELLO_HASH), undefined);
});

Deno.test({
  name: "DiskStore keeps no file open, whatever the number of chunks",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using temp = makeTempDir();
    await using store = await DiskStore.open(temp.path);
    for (let n = 0; n < 1000; n++) {
      const tail = [n & 255, n >> 8];
      const bytes = new Uint8Array([...patternBytes(8 + n % 5, n), ...tail]);
      await store.put(blake3(bytes), bytes);
      assert(await store.get(blake3(bytes)) !== undefined);
    }
    const large = [...Array(40).keys()].map((n) => patternBytes(300_000, n));
    await Promise.all(large.map((bytes) => store.put(blake3(bytes), bytes)));
    await Promise.all(large.map((bytes) => store.get(blake3(bytes))));
    assertEquals(openFilesBelow(temp.path), 0);
  },
});

Deno.test("DiskStore tells how long a chunk is without reading it", async () => {
  using dir = makeTempDir();
  await using store = await DiskStore.open(dir.path);
  assertEquals(store.sizeOf(HELLO_HASH), 0);
  await store.put(HELLO_HASH, HELLO);
  assertEquals(store.sizeOf(HELLO_HASH), HELLO.length);
  const data = `${chunkDirectory(dir.path)}/${generationName(1)}/dat`;
  Deno.truncateSync(data, CHUNK_MAX + 1);
  assertEquals(store.sizeOf(HELLO_HASH), undefined, "no chunk is as long");
  Deno.removeSync(data);
  assertEquals(store.sizeOf(HELLO_HASH), undefined, "it may be elsewhere");
});

Deno.test(
  unless(
    onWindows,
    "DiskStore changes nothing where other users could redirect it, and reads",
  ),
  async () => {
    using temp = makeTempDir();
    const path = `${temp.path}/open/store`;
    Deno.mkdirSync(`${temp.path}/open`);
    Deno.chmodSync(`${temp.path}/open`, 0o777);
    {
      await using store = await DiskStore.open(path);
      await assertRejects(() => store.put(HELLO_HASH, HELLO), UsageError);
      assertEquals([...Deno.readDirSync(`${temp.path}/open`)], []);
    }
    {
      await using store = await DiskStore.open(path, { trustParent: true });
      await store.put(HELLO_HASH, HELLO);
    }
    await using store = await DiskStore.open(path);
    assertEquals(await store.get(HELLO_HASH), HELLO);
    await assertRejects(() => store.put(HELLO_HASH, HELLO), UsageError);
    await assertRejects(() => store.delete(HELLO_HASH), UsageError);
    await assertRejects(() => store.collect(HELLO_HASH, Infinity), UsageError);
    assertEquals(await store.has(HELLO_HASH), true);
  },
);
