import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { blake3, decodeDirManifest, encodeBlobRef } from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { MemoryStore } from "./memory_store.ts";
import type { PublishProgress } from "./publish_progress.ts";
import { rawPaths } from "./raw_paths.ts";
import { SourceStore } from "./source_store.ts";
import { storeBlob } from "./store_blob.ts";
import { storeDir } from "./store_dir.ts";
import {
  chunkHashes,
  makeTempDir,
  openFilesBelow,
  patternBytes,
  runScript,
  type TreeSpec,
  writeTree,
} from "./testing/temp_tree.ts";
import { unless } from "../../tests/support/unless.ts";

const NONE = { changed: 0, vanished: 0, unreadable: 0, skipped: 0 };
const ALL_CARRIED = { hardLinks: 0, sparse: 0, owners: 0 };

Deno.test("SourceStore serves every chunk of a file and of a tree, manifest included", async () => {
  using temp = makeTempDir();
  const large = patternBytes(2 * CHUNK_SIZE + 7, 3);
  writeTree(temp.path, {
    "tree/large": large,
    "tree/sub/small": "hello\n",
    "tree/empty": "",
    "file": patternBytes(300_000, 9),
  });
  const stored = new MemoryStore();
  const dir = await storeDir(stored, `${temp.path}/tree`);
  const blob = await storeBlob(stored, `${temp.path}/file`);
  const [tree, file] = [`${temp.path}/tree`, `${temp.path}/file`];
  await using store = await SourceStore.of([tree, file]);
  const size = BigInt(large.length + 6);
  const { ref } = dir;
  assertEquals(store.refs, [
    {
      path: tree,
      kind: "dir",
      ref,
      size,
      counts: NONE,
      notCarried: ALL_CARRIED,
    },
    { path: file, kind: "blob", ref: blob.ref, size: 300_000n, counts: NONE },
  ]);
  if (ref.kind !== "small") throw new Error(`a ${ref.kind} manifest`);
  const manifest = await store.get(ref.hash);
  const { entries } = decodeDirManifest(manifest ?? new Uint8Array());
  for (const { kind } of entries) {
    if (kind.type !== "file") continue;
    const hashes = chunkHashes(kind.blob);
    assert(hashes.length > 0);
    for (const hash of hashes) {
      assertEquals(await store.has(hash), true);
      assertEquals(await store.get(hash), await stored.get(hash));
      assertEquals(store.sizeOf(hash), stored.sizeOf(hash));
    }
  }
  assertEquals(store.sizeOf(ref.hash), manifest?.length);
  assertEquals(store.sizeOf(new Uint8Array(32)), 0);
  assertEquals(await store.has(new Uint8Array(32)), false);
  assertEquals(await store.get(new Uint8Array(32)), undefined);
});

Deno.test("SourceStore does not serve what has changed, and says so once for each file", async (t) => {
  const changes: [string, (path: string) => void][] = [
    ["other bytes", (path) => Deno.writeTextFileSync(path, "hullo\n")],
    ["shorter", (path) => Deno.truncateSync(path, 3)],
    ["removed", (path) => Deno.removeSync(path)],
    ["a directory", (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    }],
  ];
  if (Deno.build.os !== "windows") {
    // Opening it would wait for a writer.
    changes.push([
      "a FIFO",
      (path) => runScript("/", `rm '${path}'; mkfifo '${path}'`),
    ]);
  }
  const hash = blake3(new TextEncoder().encode("hello\n"));
  for (const [name, change] of changes) {
    await t.step(name, async () => {
      using temp = makeTempDir();
      const path = `${temp.path}/file`;
      writeTree(temp.path, { "file": "hello\n" });
      const problems: string[] = [];
      await using store = await SourceStore.of([path], {
        onProblem: (message) => problems.push(message),
      });
      assert(await store.get(hash) !== undefined);
      change(path);
      assertEquals(await store.get(hash), undefined);
      assertEquals(await store.get(hash), undefined);
      assertEquals(problems.length, 1);
      assert(problems[0].includes(path), problems[0]);
    });
  }
});

Deno.test("SourceStore takes a chunk from any of the files that have it", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "a": "same", "b": "same", "c": "same" });
  await using store = await SourceStore.of([temp.path]);
  Deno.writeTextFileSync(`${temp.path}/a`, "else");
  Deno.removeSync(`${temp.path}/c`);
  const bytes = new TextEncoder().encode("same");
  assertEquals(await store.get(blake3(bytes)), bytes);
});

Deno.test("SourceStore names a path that it cannot serve", async () => {
  const opening = SourceStore.of(["/no/such/path"]);
  await assertRejects(() => opening, IoError, "/no/such/path");
});

