import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  blake3,
  type BlobRef,
  type DirEntry,
  encodeDirManifest,
  makeSmall,
  type SmallRef,
} from "../../content/mod.ts";
import {
  ExistsError,
  HashMismatchError,
  ManifestError,
  NotFoundError,
  TimeoutError,
  TransferError,
  UnsafePathError,
} from "../../errors.ts";
import { CHUNK_SIZE, DIR_MANIFEST_MAX } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { fetchDir } from "./fetch_dir.ts";
import type { ProgressEvent } from "./progress.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import {
  connect,
  type Connection,
  connectTo,
  fileEntry,
  inTempDir as withTempDir,
  pattern,
  respond,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";

/** Makes a directory in which no temp tree may be left behind. */
function inTempDir(body: (dir: string) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    await body(dir);
    const left = [...Deno.readDirSync(dir)].map(({ name }) => name)
      .filter((name) => name.includes(".fetch_") && !name.endsWith("_lock"));
    assertEquals(left, [], "no temp tree is left behind");
  });
}

/** A directory in a store, and what its files hold. */
async function smallFiles(count: number) {
  const store = new MemoryStore();
  const files = new Map<string, Uint8Array>();
  const entries: DirEntry[] = [];
  for (let i = 0; i < count; i++) {
    const path = `d${i % 7}/${String(i).padStart(5, "0")}`;
    const payload = pattern(i * 13 % 2000, i);
    files.set(path, payload);
    entries.push(fileEntry(path, await storePayload(store, payload)));
  }
  return { store, entries, files };
}

function assertFiles(out: string, files: Map<string, Uint8Array>): void {
  for (const [path, payload] of files) {
    const found = Deno.readFileSync(`${out}/${path}`);
    assertEquals(found.length, payload.length, path);
    assert(found.every((byte, i) => byte === payload[i]), path);
  }
}

/** Fetches a directory, which fails because of one file; gives the message. */
async function failsAt(
  path: string,
  type: new (...args: never[]) => TransferError,
  { session }: Connection,
  ref: BlobRef,
  out: string,
): Promise<string> {
  const fetching = fetchDir(session, ref, out, {
    replace: true,
    resume: false,
  });
  const error = await assertRejects(() => fetching, type) as TransferError;
  assertEquals(error.fields.path, path);
  return error.message;
}

Deno.test("fetchDir brings small and large files, trees, empties, doubles, links", async () => {
  const { store, entries, files } = await smallFiles(600);
  const add = async (path: string, payload: Uint8Array) => {
    files.set(path, payload);
    entries.push(fileEntry(path, await storePayload(store, payload)));
  };
  await add("empty", new Uint8Array());
  await add("large", pattern(CHUNK_SIZE + 5));
  await add("middle", pattern(700_000));
  for (let i = 0; i < 50; i++) await add(`same/${i}`, pattern(5000, 99));
  const tree = pattern(200_000, 5);
  files.set("tree", tree);
  entries.push(fileEntry("tree", await storeTree(store, tree, 2000)));
  entries.push({ path: "hollow", kind: { type: "dir", mode: 0o755 } });
  entries.push({ path: "link", kind: { type: "symlink", target: "large" } });
  const ref = await storeManifest(store, entries);
  await using connection = connect(store);
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => void events.push(event);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    const result = await fetchDir(connection.session, ref, out, { onProgress });
    assertFiles(out, files);
    assertEquals(Deno.readLinkSync(`${out}/link`), "large");
    const bytes = [...files.values()].reduce((sum, b) => sum + b.length, 0);
    assertEquals(result.files, files.size);
    assertEquals([result.dirs, result.symlinks], [1, 1]);
    assertEquals(result.bytes, BigInt(bytes));
    assertEquals(result.bytesFetched, BigInt(bytes - 49 * 5000));
    assertEquals(result.warnings, []);
    const total = { totalBytes: BigInt(bytes), totalFiles: files.size };
    assertEquals(events[0], { type: "start", ...total });
  });
  const told = events.flatMap((event) =>
    event.type === "file" ? [event.path] : []
  );
  assertEquals(told.sort(), [...files.keys()].sort());
  assertEquals(events.at(-1)?.type, "done");
  assertEquals(connection.session.open, 0);
  assert(connection.session.opened < 230, "small files share requests");
});

