import { assertEquals, assertRejects } from "@std/assert";
import { blake3, type BlobRef, type DirEntry } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  connect,
  connectTo,
  fileEntry,
  inTempDir,
  pattern,
  respond,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { fetchDir } from "./fetch_dir.ts";
import type { FetchDirOptions } from "./fetch_dir_options.ts";
import type { ProgressEvent } from "./progress.ts";

const LARGE = pattern(3 * CHUNK_SIZE, 1);
const TREE = pattern(9_500, 2);
const SMALL = pattern(5_000, 3);

/** A tree with a file of each kind of reference. */
async function publish(
  withTree = true,
): Promise<{ store: MemoryStore; ref: BlobRef }> {
  const store = new MemoryStore();
  const entries: DirEntry[] = [
    fileEntry("d/large", await storePayload(store, LARGE), 0o444),
    fileEntry("d/small", await storePayload(store, SMALL), 0o666),
    fileEntry("empty", await storePayload(store, new Uint8Array()), 0o755),
    { path: "link", kind: { type: "symlink", target: "d" } },
  ];
  if (withTree) {
    const tree = await storeTree(store, TREE, 1000);
    entries.push(fileEntry("tree", tree, 0o600));
  }
  return { store, ref: await storeManifest(store, entries) };
}

/** A holder that notes what it is asked for, and may lack a chunk. */
function holder(store: MemoryStore, lacks = "") {
  const asked: string[] = [];
  const connection = connectTo(async (request, stream) => {
    if (request.kind === "get_many") {
      for (const hash of request.hashes) {
        asked.push(toHex(hash));
        const bytes = await store.get(hash) ?? new Uint8Array();
        await stream.write(encodeResponseHeader(bytes.length));
        await stream.write(bytes);
      }
      return stream.finish();
    }
    if (request.kind !== "get") return await stream.reset(0);
    const hash = toHex(request.hash);
    asked.push(hash);
    await respond(
      stream,
      hash === lacks ? undefined : await store.get(request.hash),
    );
  });
  return { asked, connection };
}

const names = (dir: string) =>
  [...Deno.readDirSync(dir)].map((e) => e.name).sort();

function assertLanded(out: string): void {
  assertEquals(names(out), ["d", "empty", "link", "tree"]);
  assertEquals(names(`${out}/d`), ["large", "small"]);
  for (
    const [path, bytes, mode] of [
      ["d/large", LARGE, 0o444],
      ["d/small", SMALL, 0o666],
      ["empty", new Uint8Array(), 0o755],
      ["tree", TREE, 0o600],
    ] as const
  ) {
    assertEquals(blake3(Deno.readFileSync(`${out}/${path}`)), blake3(bytes));
    if (Deno.build.os === "windows") continue;
    assertEquals((Deno.lstatSync(`${out}/${path}`).mode ?? 0) & 0o7777, mode);
  }
  assertEquals(Deno.readLinkSync(`${out}/link`), "d");
}

/** The temp tree of a fetch to `out` that was stopped. */
function tempTree(dir: string): string {
  const found = names(dir).filter((name) =>
    /^\.(?:out|net-transfer)\.fetch_/.test(name)
  );
  assertEquals(found.length, 1);
  return `${dir}/${found[0]}`;
}

/** The hash of a chunk of the large file. */
function chunkHash(index: number): string {
  const start = index * CHUNK_SIZE;
  return toHex(blake3(LARGE.subarray(start, start + CHUNK_SIZE)));
}

/** Fetches until the holder lacks the third chunk of the large file. */
async function stop(
  { store, ref }: { store: MemoryStore; ref: BlobRef },
  dir: string,
  options: FetchDirOptions = {},
): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  const { connection } = holder(store, chunkHash(2));
  await using _ = connection;
  const how = {
    concurrency: 1,
    onProgress: (event: ProgressEvent) => void events.push(event),
    ...options,
  };
  await assertRejects(
    () => fetchDir(connection.session, ref, `${dir}/out`, how),
    TransferError,
  );
  return events;
}

