import { assertEquals, assertRejects } from "@std/assert";
import { blake3, type DirEntry, makeSmall } from "../../content/mod.ts";
import { IoError, NotFoundError, UnsafePathError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { fetchDir } from "./fetch_dir.ts";
import { previewBlob, previewDir } from "./preview_fetch.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";

function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

Deno.test("previewBlob tells what fetchBlob would fetch, and makes nothing", () =>
  inTempDir(async (dir) => {
    await using store = new MemoryStore();
    const payload = pattern(CHUNK_SIZE + 7);
    const refs = [
      await storePayload(store, payload),
      await storeTree(store, pattern(9_800_001), 70_000),
      await storePayload(store, new Uint8Array()),
    ];
    await using connection = connect(store);
    const { session } = connection;
    for (const [index, ref] of refs.entries()) {
      const at = await Deno.makeTempDir({ dir });
      const out = `${at}/parent/out`;
      const preview = await previewBlob(session, ref, out);
      assertEquals(namesIn(at), []);
      const fetched = await fetchBlob(session, ref, out);
      assertEquals(preview, {
        bytes: fetched.bytes,
        bytesToFetch: fetched.bytesFetched,
        bytesMissing: 0n,
        chunks: [2, 141, 0][index],
        chunksMissing: 0,
        bytesReused: 0n,
        replaces: false,
        warnings: [],
      });
      // The first is there as it would be; of the others that is not known.
      const again = await previewBlob(session, ref, out);
      assertEquals(again.replaces, index !== 0);
    }
    assertEquals(session.open, 0);
  }));

Deno.test("previewBlob says of a bare hash whether it is held, not how long it is", async () => {
  await using store = new MemoryStore();
  const payload = pattern(1000);
  await storePayload(store, payload);
  await using connection = connect(store);
  for (const [chunksMissing, bytes] of [payload, new Uint8Array(9)].entries()) {
    const ref = makeSmall("", blake3(bytes), 0n);
    const preview = await previewBlob(connection.session, ref, undefined);
    const nothing = { bytesReused: 0n, replaces: false, warnings: [] };
    assertEquals(preview, { chunks: 1, chunksMissing, ...nothing });
  }
});

Deno.test("previewBlob counts what the holder lacks, but needs the nodes of a Tree", async () => {
  await using store = new MemoryStore();
  const put = store.put.bind(store);
  // All but the last chunk, which is one byte.
  store.put = async (hash, bytes) => {
    if (bytes.length > 1) await put(hash, bytes);
  };
  const ref = await storeTree(store, pattern(9_100_001), 70_000);
  await using connection = connect(store);
  const preview = await previewBlob(connection.session, ref, undefined);
  assertEquals(preview.chunks, 131);
  assertEquals([preview.chunksMissing, preview.bytesMissing], [1, 1n]);

  await using empty = connect(new MemoryStore());
  const refused = previewBlob(empty.session, ref, undefined);
  await assertRejects(() => refused, NotFoundError);
});

Deno.test("previewBlob and previewDir refuse a target as the fetch would", () =>
  inTempDir(async (dir) => {
    await using connection = connect(new MemoryStore());
    const { session } = connection;
    const ref = makeSmall("", new Uint8Array(32), 5n);
    Deno.symlinkSync("nowhere", `${dir}/link`);
    for (
      const preview of [
        () => previewBlob(session, ref, dir),
        () => previewBlob(session, ref, `${dir}/..`),
        () => previewDir(session, ref, `${dir}/..`),
        () => previewDir(session, ref, `${dir}/link`),
      ]
    ) await assertRejects(preview, IoError);
    assertEquals(session.opened, 0);
  }));

Deno.test("previewDir tells what fetchDir would fetch, filtered or not", () =>
  inTempDir(async (dir) => {
    await using store = new MemoryStore();
    const file = async (path: string, payload: Uint8Array) =>
      fileEntry(path, await storePayload(store, payload));
    const entries: DirEntry[] = [
      { path: "a", kind: { type: "dir", mode: 0o755 } },
      await file("a/empty", new Uint8Array()),
      await file("a/large", pattern(CHUNK_SIZE + 5)),
      ...await Array.fromAsync(
        Array(300).keys(),
        (i) => file(`a/${i}`, pattern(900 + i % 3, i % 3)),
      ),
      { path: "link", kind: { type: "symlink", target: "a" } },
      fileEntry("tree", await storeTree(store, pattern(200_000, 5), 2000)),
    ];
    const ref = await storeManifest(store, entries);
    await using connection = connect(store);
    const { session } = connection;
    const part = (path: string) => !path.endsWith("large");
    for (const [index, filter] of [undefined, part].entries()) {
      const out = `${dir}/${index}`;
      const preview = await previewDir(session, ref, out, { filter });
      assertEquals(namesIn(dir), ["0", "1"].slice(0, index));
      const result = await fetchDir(session, ref, out, { filter });
      const { files, dirs, symlinks, bytes, bytesFetched } = result;
      assertEquals(files, 303 - index);
      const { chunks: _, ...rest } = preview;
      assertEquals(rest, {
        ...{ files, dirs, symlinks, bytes, bytesToFetch: bytesFetched },
        ...{ bytesMissing: 0n, chunksMissing: 0, replaces: false },
        bytesReused: 0n,
        warnings: [],
      });
      assertEquals((await previewDir(session, ref, out)).replaces, true);
    }
    assertEquals(session.open, 0);
  }));

Deno.test("previewDir counts what the holder lacks, and refuses what fetchDir refuses", async () => {
  await using store = new MemoryStore();
  const held = await storePayload(store, pattern(10));
  const lost = makeSmall("", blake3(new Uint8Array(7)), 7n);
  const entries = [fileEntry("held", held), fileEntry("lost", lost)];
  const ref = await storeManifest(store, entries);
  const hostile = await storeManifest(store, [fileEntry("../up", held)]);
  await using connection = connect(store);
  const { session } = connection;
  const preview = await previewDir(session, ref, "/nowhere/out");
  assertEquals([preview.chunks, preview.chunksMissing], [2, 1]);
  assertEquals([preview.bytesToFetch, preview.bytesMissing], [17n, 7n]);
  for (const filter of [undefined, () => false]) {
    await assertRejects(
      () => previewDir(session, hostile, "/nowhere/out", { filter }),
      UnsafePathError,
    );
  }
});