Deno.test("fetchDir brings a manifest of any size and kind of reference", async () => {
  const store = new MemoryStore();
  const { hash } = await storePayload(store, Uint8Array.of(1)) as SmallRef;
  const entriesOf = (length: number, count = 1) =>
    Array.from(
      { length: count },
      (_, i) => fileEntry(`${i}`, makeSmall("x".repeat(length), hash, 1n)),
    );
  const bytes = encodeDirManifest({ version: 1, entries: entriesOf(1000) });
  await storePayload(store, bytes);
  const refs = [
    await storeManifest(store, []),
    await storeManifest(store, entriesOf(0)),
    await storeManifest(store, entriesOf(500_000, 9)),
    await storeTree(store, bytes, 100),
    makeSmall("", blake3(bytes), 0n),
  ];
  const kinds = refs.map(({ kind }) => kind).join();
  assertEquals(kinds, "small,small,manifest,tree,small");
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    for (const [i, ref] of refs.entries()) {
      const out = `${dir}/${i}`;
      const result = await fetchDir(connection.session, ref, out);
      assertEquals(result.files, [0, 1, 9, 1, 1][i]);
      assert(Deno.statSync(out).isDirectory);
    }
  });
});

Deno.test("fetchDir keeps its requests and its bytes within the bounds", async () => {
  const { store, entries } = await smallFiles(300);
  for (let i = 0; i < 20; i++) {
    const payload = pattern(60_000, i);
    entries.push(fileEntry(`m/${i}`, await storePayload(store, payload)));
  }
  const oversize = await storePayload(store, pattern(150_000));
  entries.push(fileEntry("oversize", oversize));
  const ref = await storeManifest(store, entries);
  await using connection = connect(store);
  const { session } = connection;
  const registry = new TransferRegistry();
  let peak = 0;
  await inTempDir(async (dir) => {
    await fetchDir(session, ref, `${dir}/out`, {
      concurrency: 3,
      inflightBytes: 100_000,
      registry,
      onProgress: () => {
        const rows = registry.list();
        const asked = rows.reduce((sum, row) => sum + (row.totalBytes ?? 0), 0);
        assert(asked <= 100_000 || rows.length === 1, `${asked} bytes asked`);
        peak = Math.max(peak, asked);
      },
    });
  });
  assert(session.peakOpen <= 3, `${session.peakOpen} requests at once`);
  assertEquals(peak, 150_000, "one larger chunk goes alone");
});

Deno.test("fetchDir names the file whose chunk the holder lacks, and keeps the old tree", async () => {
  const { store, entries } = await smallFiles(40);
  const missing = makeSmall("", new Uint8Array(32).fill(5), 77n);
  entries.splice(20, 0, fileEntry("gone/file", missing));
  const ref = await storeManifest(store, entries);
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await Deno.mkdir(`${out}/old`, { recursive: true });
    const file = "gone/file";
    const said = await failsAt(file, NotFoundError, connection, ref, out);
    assert(said.includes(file), said);
    assertEquals([...Deno.readDirSync(out)].length, 1);
  });
  assertEquals(connection.session.open, 0);
});

Deno.test("fetchDir refuses a manifest that lies about a size or a hash", async () => {
  const store = new MemoryStore();
  const payload = pattern(1000);
  await storePayload(store, payload);
  // The last is empty by its size, not by its hash.
  for (const size of [999n, 1001n, 2n ** 21n, 0n]) {
    const type = size === 0n ? HashMismatchError : ChunkLengthError;
    const ref = await storeManifest(store, [
      fileEntry("good", await storePayload(store, pattern(10))),
      fileEntry("liar", makeSmall("", blake3(payload), size)),
    ]);
    await using connection = connect(store);
    await inTempDir(async (dir) => {
      await failsAt("liar", type, connection, ref, `${dir}/out`);
    });
    assertEquals(connection.session.open, 0);
  }
});

Deno.test("fetchDir refuses wrong bytes in a batch and names the file", async () => {
  const good = new MemoryStore();
  const entries = [
    fileEntry("a", await storePayload(good, pattern(100, 1))),
    fileEntry("b", await storePayload(good, pattern(100, 2))),
  ];
  const ref = await storeManifest(good, entries);
  await using connection = connectTo(async (request, stream) => {
    if (request.kind === "get") {
      return await respond(stream, await good.get(request.hash));
    }
    if (request.kind !== "get_many") throw new Error(request.kind);
    for (const [i, hash] of request.hashes.entries()) {
      let bytes = await good.get(hash) ?? new Uint8Array();
      if (i === 1) bytes = bytes.map((byte) => byte ^ 1);
      stream.write(encodeResponseHeader(bytes.length));
      stream.write(bytes);
    }
    stream.finish();
  });
  await inTempDir(async (dir) => {
    await failsAt("b", HashMismatchError, connection, ref, `${dir}/out`);
  });
  assertEquals(connection.session.open, 0);
});