Deno.test("fetchDir goes on at another holder with what a fetch that failed left", async () => {
  const published = await publish();
  for (const inPlace of [false, true]) {
    await inTempDir(async (dir) => {
      const out = `${dir}/out`;
      if (inPlace) Deno.mkdirSync(out);
      const events = await stop(published, dir, { inPlace });
      const left = tempTree(inPlace ? out : dir);
      assertEquals(events.at(-1), {
        type: "stopped",
        path: Deno.realPathSync(left),
        bytes: BigInt(2 * CHUNK_SIZE),
      });
      const { asked, connection } = holder(published.store);
      await using _ = connection;
      const again: ProgressEvent[] = [];
      const result = await fetchDir(connection.session, published.ref, out, {
        inPlace,
        onProgress: (event) => void again.push(event),
      });
      assertLanded(out);
      assertEquals(names(dir), ["out"]);
      const first = [chunkHash(0), chunkHash(1)];
      assertEquals(asked.filter((hash) => first.includes(hash)), []);
      assertEquals(result.resumed, true);
      assertEquals(result.bytesReused, BigInt(2 * CHUNK_SIZE));
      assertEquals(result.bytesFetched + result.bytesReused, result.bytes);
      assertEquals(again.find(({ type }) => type === "start"), {
        type: "start",
        totalBytes: result.bytes,
        totalFiles: 4,
        bytes: BigInt(2 * CHUNK_SIZE),
      });
      assertEquals(again.filter(({ type }) => type === "file").length, 4);
    });
  }
});

Deno.test("fetchDir asks for nothing that is whole in an unfinished tree, whatever its modes", async () => {
  const published = await publish();
  await inTempDir(async (dir) => {
    await stop(published, dir);
    const left = tempTree(dir);
    Deno.removeSync(`${left}/d/large`);
    Deno.writeFileSync(`${left}/d/large`, LARGE);
    Deno.writeFileSync(`${left}/d/small`, SMALL);
    Deno.writeFileSync(`${left}/empty`, new Uint8Array());
    Deno.writeFileSync(`${left}/tree`, TREE);
    if (Deno.build.os !== "windows") {
      // As a run that is killed in its last step leaves it.
      Deno.chmodSync(`${left}/d/large`, 0o000);
      Deno.chmodSync(`${left}/d/small`, 0o666);
      Deno.chmodSync(`${left}/d`, 0o555);
      Deno.chmodSync(left, 0o777);
    }
    const { asked, connection } = holder(published.store);
    await using _ = connection;
    const result = await fetchDir(
      connection.session,
      published.ref,
      `${dir}/out`,
    );
    assertLanded(`${dir}/out`);
    assertEquals(names(dir), ["out"]);
    assertEquals(result.bytesFetched, 0n);
    const content = [LARGE, SMALL, TREE].flatMap((bytes) =>
      bytes === LARGE
        ? [0, 1, 2].map((i) =>
          toHex(blake3(bytes.subarray(i * CHUNK_SIZE, (i + 1) * CHUNK_SIZE)))
        )
        : bytes === TREE
        ? Array.from(
          { length: 10 },
          (_, i) => toHex(blake3(bytes.subarray(i * 1000, (i + 1) * 1000))),
        )
        : [toHex(blake3(bytes))]
    );
    assertEquals(asked.filter((hash) => content.includes(hash)), []);
  });
});

Deno.test("nothing of an unfinished tree gets into the target but what the manifest names and its hash is right", async () => {
  const published = await publish();
  await inTempDir(async (dir) => {
    await stop(published, dir);
    const left = tempTree(dir);
    const victim = `${dir}/victim`;
    Deno.writeFileSync(victim, SMALL);
    // A wrong byte, other names, links in the place of files and directories.
    const large = Deno.readFileSync(`${left}/d/large`);
    large[5] ^= 1;
    Deno.writeFileSync(`${left}/d/large`, large);
    Deno.writeTextFileSync(`${left}/d/foreign`, "foreign");
    Deno.mkdirSync(`${left}/more/deep`, { recursive: true });
    Deno.linkSync(victim, `${left}/d/small`);
    Deno.symlinkSync(victim, `${left}/empty`);
    Deno.mkdirSync(`${left}/tree`);
    Deno.writeTextFileSync(`${left}/link`, "no link");
    const { asked, connection } = holder(published.store);
    await using _ = connection;
    await fetchDir(connection.session, published.ref, `${dir}/out`);
    assertLanded(`${dir}/out`);
    assertEquals(names(dir), ["out", "victim"]);
    assertEquals(Deno.readFileSync(victim), SMALL);
    assertEquals(Deno.lstatSync(victim).nlink, 1);
    assertEquals(asked.includes(chunkHash(0)), true);
    assertEquals(asked.includes(chunkHash(1)), false);
  });
});

