import { assertEquals } from "@std/assert";
import { encodeBlobRef } from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { HashCache } from "./hash_cache.ts";
import { hashFiles } from "./hash_files.ts";
import { HashPool } from "./hash_pool.ts";
import { MemoryStore } from "./memory_store.ts";
import { PublishNotes } from "./publish_notes.ts";
import { SourceStore } from "./source_store.ts";
import { storeBlob } from "./store_blob.ts";
import { storeDir } from "./store_dir.ts";
import { makeTempDir, patternBytes, writeTree } from "./testing/temp_tree.ts";
import { unless } from "../../tests/support/unless.ts";

/** Windows does not say when anything of a file was changed. */
const noStamp = Deno.build.os === "windows" ? "no ctime here" : undefined;

/** A cache whose clock is an hour ahead: whatever there is has settled. */
function openCache(path: string): HashCache {
  const now = () => Date.now() + 3_600_000;
  return HashCache.open(path, { uid: Deno.uid(), now });
}

function makeTree(root: string): void {
  writeTree(root, {
    empty: "",
    small: "small",
    "dir/other": patternBytes(300_000, 1),
    "dir/large": patternBytes(2 * CHUNK_SIZE + 5, 2),
  });
}

Deno.test({
  ...unless(noStamp, "what publishes reads no file again that has not changed"),
  fn: async () => {
    using temp = makeTempDir();
    const root = `${temp.path}/tree`;
    makeTree(root);
    const path = `${temp.path}/hashes`;
    const bare = await storeDir(undefined, root);
    const refs: string[] = [];
    for (let round = 0; round < 2; round++) {
      const hashCache = openCache(path);
      const found = count(hashCache);
      const { ref, stats } = await storeDir(undefined, root, { hashCache });
      refs.push(toHex(encodeBlobRef(ref)));
      assertEquals(stats.totalBytes, bare.stats.totalBytes);
      assertEquals(found.hits, round * 4);
      hashCache.save();
    }
    assertEquals(refs, Array(2).fill(toHex(encodeBlobRef(bare.ref))));

    const hashCache = openCache(path);
    const found = count(hashCache);
    const blob = await storeBlob(undefined, `${root}/dir/large`, { hashCache });
    const plain = await storeBlob(undefined, `${root}/dir/large`);
    assertEquals([found.hits, blob], [1, plain]);

    await using served = await SourceStore.of([root, `${root}/small`], {
      hashCache,
    });
    assertEquals(found.hits, 6);
    const [dir, file] = served.refs;
    assertEquals(toHex(encodeBlobRef(dir.ref)), refs[0]);
    if (file.ref.kind !== "small") throw new Error("not small");
    const bytes = await served.get(file.ref.hash);
    assertEquals(bytes && new TextDecoder().decode(bytes), "small");

    // What is served is compared with what was hashed, whoever hashed it.
    Deno.writeTextFileSync(`${root}/small`, "other");
    assertEquals(await served.get(file.ref.hash), undefined);
  },
});

Deno.test({
  ...unless(noStamp, "a store that lacks chunks of a known file gets them"),
  fn: async () => {
    using temp = makeTempDir();
    const root = `${temp.path}/tree`;
    makeTree(root);
    const hashCache = openCache(`${temp.path}/hashes`);
    await storeDir(undefined, root, { hashCache });
    for (const publish of [storeDir, storeBlob] as const) {
      await using store = new MemoryStore();
      const path = publish === storeDir ? root : `${root}/dir/large`;
      const { ref } = await publish(store, path, { hashCache });
      const other = new MemoryStore();
      const plain = await publish(other, path);
      assertEquals(encodeBlobRef(ref), encodeBlobRef(plain.ref));
      assertEquals(store.size, other.size);
    }
  },
});

Deno.test({
  ...unless(
    noStamp,
    "a file that is rewritten at once, with the same length and mtime, is read again",
  ),
  fn: async () => {
    using temp = makeTempDir();
    const root = `${temp.path}/tree`;
    writeTree(root, { young: "young" });
    const hashCache = HashCache.open(`${temp.path}/hashes`, {
      uid: Deno.uid(),
    });
    const first = await storeDir(undefined, root, { hashCache });
    const { mtime } = Deno.statSync(`${root}/young`);
    Deno.writeTextFileSync(`${root}/young`, "older");
    Deno.utimeSync(`${root}/young`, mtime ?? 0, mtime ?? 0);
    const second = await storeDir(undefined, root, { hashCache });
    const plain = await storeDir(undefined, root);
    assertEquals(encodeBlobRef(second.ref), encodeBlobRef(plain.ref));
    assertEquals(first.stats.files, second.stats.files);
  },
});

/** Counts how often a cache knows a file. */
function count(cache: HashCache): { hits: number } {
  const found = { hits: 0 };
  const find = cache.find.bind(cache);
  cache.find = (stamp) => {
    const known = find(stamp);
    if (known !== undefined) found.hits++;
    return known;
  };
  return found;
}

Deno.test({
  ...unless(
    noStamp,
    "a file that is known counts as changed when it is not as it was listed",
  ),
  fn: async () => {
    using temp = makeTempDir();
    makeTree(temp.path);
    const hashCache = openCache(`${temp.path}/hashes`);
    await storeDir(undefined, temp.path, { hashCache });
    const found = count(hashCache);
    const notes = new PublishNotes();
    using pool = new HashPool();
    const files = ["small", "dir/large"].map((name, file) => {
      const source = `${temp.path}/${name}`;
      return { file, source, size: 1 };
    });
    const sink = { chunk: () => {}, node: () => {} };
    const options = { pool, notes, hashCache };
    await Array.fromAsync(hashFiles(files, sink, options));
    assertEquals([found.hits, notes.counts.changed], [2, 2]);
  },
});