Deno.test("SourceStore adds the progress of its paths up, and stops when told", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "tree/a": "12", "tree/b": "345", "file": "6789" });
  const paths = [`${temp.path}/tree`, `${temp.path}/file`];
  let last: Partial<PublishProgress> = {};
  const totalsSeen = new Set<number | undefined>();
  const onProgress = (progress: PublishProgress) => {
    last = progress;
    totalsSeen.add(progress.totalBytes);
  };
  await using _store = await SourceStore.of(paths, { onProgress });
  const all = { totalFiles: 3, totalBytes: 9 };
  assertEquals<unknown>(last, { path: paths[1], files: 3, bytes: 9, ...all });
  // Files that follow are counted before they are read, directories are not.
  assertEquals(totalsSeen, new Set([9]));
  totalsSeen.clear();
  await using _turned = await SourceStore.of(paths.toReversed(), {
    onProgress,
  });
  assertEquals(totalsSeen, new Set([undefined, 9]));
  await using _alone = await SourceStore.of([paths[0]], { onProgress });
  const { path: _, ...counts } = last;
  const totals = { totalFiles: 2, totalBytes: 5 };
  assertEquals<unknown>(counts, { files: 2, bytes: 5, ...totals });
  const signal = AbortSignal.abort(new Error("enough"));
  const stopped = SourceStore.of(paths, { signal });
  await assertRejects(() => stopped, Error, "enough");
});

Deno.test({
  name: "SourceStore keeps no file open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using temp = makeTempDir();
    const tree: TreeSpec = {};
    for (let n = 0; n < 300; n++) tree[`d${n % 7}/${n}`] = `file ${n}`;
    tree["large"] = patternBytes(3 * CHUNK_SIZE, 1);
    writeTree(temp.path, tree);
    await using store = await SourceStore.of([temp.path]);
    const hashes = Object.values(tree).map((content) =>
      typeof content === "string"
        ? blake3(new TextEncoder().encode(content))
        : blake3(patternBytes(CHUNK_SIZE, 1))
    );
    for (let round = 0; round < 3; round++) {
      const got = await Promise.all(hashes.map((hash) => store.get(hash)));
      assert(got.every((bytes) => bytes !== undefined));
    }
    assertEquals(openFilesBelow(temp.path), 0);
  },
});

Deno.test("SourceStore gives any tree the reference that storeDir gives it", async () => {
  const name = fc.stringMatching(/^[a-z.\-0-9\ue000\u{10000}]{1,4}$/u)
    .filter((text) => text !== "." && text !== "..");
  const leaf = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    name.map((link) => ({ link })),
    fc.constant({ dir: true as const }),
  );
  // Names with a digit in front are directories: no path is both.
  const path = fc.tuple(
    fc.array(name.map((text) => `0${text}`), { maxLength: 2 }),
    name.map((text) => `x${text}`),
  ).map(([above, last]) => [...above, last].join("/"));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(path, leaf, { maxKeys: 8 }),
      async (spec) => {
        using temp = makeTempDir();
        writeTree(temp.path, spec);
        const { ref } = await storeDir(undefined, temp.path);
        await using store = await SourceStore.of([temp.path]);
        assertEquals(encodeBlobRef(store.refs[0].ref), encodeBlobRef(ref));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test({
  ...unless(
    rawPaths === undefined ? "no native calls" : undefined,
    "SourceStore serves paths that are not UTF-8, given so or reached by a link",
  ),
  fn: async () => {
    using temp = makeTempDir();
    runScript(
      temp.path,
      'd="$(printf "d\\351")"; mkdir "$d"; printf hello > "$d/f"; ln -s "$d" link; ln -s "$d/f" flink',
    );
    const directory = `${temp.path}/d\udce9`;
    const paths = [directory, `${directory}/f`, "link", "flink"];
    const given = paths.map((path) =>
      path.startsWith("/") ? path : `${temp.path}/${path}`
    );
    await using store = await SourceStore.of(given);
    const shown = `${temp.path}/d\\xe9`;
    assertEquals(store.refs.map(({ path, kind }) => `${kind} ${path}`), [
      `dir ${shown}`,
      `blob ${shown}/f`,
      `dir ${temp.path}/link`,
      `blob ${temp.path}/flink`,
    ]);
    assertEquals(store.refs[0].ref, store.refs[2].ref);
    const hello = new TextEncoder().encode("hello");
    assertEquals(await store.get(blake3(hello)), hello);
    const none = SourceStore.of([`${temp.path}/none\udce9`]);
    await assertRejects(() => none, IoError, "/none");
  },
});
