/** Trees that live while they are published. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, type BlobRef, decodeDirManifest } from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { HashCache } from "./hash_cache.ts";
import { MemoryStore } from "./memory_store.ts";
import { rawPaths } from "./raw_paths.ts";
import type { PublishOptions } from "./publish_progress.ts";
import { SourceStore } from "./source_store.ts";
import { storeDir } from "./store_dir.ts";
import { noReplacing, saveAs } from "./testing/replacing.ts";
import {
  chunkHashes,
  makeTempDir,
  patternBytes,
  runScript,
  writeTree,
} from "./testing/temp_tree.ts";

/** What became of a tree that changed when it had been listed. */
interface Living {
  ref: BlobRef;
  /** Content, link text or mode of each path. */
  entries: Record<string, string>;
  told: string[];
}

/** Publishes a tree, and calls `change` when all of it was listed, none read. */
async function publishLiving(
  root: string,
  change: () => void,
  options: PublishOptions = {},
): Promise<Living> {
  const store = new MemoryStore();
  const told: string[] = [];
  let isListed = false;
  const { ref, stats } = await storeDir(store, root, {
    ...options,
    onWarning: ({ kind, path }) =>
      told.push(`${kind} ${path.slice(root.length + 1)}`),
    filter(path) {
      // The last name of the listing: what it is was looked at before.
      if (path === "zz" && !isListed) change();
      isListed ||= path === "zz";
      return true;
    },
  });
  assert(isListed);
  const kinds = Object.groupBy(told, (line) => line.split(" ")[0]);
  for (const kind of ["changed", "vanished", "unreadable"] as const) {
    assertEquals(stats[kind], kinds[kind]?.length ?? 0, kind);
  }
  return { ref, entries: await entriesIn(store, ref), told: told.sort() };
}

async function entriesIn(
  store: MemoryStore,
  ref: BlobRef,
): Promise<Record<string, string>> {
  if (ref.kind !== "small") throw new Error(`a ${ref.kind} manifest`);
  const manifest = await store.get(ref.hash);
  const entries: Record<string, string> = {};
  for (
    const { path, kind } of decodeDirManifest(manifest ?? new Uint8Array())
      .entries
  ) {
    if (kind.type === "dir") entries[path] = "a directory";
    else if (kind.type === "symlink") entries[path] = `-> ${kind.target}`;
    else {
      const hashes = chunkHashes(kind.blob);
      const chunks = await Promise.all(hashes.map((hash) => store.get(hash)));
      const parts = chunks.map((chunk) => new Uint8Array(chunk ?? []));
      const bytes = await new Blob(parts).bytes();
      entries[path] = bytes.length < 100
        ? new TextDecoder().decode(bytes)
        : toHex(blake3(bytes));
    }
  }
  delete entries.zz;
  return entries;
}

Deno.test("a file that grew or shrank since it was listed is published as it is when it is read", async () => {
  using temp = makeTempDir();
  const sizes = [10, 300_000, CHUNK_SIZE, CHUNK_SIZE + 10, 3 * CHUNK_SIZE];
  for (const size of sizes) {
    for (const now of [0, size - 1, size + 1, CHUNK_SIZE + 1, 2 * CHUNK_SIZE]) {
      if (now === size) continue;
      const bytes = patternBytes(now, 7);
      writeTree(temp.path, {
        "a": "quiet",
        "b": patternBytes(size, 1),
        "zz": "",
      });
      const change = () => Deno.writeFileSync(`${temp.path}/b`, bytes);
      const { entries, told } = await publishLiving(temp.path, change);
      const content = now < 100
        ? new TextDecoder().decode(bytes)
        : toHex(blake3(bytes));
      assertEquals(entries, { a: "quiet", b: content });
      assertEquals(told, ["changed b"]);
    }
  }
});

Deno.test("what vanished since it was listed is left out, directories with all that was in them", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "a/gone/deep/file": "1",
    "a/gone/deep/link": { link: "file" },
    "a/gone/empty": { dir: true },
    "a/kept": "2",
    "b": "3",
    "c": patternBytes(2 * CHUNK_SIZE, 3),
    "l": { link: "b" },
    "zz": "",
  });
  const { entries, told } = await publishLiving(temp.path, () => {
    for (const path of ["a/gone", "b", "c"]) {
      Deno.removeSync(`${temp.path}/${path}`, { recursive: true });
    }
  });
  assertEquals(entries, { a: "a directory", "a/kept": "2", l: "-> b" });
  assertEquals(told, [
    ...["vanished a/gone", "vanished a/gone/deep", "vanished a/gone/deep/file"],
    ...["vanished a/gone/deep/link", "vanished a/gone/empty"],
    ...["vanished b", "vanished c"],
  ]);
});

