import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  decodeDirManifest,
  type DirEntry,
  encodeDirManifest,
} from "../../content/mod.ts";
import { ExistsError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { HashCache, MemoryStore } from "../../store/mod.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
} from "../testing/fixture.ts";
import { fetchDir } from "./fetch_dir.ts";
import type { FetchDirOptions } from "./fetch_dir_options.ts";
import { previewDir } from "./preview_fetch.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";

/** What a tree holds: files with content and mode, directories, links. */
type Spec = Record<string, Uint8Array | [Uint8Array, number] | "/" | string>;

/** Publishes a tree in a store. */
async function publish(store: MemoryStore, spec: Spec) {
  const entries: DirEntry[] = [];
  for (const [path, what] of Object.entries(spec)) {
    if (what === "/") {
      entries.push({ path, kind: { type: "dir", mode: 0o755 } });
    } else if (typeof what === "string") {
      entries.push({ path, kind: { type: "symlink", target: what } });
    } else {
      const [bytes, mode] = what instanceof Uint8Array ? [what, 0o644] : what;
      const ref = await storePayload(store, bytes);
      entries.push(fileEntry(path, ref, mode));
    }
  }
  entries.sort((a, b) => a.path < b.path ? -1 : 1);
  return await storeManifest(store, entries);
}

/** Makes files look as if nobody had written to them for long. */
function age(dir: string): void {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(dir)) {
    if (isDirectory) age(`${dir}/${name}`);
    if (isFile) Deno.utimeSync(`${dir}/${name}`, 1_000_000, 1_000_000);
  }
}

const inode = (path: string) => Deno.lstatSync(path).ino;

/** Runs `body` with a tree that was fetched before. */
function refetching(
  spec: Spec,
  body: (again: {
    out: string;
    dir: string;
    store: MemoryStore;
    fetch: (
      spec: Spec,
      options?: FetchDirOptions,
    ) => ReturnType<typeof fetchDir>;
    preview: (spec: Spec) => ReturnType<typeof previewDir>;
  }) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using store = new MemoryStore();
    await using connection = connect(store);
    const { session } = connection;
    await inTempDir(async (dir) => {
      const out = `${dir}/out`;
      const fetch = async (spec: Spec, options: FetchDirOptions = {}) => {
        const ref = await publish(store, spec);
        const how = { replace: true, ...options };
        const result = await fetchDir(session, ref, out, how);
        const { bytes, bytesFetched, bytesReused } = result;
        assertEquals(bytesFetched + bytesReused, bytes);
        return result;
      };
      const preview = async (spec: Spec) =>
        previewDir(session, await publish(store, spec), out, { replace: true });
      const first = await fetch(spec);
      assertEquals([first.bytesReused, first.filesUnchanged], [0n, 0]);
      age(out);
      await body({ out, dir, store, fetch, preview });
      const left = [...Deno.readDirSync(dir)].map(({ name }) => name);
      assertEquals(left.filter((name) => name.startsWith(".")), []);
    });
  };
}

const BASE: Spec = {
  d: "/",
  "d/empty": new Uint8Array(),
  "d/small": pattern(1000, 1),
  "d/secret": [pattern(1001, 2), 0o600],
  large: pattern(3 * CHUNK_SIZE + 9, 3),
  link: "d/small",
};

Deno.test({
  ...unless(onWindows, "a tree that is there already is left in place"),
  fn: refetching(BASE, async ({ out, dir, fetch, preview }) => {
    const before = [inode(out), inode(`${out}/d/small`)];
    const { mtime } = Deno.lstatSync(out);
    const would = await preview(BASE);
    assertEquals([would.bytesToFetch, would.replaces], [0n, false]);
    assertEquals(would.bytesReused, would.bytes);
    for (const fsync of [false, true]) {
      const result = await fetch(BASE, { fsync });
      assertEquals(result.bytesFetched, 0n);
      assertEquals([result.isLeftInPlace, result.filesUnchanged], [true, 4]);
      assertEquals([inode(out), inode(`${out}/d/small`)], before);
      assertEquals(Deno.lstatSync(out).mtime, mtime);
    }
    assertEquals([...Deno.readDirSync(dir)].length, 1);
  }),
});

const CHANGES: Record<string, [change: (out: string) => void]> = {
  "another file": [(out) => Deno.writeTextFileSync(`${out}/more`, "")],
  "another directory": [(out) => Deno.mkdirSync(`${out}/d/more`)],
  "another mode": [(out) => Deno.chmodSync(`${out}/d/small`, 0o640)],
  "another mode of a directory": [(out) => Deno.chmodSync(`${out}/d`, 0o700)],
  "other bytes of the same length and time": [(out) => {
    Deno.writeFileSync(`${out}/d/small`, pattern(1000, 99));
    age(out);
  }],
  "a missing file": [(out) => Deno.removeSync(`${out}/d/empty`)],
  "another link": [(out) => {
    Deno.removeSync(`${out}/link`);
    Deno.symlinkSync("d", `${out}/link`);
  }],
  "a pipe": [(out) => {
    new Deno.Command("mkfifo", { args: [`${out}/pipe`] }).outputSync();
  }],
};