Deno.test("a directory that is a link in an unfinished tree is not looked into", async () => {
  const published = await publish();
  await inTempDir(async (dir) => {
    await stop(published, dir);
    const left = tempTree(dir);
    Deno.removeSync(`${left}/d`, { recursive: true });
    Deno.mkdirSync(`${dir}/mine`);
    Deno.writeFileSync(`${dir}/mine/small`, SMALL);
    Deno.symlinkSync("../mine", `${left}/d`);
    await using connection = connect(published.store);
    const { resumed } = await fetchDir(
      connection.session,
      published.ref,
      `${dir}/out`,
    );
    assertLanded(`${dir}/out`);
    assertEquals(resumed, false);
    assertEquals(names(`${dir}/mine`), ["small"]);
  });
});

Deno.test("an unfinished tree of another manifest stays for a week, unless all is to be cleaned", async () => {
  const published = await publish();
  for (
    const [clean, old, stays] of [
      [false, false, true],
      [true, false, false],
      [false, true, false],
    ]
  ) {
    await inTempDir(async (dir) => {
      await stop(published, dir);
      const left = tempTree(dir);
      const week = 7 * 24 * 3600;
      const begun = Date.now() / 1000 - week + (old ? -60 : 60);
      Deno.utimeSync(left, begun, begun);
      const other = new MemoryStore();
      const ref = await storeManifest(other, [
        fileEntry("a", await storePayload(other, SMALL)),
      ]);
      await using connection = connect(other);
      const { warnings } = await fetchDir(
        connection.session,
        ref,
        `${dir}/out`,
        { clean },
      );
      const name = left.slice(dir.length + 1);
      assertEquals(names(dir), stays ? [name, "out"] : ["out"]);
      assertEquals(warnings.length, 1);
      assertEquals(warnings[0].includes(name), stays);
    });
  }
});

Deno.test("fetchDir without resume takes over nothing and leaves nothing", async () => {
  const published = await publish();
  await inTempDir(async (dir) => {
    await stop(published, dir, { resume: false });
    assertEquals(names(dir), []);
    await stop(published, dir);
    await using connection = connect(published.store);
    const { resumed, bytesReused } = await fetchDir(
      connection.session,
      published.ref,
      `${dir}/out`,
      { resume: false },
    );
    assertEquals([resumed, bytesReused], [false, 0n]);
    assertEquals(names(dir), ["out"]);
  });
});

Deno.test("an equal tree that is left in place loses what stopped fetches of it left", async () => {
  const published = await publish(false);
  await inTempDir(async (dir) => {
    await using connection = connect(published.store);
    const fetch = () =>
      fetchDir(connection.session, published.ref, `${dir}/out`, {
        replace: true,
      });
    await fetch();
    Deno.renameSync(`${dir}/out`, `${dir}/whole`);
    await stop(published, dir);
    Deno.renameSync(`${dir}/whole`, `${dir}/out`);
    assertEquals(names(dir).length, 2);
    const { isLeftInPlace } = await fetch();
    assertEquals(isLeftInPlace, true);
    assertEquals(names(dir), ["out"]);
  });
});

Deno.test("a manifest that turns out to be impossible leaves nothing", async () => {
  const store = new MemoryStore();
  const big = pattern(CHUNK_SIZE);
  const tree = await storeTree(store, TREE, 1000);
  const ref = await storeManifest(store, [
    fileEntry("good", await storePayload(store, big)),
    // Its nodes say another size.
    fileEntry("liar", { ...tree, totalSize: tree.totalSize + 1n }),
  ]);
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    await assertRejects(
      () => fetchDir(connection.session, ref, `${dir}/out`),
      TransferError,
    );
    assertEquals(names(dir), []);
  });
});
