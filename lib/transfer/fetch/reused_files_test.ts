import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, encodeDirManifest } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { HashCache, MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { fetchBlobStream } from "./fetch_blob_stream.ts";
import { fetchDir } from "./fetch_dir.ts";
import type { FetchDirOptions } from "./fetch_dir_options.ts";
import { previewBlob, previewDir } from "./preview_fetch.ts";
import type { ProgressEvent } from "./progress.ts";

type Files = Record<string, Uint8Array>;

/** Writes files below a directory. */
function write(dir: string, files: Files): void {
  for (const [path, bytes] of Object.entries(files)) {
    const at = `${dir}/${path}`;
    Deno.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(at, bytes, { mode: 0o640 });
  }
}

/** All that must stay as it is of a tree that content is taken from. */
function look(dir: string): unknown[] {
  const seen: unknown[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(dir)) {
    const path = `${dir}/${name}`;
    const { ino, mode, nlink, mtime, ctime } = Deno.lstatSync(path);
    seen.push({ path, ino, mode, nlink, mtime, ctime });
    if (isDirectory) seen.push(...look(path));
    if (isFile) seen.push(Deno.readFileSync(path));
  }
  return seen;
}

/** A holder of a tree, and a directory to fetch it in. */
async function holding(
  files: Files,
  body: (at: {
    dir: string;
    store: MemoryStore;
    manifest: Uint8Array;
    fetch: (options?: FetchDirOptions) => ReturnType<typeof fetchDir>;
    preview: (options?: FetchDirOptions) => ReturnType<typeof previewDir>;
  }) => Promise<void>,
): Promise<void> {
  await using store = new MemoryStore();
  await using connection = connect(store);
  const { session } = connection;
  const entries = [];
  for (const [path, bytes] of Object.entries(files)) {
    entries.push(fileEntry(path, await storePayload(store, bytes)));
  }
  const ref = await storeManifest(store, entries);
  const manifest = encodeDirManifest({ version: 1, entries });
  await inTempDir((dir) =>
    body({
      dir,
      store,
      manifest,
      fetch: async (options) => {
        const result = await fetchDir(session, ref, `${dir}/out`, options);
        for (const [path, bytes] of Object.entries(files)) {
          assertEquals(Deno.readFileSync(`${dir}/out/${path}`), bytes);
        }
        const { bytes, bytesFetched, bytesReused } = result;
        assertEquals(bytesFetched + bytesReused, bytes);
        return result;
      },
      preview: (options) => previewDir(session, ref, `${dir}/out`, options),
    })
  );
}

const LONG = pattern(3 * CHUNK_SIZE + 9, 3);
const FILES: Files = {
  "a/small": pattern(1000, 1),
  "b": pattern(2000, 2),
  "image": LONG,
  "only-here": pattern(777, 4),
};

/** As an earlier state of a file: one chunk of it was another. */
function earlier(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[CHUNK_SIZE + 5] ^= 1;
  return changed;
}

for (const isCached of [false, true]) {
  const cached = isCached ? ", as the hash cache remembers it" : "";
  Deno.test({
    ...unless(
      onWindows,
      `what is in other directories is copied from there, whatever it is called, and nothing of theirs changes${cached}`,
    ),
    fn: () =>
      holding(FILES, async ({ dir, fetch, preview }) => {
        const hashCache = isCached
          ? HashCache.open(`${dir}/cache/hashes`, {
            uid: Deno.uid(),
            now: () => Date.now() + 10_000,
          })
          : undefined;
        write(`${dir}/one`, {
          "other-name": FILES["a/small"],
          "deep/er/image": earlier(LONG),
        });
        write(`${dir}/two`, { "b": FILES["b"], "unrelated": pattern(5000, 9) });
        const before = [look(`${dir}/one`), look(`${dir}/two`)];
        const reuse = [`${dir}/one`, `${dir}/two`];
        for (let run = 0; run < (isCached ? 2 : 1); run++) {
          const would = await preview({ reuse, hashCache });
          const result = await fetch({ reuse, hashCache, jobs: 2 });
          assertEquals(result.bytesFetched, BigInt(CHUNK_SIZE + 777));
          assertEquals(would.bytesToFetch, result.bytesFetched);
          assertEquals(would.bytesReused, result.bytesReused);
          assertEquals(
            [result.resumed, result.filesUnchanged],
            [false, 0],
          );
          await Deno.remove(`${dir}/out`, { recursive: true });
        }
        assertEquals([look(`${dir}/one`), look(`${dir}/two`)], before);
      }),
  });
}

Deno.test({
  ...unless(
    onWindows,
    "nothing is taken from behind a link in another directory, and a pipe there keeps nobody waiting",
  ),
  fn: () =>
    holding({ "b": FILES["b"] }, async ({ dir, fetch }) => {
      write(`${dir}/elsewhere`, { "b": FILES["b"] });
      Deno.mkdirSync(`${dir}/other`);
      Deno.symlinkSync("../elsewhere/b", `${dir}/other/b`);
      Deno.symlinkSync("../elsewhere", `${dir}/other/d`);
      new Deno.Command("mkfifo", { args: [`${dir}/other/pipe`] }).outputSync();
      const { bytesReused } = await fetch({ reuse: [`${dir}/other`] });
      assertEquals(bytesReused, 0n);
      await Deno.remove(`${dir}/out`, { recursive: true });
      // Who names a link means what it leads to.
      Deno.symlinkSync("elsewhere", `${dir}/named`);
      const named = await fetch({ reuse: [`${dir}/named`] });
      assertEquals(named.bytesReused, 2000n);
    }),
});

Deno.test("what changes in another directory after it was hashed is fetched", () =>
  holding(FILES, async ({ dir, fetch }) => {
    write(`${dir}/other`, FILES);
    let changed = 0;
    const onProgress = ({ type }: ProgressEvent) => {
      if (type !== "start" || changed++ > 0) return;
      for (const [path, bytes] of Object.entries(FILES)) {
        Deno.writeFileSync(`${dir}/other/${path}`, bytes.slice().reverse());
      }
    };
    const reuse = [`${dir}/other`];
    const { bytesFetched, bytes } = await fetch({ reuse, onProgress });
    assertEquals([changed, bytesFetched], [1, bytes]);
  }));

Deno.test("of long files that have no name and nothing in common only samples are read", () =>
  holding({ "image": LONG }, async ({ dir, fetch }) => {
    write(`${dir}/other`, { "film": pattern(9 * CHUNK_SIZE, 7) });
    write(`${dir}/other`, { "copy": earlier(LONG) });
    let hashed = 0;
    const onProgress = (event: ProgressEvent) => {
      if (event.type !== "stage" || event.stage !== "checking") return;
      hashed = Math.max(hashed, Number(event.bytes ?? 0n));
      assert((event.totalBytes ?? 0n) <= BigInt(LONG.length));
    };
    const reuse = [`${dir}/other`];
    const { bytesFetched } = await fetch({ reuse, onProgress });
    assertEquals(bytesFetched, BigInt(CHUNK_SIZE));
    assertEquals(hashed, LONG.length);
  }));

Deno.test("chunks are taken from a store, which gets none", () =>
  holding(FILES, async ({ fetch, preview }) => {
    await using own = new MemoryStore();
    await storePayload(own, FILES["a/small"]);
    await storePayload(own, earlier(LONG));
    const puts: Uint8Array[] = [];
    own.put = (hash) => Promise.resolve(void puts.push(hash));
    const would = await preview({ store: own });
    const result = await fetch({ store: own });
    assertEquals(result.bytesFetched, BigInt(CHUNK_SIZE + 2000 + 777));
    assertEquals(would.bytesToFetch, result.bytesFetched);
    assertEquals(puts, []);
  }));

Deno.test("a path to take content from that is not there is refused before anything is fetched", () =>
  holding(FILES, async ({ dir, fetch }) => {
    const reuse = [`${dir}/missing`];
    await assertRejects(() => fetch({ reuse }), IoError, "missing");
    assertEquals([...Deno.readDirSync(dir)].length, 0);
  }));

Deno.test("a file is made of what an earlier run left, of other files and of a store", async () => {
  await using store = new MemoryStore();
  await using connection = connect(store);
  const { session } = connection;
  const bytes = pattern(5 * CHUNK_SIZE + 3, 5);
  const part = (from: number, to: number) =>
    bytes.subarray(from * CHUNK_SIZE, to * CHUNK_SIZE);
  const refs = [
    await storePayload(store, bytes),
    await storeTree(store, bytes, CHUNK_SIZE),
  ];
  for (const ref of refs) {
    await inTempDir(async (dir) => {
      const out = `${dir}/out`;
      Deno.writeFileSync(`${out}.partial`, part(0, 1));
      write(`${dir}/other`, { "x": part(1, 3) });
      await using own = new MemoryStore();
      await storePayload(own, part(3, 4));
      const options = { reuse: [`${dir}/other`], store: own };
      const would = await previewBlob(session, ref, out, options);
      const result = await fetchBlob(session, ref, out, options);
      assertEquals(Deno.readFileSync(out), bytes);
      assertEquals(result.bytesFetched, BigInt(CHUNK_SIZE + 3));
      assertEquals(result.bytesReused, BigInt(4 * CHUNK_SIZE));
      assertEquals(result.resumed, true);
      assertEquals(would.bytesToFetch, result.bytesFetched);
      assertEquals(would.bytesReused, result.bytesReused);

      const again = await fetchBlob(session, ref, `${dir}/again`, {
        reuse: [out],
      });
      assertEquals([again.bytesFetched, again.resumed], [0n, false]);
      assertEquals(Deno.lstatSync(out).nlink, 1);
    });
  }
});

Deno.test("a stream takes what is there, too", () =>
  inTempDir(async (dir) => {
    await using store = new MemoryStore();
    await using connection = connect(store);
    const ref = await storePayload(store, LONG);
    write(dir, { "copy": earlier(LONG) });
    let fetched = 0n;
    const stream = fetchBlobStream(connection.session, ref, {
      reuse: [dir],
      onProgress: (event) => {
        if (event.type === "done") fetched = event.bytesFetched;
      },
    });
    const bytes = await new Response(stream).bytes();
    assertEquals(bytes, LONG);
    assertEquals(fetched, BigInt(CHUNK_SIZE));
  }));

Deno.test("a dry run counts what an earlier run left of a tree, and leaves it there", () =>
  holding(FILES, async ({ dir, preview, fetch, manifest }) => {
    const token = toHex(blake3(manifest)).slice(0, 16);
    const left = `${dir}/.out.fetch_${token}`;
    write(left, { "b": FILES["b"], "image": earlier(LONG) });
    const before = look(left);
    const would = await preview();
    assertEquals(look(left), before);
    assertEquals(would.bytesToFetch, BigInt(CHUNK_SIZE + 1777));
    assertEquals((await preview({ resume: false })).bytesReused, 0n);
    const result = await fetch();
    assertEquals(would.bytesToFetch, result.bytesFetched);
    assertEquals(would.bytesReused, result.bytesReused);
    assertEquals(result.resumed, true);
  }));

Deno.test("a manifest that is at hand is not fetched, and another one is not believed", () =>
  holding(FILES, async ({ dir, store, fetch, manifest }) => {
    const asked: string[] = [];
    const { get } = store;
    store.get = (hash) => {
      asked.push(toHex(hash));
      return get.call(store, hash);
    };
    const name = toHex(blake3(manifest));
    await fetch({ manifest });
    assertEquals(asked.includes(name), false);
    await Deno.remove(`${dir}/out`, { recursive: true });
    const other = manifest.slice();
    other[other.length - 1] ^= 1;
    await fetch({ manifest: other });
    assertEquals(asked.includes(name), true);
  }));