Deno.test("a directory that vanishes while the tree is listed is left out", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "a/x": "1", "b/y": "2", "c": "3" });
  const told: string[] = [];
  const { stats } = await storeDir(undefined, temp.path, {
    onWarning: ({ kind, path }) =>
      told.push(`${kind} ${path.slice(temp.path.length)}`),
    filter(path) {
      // It is listed only when its name has been passed.
      if (path === "b") Deno.removeSync(`${temp.path}/b`, { recursive: true });
      return true;
    },
  });
  assertEquals([stats.files, stats.dirs, stats.vanished], [2, 1, 1]);
  assertEquals(told, ["vanished /b"]);
});

Deno.test({
  ...unless(
    onWindows,
    "nothing that took the place of a file is opened: no link is followed, no pipe waited for",
  ),
  fn: async () => {
    using temp = makeTempDir();
    const names = ["dir", "fifo", "link", "to_file"];
    const spec = Object.fromEntries(names.map((name) => [name, "was here"]));
    writeTree(temp.path, { "tree/a": "1", "secret": "outside" });
    writeTree(`${temp.path}/tree`, { ...spec, "zz": "", "was_dir/x": "1" });
    const { entries, told } = await publishLiving(
      `${temp.path}/tree`,
      () =>
        runScript(
          `${temp.path}/tree`,
          `rm -r ${names.join(" ")} was_dir
         mkdir dir; mkfifo fifo; ln -s ../secret link; ln -s a to_file
         echo file > was_dir`,
        ),
    );
    assertEquals(entries, { a: "1" });
    assertEquals(
      told,
      [...names, "was_dir", "was_dir/x"].map((name) => `vanished ${name}`)
        .sort(),
    );
  },
});

Deno.test({
  ...unless(
    onWindows ?? (rawPaths && "there are native calls"),
    "a file that another one replaces, as editors save, is left out where names alone lead to it",
  ),
  fn: async () => {
    using temp = makeTempDir();
    writeTree(temp.path, { "d/a": "old", "new": "new", "zz": "" });
    const { entries, told } = await publishLiving(
      temp.path,
      () => Deno.renameSync(`${temp.path}/new`, `${temp.path}/d/a`),
    );
    assertEquals(entries, { d: "a directory" });
    assertEquals(told, ["vanished d/a", "vanished new"]);
  },
});

Deno.test({
  ...unless(
    noReplacing,
    "a file that another one replaces, as editors save, is published as the new one",
  ),
  fn: async () => {
    const sizes = [3, 300_000, CHUNK_SIZE + 1, 2 * CHUNK_SIZE];
    for (const old of sizes) {
      for (const now of sizes) {
        const remembers = old < now;
        using temp = makeTempDir();
        const tree = `${temp.path}/tree`;
        const bytes = patternBytes(now, 7);
        writeTree(tree, { "d/e/a": patternBytes(old, 1), "zz": "" });
        const change = () => saveAs(`${tree}/d/e/a`, bytes);
        const hashCache = HashCache.open(`${temp.path}/hashes`, {
          uid: Deno.uid(),
          now: Date.now,
        });
        const options = remembers ? { hashCache } : {};
        const { entries, told } = await publishLiving(tree, change, options);
        const content = now < 100
          ? new TextDecoder().decode(bytes)
          : toHex(blake3(bytes));
        assertEquals(entries["d/e/a"], content, `${old} -> ${now}`);
        assertEquals(told, []);
      }
    }
  },
});

Deno.test("a file that was there before the listing and takes the place of another is left out", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "tree/a": "old", "tree/zz": "", "secret": "secret" });
  const { entries } = await publishLiving(
    `${temp.path}/tree`,
    () => Deno.renameSync(`${temp.path}/secret`, `${temp.path}/tree/a`),
  );
  assert(Deno.build.os === "windows" || entries.a === undefined);
});