for (const [what, [change]] of Object.entries(CHANGES)) {
  Deno.test({
    ...unless(onWindows, `a tree with ${what} is not left in place`),
    fn: refetching(BASE, async ({ out, fetch }) => {
      change(out);
      const { isLeftInPlace, bytesFetched } = await fetch(BASE);
      assertEquals(isLeftInPlace, false);
      assert(bytesFetched <= 1000n, "only what is missing is fetched");
      assertEquals((await fetch(BASE)).isLeftInPlace, true);
      assertEquals(Deno.readFileSync(`${out}/d/small`), pattern(1000, 1));
    }),
  });
}

Deno.test({
  ...unless(
    onWindows,
    "what the old tree has is not fetched: files, chunks of a changed file, a moved file",
  ),
  fn: refetching(BASE, async ({ out, fetch, preview }) => {
    const { large } = BASE;
    if (!(large instanceof Uint8Array)) throw new Error("no bytes");
    const changed = large.slice();
    changed[CHUNK_SIZE + 5] ^= 1;
    const { "d/secret": moved, ...rest } = BASE;
    const spec: Spec = {
      ...rest,
      large: changed,
      "e-new": pattern(77, 8),
      "moved": moved,
    };
    const kept = inode(`${out}/d/small`);
    const would = await preview(spec);
    const result = await fetch(spec);
    assertEquals(result.bytesFetched, BigInt(CHUNK_SIZE + 77));
    assertEquals(would.bytesToFetch, result.bytesFetched);
    assertEquals(would.bytesReused, result.bytesReused);
    assertEquals([result.filesUnchanged, result.isLeftInPlace], [2, false]);
    assertEquals(inode(`${out}/d/small`), kept);
    assertEquals(Deno.lstatSync(`${out}/d/small`).nlink, 1);
    assertEquals(Deno.readFileSync(`${out}/moved`), pattern(1001, 2));
    assertEquals(Deno.readFileSync(`${out}/large`).length, changed.length);
    assertEquals((await fetch(spec)).isLeftInPlace, true);
  }),
});

Deno.test({
  ...unless(
    onWindows,
    "an old file is never changed, only linked as it is or copied",
  ),
  fn: refetching(BASE, async ({ out, dir, fetch }) => {
    // Somebody else's names of the same files.
    for (const name of ["small", "secret"]) {
      Deno.linkSync(`${out}/d/${name}`, `${dir}/${name}`);
    }
    Deno.chmodSync(`${out}/d/secret`, 0o622);
    const { bytesFetched } = await fetch({
      ...BASE,
      "d/small": [pattern(1000, 1), 0o755],
      "d/secret": [pattern(1001, 2), 0o622],
    });
    assertEquals(bytesFetched, 0n);
    const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;
    assertEquals([mode(`${dir}/small`), mode(`${out}/d/small`)], [
      0o644,
      0o755,
    ]);
    assert(inode(`${dir}/small`) !== inode(`${out}/d/small`));
    assert(
      inode(`${dir}/secret`) !== inode(`${out}/d/secret`),
      "others can write to it",
    );
    for (const name of ["small", "secret"]) Deno.removeSync(`${dir}/${name}`);
  }),
});

Deno.test({
  ...unless(onWindows, "nothing is taken from behind a link in the old tree"),
  fn: refetching(BASE, async ({ out, dir, fetch }) => {
    Deno.renameSync(`${out}/d`, `${dir}/elsewhere`);
    Deno.symlinkSync(`${dir}/elsewhere`, `${out}/d`);
    const { bytesFetched } = await fetch(BASE);
    assertEquals(bytesFetched, 2001n);
    assert(Deno.lstatSync(`${out}/d`).isDirectory);
    assertEquals(Deno.lstatSync(`${dir}/elsewhere/small`).nlink, 1);
    await Deno.remove(`${dir}/elsewhere`, { recursive: true });
  }),
});

Deno.test("a tree that may not be replaced is not even read", () =>
  inTempDir(async (dir) => {
    await using store = new MemoryStore();
    await using connection = connect(store);
    const ref = await publish(store, { a: pattern(10) });
    await Deno.mkdir(`${dir}/out`);
    await Deno.writeFile(`${dir}/out/a`, pattern(10));
    const { session } = connection;
    await assertRejects(
      () => fetchDir(session, ref, `${dir}/out`),
      ExistsError,
    );
  }));

/** A manifest with its entries backwards, and other spellings of their paths. */
async function backwards(store: MemoryStore, spec: Spec) {
  const ref = await publish(store, spec);
  if (ref.kind !== "small") throw new Error("too long");
  const { entries } = decodeDirManifest(await store.get(ref.hash) ?? ref.hash);
  return await storeManifest(store, entries.toReversed());
}