Deno.test("fetchDir refuses hostile manifests before it asks for a file", async () => {
  const store = new MemoryStore();
  const one = await storePayload(store, Uint8Array.of(1));
  const garbage = await storePayload(store, pattern(1000));
  const escaping = await storeManifest(store, [fileEntry("../x", one)]);
  const huge = makeSmall("", new Uint8Array(32), BigInt(DIR_MANIFEST_MAX + 1));
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const run = (ref: typeof one) =>
      fetchDir(connection.session, ref, `${dir}/out`);
    await assertRejects(() => run(garbage), ManifestError);
    await assertRejects(() => run(escaping), UnsafePathError);
    await assertRejects(() => run(huge), TransferError);
    assertEquals(connection.session.opened, 2, "only manifests were asked for");
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("fetchDir gives up a holder that stalls, and keeps the old tree", async () => {
  const { store, entries } = await smallFiles(5);
  const tree = await storeTree(store, pattern(5000), 100);
  const ref = await storeManifest(store, [...entries, fileEntry("tree", tree)]);
  // Silent when it comes to batches; silent when it comes to tree nodes too.
  for (const answeredGets of [Infinity, 1]) {
    let gets = 0;
    await using connection = connectTo(async (request, stream) => {
      if (request.kind !== "get" || gets++ >= answeredGets) return;
      await respond(stream, await store.get(request.hash));
    });
    await inTempDir(async (dir) => {
      await Deno.mkdir(`${dir}/out/old`, { recursive: true });
      const options = { timeoutMs: 50, replace: true, resume: false };
      const fetching = fetchDir(connection.session, ref, `${dir}/out`, options);
      await assertRejects(() => fetching, TimeoutError);
      assertEquals([...Deno.readDirSync(`${dir}/out`)].length, 1);
    });
    assertEquals(connection.session.open, 0);
  }
});

Deno.test("fetchDir ends at once when its signal aborts and removes its tree", async () => {
  const { store, entries } = await smallFiles(20);
  const ref = await storeManifest(store, entries);
  const controller = new AbortController();
  await using connection = connectTo(async (request, stream) => {
    if (request.kind !== "get") return controller.abort(new Error("enough"));
    await respond(stream, await store.get(request.hash));
  });
  await inTempDir(async (dir) => {
    const { signal } = controller;
    const fetching = fetchDir(connection.session, ref, `${dir}/out`, {
      signal,
    });
    await assertRejects(() => fetching, Error, "enough");
  });
  assertEquals(connection.session.open, 0);
});

Deno.test("fetchDir fails when the session ends in the middle", async () => {
  const { store, entries } = await smallFiles(20);
  const ref = await storeManifest(store, entries);
  await using connection = connectTo(async (request, stream) => {
    if (request.kind !== "get") return await connection.holder.close();
    await respond(stream, await store.get(request.hash));
  });
  await inTempDir(async (dir) => {
    const error = await assertRejects(
      () => fetchDir(connection.session, ref, `${dir}/out`),
      TransferError,
    ) as TransferError;
    assertEquals(error.kind, "peer_closed");
  });
});

Deno.test("fetchDir with a filter brings a part of the tree, and only where nothing is", async () => {
  const { store, entries, files } = await smallFiles(100);
  const ref = await storeManifest(store, entries);
  await using connection = connect(store);
  const { session } = connection;
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    const filter = (path: string) => path.startsWith("d3/");
    const result = await fetchDir(session, ref, out, { filter });
    const part = new Map([...files].filter(([path]) => filter(path)));
    assertEquals(result.files, part.size);
    assertEquals([...Deno.readDirSync(out)].map(({ name }) => name), ["d3"]);
    assertEquals([...Deno.readDirSync(`${out}/d3`)].length, part.size);
    assertFiles(out, part);
    const again = fetchDir(session, ref, out, { filter: () => true });
    await assertRejects(() => again, ExistsError, "may not be replaced");
    assertFiles(out, part);
  });
});

Deno.test("fetchDir tells the reference of a large file by its first chunk", async () => {
  await using store = new MemoryStore();
  const payload = pattern(5 * CHUNK_SIZE);
  await using connection = connect(store);
  const { session } = connection;
  const tree = await storeTree(store, payload, CHUNK_SIZE);
  for (const ref of [await storePayload(store, payload), tree]) {
    const before = session.opened;
    await inTempDir(async (dir) => {
      const error = await assertRejects(
        () => fetchDir(session, ref, `${dir}/out`),
        ManifestError,
      );
      assertStringIncludes(error.hint ?? "", "recv-blob");
      assertEquals([...Deno.readDirSync(dir)], []);
    });
    const nodes = ref.kind === "tree" ? 1 : 0;
    assertEquals(session.opened - before, 1 + nodes);
  }
});