Deno.test({
  ...unless(
    onWindows,
    "no file is taken for a replaced one that lies in another directory than was listed",
  ),
  fn: async () => {
    for (
      const replace of [
        "mv tree/d aside; ln -s ../outside tree/d",
        "mv tree/d aside; mv outside tree/d",
        "mv tree/d aside; mv aside/e tree/e.old; cp -r outside tree/d",
        "mv tree/d/e aside; ln -s ../../outside/e tree/d/e",
        "mv tree aside; ln -s outside_tree tree",
        "mv tree aside; mv outside_tree tree",
      ]
    ) {
      using temp = makeTempDir();
      writeTree(temp.path, {
        "tree/d/e/a": "1",
        "tree/zz": "",
        "outside/e/a": "secret",
        "outside_tree/d/e/a": "secret",
        "outside_tree/zz": "secret",
      });
      const change = () => runScript(temp.path, replace);
      const publishing = publishLiving(`${temp.path}/tree`, change);
      const entries = await publishing.then(
        ({ entries }) => entries,
        () => ({}),
      );
      assert(!Object.values(entries).includes("secret"), replace);
    }
  },
});

Deno.test({
  ...unless(
    noReplacing,
    "a holder serves the file that replaced another one before it was read",
  ),
  fn: async () => {
    using temp = makeTempDir();
    writeTree(temp.path, { "tree/a": "old", "tree/zz": "" });
    const content = new TextEncoder().encode("new");
    await using store = await SourceStore.of([`${temp.path}/tree`], {
      filter(path) {
        if (path === "zz") saveAs(`${temp.path}/tree/a`, content);
        return true;
      },
    });
    assertEquals(await store.get(blake3(content)), content);
  },
});

Deno.test("with strict what changed or vanished is an error, as in the reference", async () => {
  using temp = makeTempDir();
  const changes: [string, () => void][] = [
    ["b", () => Deno.writeTextFileSync(`${temp.path}/b`, "longer than it was")],
    ["b", () => Deno.removeSync(`${temp.path}/b`)],
    ["d", () => Deno.removeSync(`${temp.path}/d`, { recursive: true })],
  ];
  for (const [path, change] of changes) {
    writeTree(temp.path, { "b": "short", "d/x": "1", "zz": "" });
    const publishing = publishLiving(temp.path, change, { strict: true });
    await assertRejects(() => publishing, IoError, `${temp.path}/${path}`);
  }
});

Deno.test("a tree that vanishes as a whole is an error", async () => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  writeTree(root, { "b": "1", "zz": "" });
  const change = () => Deno.removeSync(root, { recursive: true });
  const publishing = publishLiving(root, change);
  await assertRejects(
    () => publishing,
    IoError,
    "it vanished while it was read",
  );
});

Deno.test("a holder serves what it has read of a living tree, and what of it is still there", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "log": "line 1\n", "gone": "x", "kept": "y" });
  await using store = await SourceStore.of([temp.path], {
    filter(path) {
      if (path === "kept") Deno.removeSync(`${temp.path}/gone`);
      return true;
    },
  });
  const [{ ref, counts }] = store.refs;
  assertEquals(counts, { changed: 0, vanished: 1, unreadable: 0, skipped: 0 });
  if (ref.kind !== "small") throw new Error(`a ${ref.kind} manifest`);
  const manifest = await store.get(ref.hash);
  const { entries } = decodeDirManifest(manifest ?? new Uint8Array());
  assertEquals(entries.map(({ path }) => path), ["kept", "log"]);
  const log = new TextEncoder().encode("line 1\n");
  // What comes later in a log takes nothing away from what was read of it.
  Deno.writeTextFileSync(`${temp.path}/log`, "line 2\n", { append: true });
  assertEquals(await store.get(blake3(log)), log);
  Deno.truncateSync(`${temp.path}/log`);
  assertEquals(await store.get(blake3(log)), undefined);
});

Deno.test("a path that is given twice, also by another name, is read once and served under both", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "tree/a": "12", "link": { link: "tree" } });
  const paths = [
    `${temp.path}/tree`,
    `${temp.path}/link`,
    `${temp.path}/tree/`,
  ];
  let bytes = 0;
  await using store = await SourceStore.of(paths, {
    onProgress: (progress) => bytes = progress.bytes,
  });
  assertEquals(store.refs.map(({ path }) => path), paths);
  assertEquals(new Set(store.refs.map(({ ref }) => ref)).size, 1);
  assertEquals(bytes, 2);
});

Deno.test("a missing path is told before any other is read", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "a": "1" });
  let isRead = false;
  const paths = [`${temp.path}/a`, `${temp.path}/none`];
  const onProgress = () => isRead = true;
  const opening = SourceStore.of(paths, { onProgress });
  await assertRejects(() => opening, IoError, `${temp.path}/none`);
  assertEquals(isRead, false);
});