Deno.test({
  ...unless(
    onWindows,
    "a tree that is there is left in place, in whatever order its manifest names it",
  ),
  fn: refetching(BASE, async ({ out, store, fetch }) => {
    const before = inode(out);
    await using connection = connect(store);
    const again = async (spec: Spec) =>
      await fetchDir(connection.session, await backwards(store, spec), out, {
        replace: true,
      });
    const { isLeftInPlace, filesUnchanged } = await again(BASE);
    assertEquals([isLeftInPlace, filesUnchanged], [true, 4]);
    assertEquals(inode(out), before);
    const changed = { ...BASE, "d/small": pattern(1000, 7) };
    const result = await again(changed);
    assertEquals([result.isLeftInPlace, result.filesUnchanged], [false, 3]);
    assertEquals(result.bytesFetched, 1000n);
    assertEquals((await fetch(changed)).isLeftInPlace, true);
  }),
});

const NEIGHBOURS: Spec = {
  a: "/",
  "a-b": "/",
  "a-b/c": pattern(10, 1),
  "a.txt": pattern(11, 2),
  "a/b": "/",
  "a/b/c": pattern(12, 3),
  "a/b!": pattern(13, 4),
};

Deno.test({
  ...unless(
    onWindows,
    "directories that a manifest leaves out are no difference, whatever stands beside them",
  ),
  fn: refetching(NEIGHBOURS, async ({ out, store, fetch, preview }) => {
    const { a: _1, "a-b": _2, "a/b": _3, ...implied } = NEIGHBOURS;
    assertEquals((await preview(implied)).replaces, false);
    const { isLeftInPlace } = await fetch(implied);
    assertEquals(isLeftInPlace, true);
    await using connection = connect(store);
    const ref = await backwards(store, implied);
    const how = { replace: true };
    const result = await fetchDir(connection.session, ref, out, how);
    assertEquals(result.isLeftInPlace, true);
    // Without its only link a directory is made all the same.
    const linked = { ...implied, "a-d/link": "c" };
    Deno.mkdirSync(`${out}/a-d`);
    const skip = { links: "skip" } as const;
    assertEquals((await fetch(linked, skip)).isLeftInPlace, true);
    assertEquals((await fetch(implied)).isLeftInPlace, false);
    // One that has no contents is one too many.
    for (const empty of ["a/b/d", "a/0", "0", "z"]) {
      Deno.mkdirSync(`${out}/${empty}`);
      assertEquals((await fetch(implied)).isLeftInPlace, false, empty);
      assertEquals((await fetch(implied)).isLeftInPlace, true, empty);
    }
  }),
});

Deno.test({
  ...unless(
    onWindows,
    "a manifest in another order, or without its directories, is landed all the same",
  ),
  fn: refetching(BASE, async ({ out, store, fetch }) => {
    const { d: _, ...implied } = BASE;
    assertEquals((await fetch(implied)).isLeftInPlace, true);
    const bytes = pattern(1000, 1);
    const blob = await storePayload(store, bytes);
    const manifest = encodeDirManifest({
      version: 1,
      entries: [fileEntry("z", blob), fileEntry("a", blob)],
    });
    const ref = await storePayload(store, manifest);
    await using connection = connect(store);
    const { session } = connection;
    const result = await fetchDir(session, ref, out, { replace: true });
    assertEquals(result.bytesFetched, 0n);
    assertEquals(Deno.readFileSync(`${out}/a`), bytes);
  }),
});

Deno.test({
  ...unless(onWindows, "an unchanged tree that is fetched again is not hashed"),
  fn: refetching(BASE, async ({ out, dir, fetch }) => {
    const path = `${dir}/cache/hashes`;
    const open = () => {
      const now = () => Date.now() + 10_000;
      const hashCache = HashCache.open(path, { uid: Deno.uid(), now });
      const { find, add } = hashCache;
      const counts = { known: 0, hashed: 0 };
      hashCache.find = (...stamp) => {
        const hashes = find.apply(hashCache, stamp);
        if (hashes !== undefined) counts.known++;
        return hashes;
      };
      // Each file that is read is told of.
      hashCache.add = (...file) => {
        counts.hashed++;
        add.apply(hashCache, file);
      };
      return { hashCache, counts };
    };
    const runs = [];
    for (let run = 0; run < 3; run++) {
      const { hashCache, counts } = open();
      await fetch(BASE, { hashCache });
      hashCache.save();
      runs.push(counts);
    }
    const files = 4;
    assertEquals(runs, [
      { known: 0, hashed: files },
      { known: files, hashed: 0 },
      { known: files, hashed: 0 },
    ]);
    Deno.writeTextFileSync(`${out}/d/small`, "x");
    const { hashCache, counts } = open();
    await fetch(BASE, { hashCache });
    assertEquals(counts.known, files - 1);
  }),
});
